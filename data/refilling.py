"""A table is filled again from its file, once somebody has seen what that changes: all of it, or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from data import tables
from data.dataset_types import FiledTable
from data.tables import Rows, TableError, Value


@dataclass(frozen=True, slots=True)
class Change:
    """What filling a table again changes: rows by their keys, and fingerprints (SHA-256, by key) before and after."""

    table: str
    file: str
    added: tuple[Value, ...]
    removed: tuple[Value, ...]
    changed: tuple[Value, ...]
    before: str
    after: str


def refill(engine: Engine, filed: FiledTable, write: bool) -> Change:
    """Compare a table with its file, and with ``write`` put the file's rows in its place, in one transaction.

    The note of the file that filled it is renewed too, also where no row differs: then only the file's form changed.

    Raises
    ------
    TableError
        If there is no table yet, either cannot be read, or the database refuses to write; then nothing is changed.
    """
    # Before it is read: a file that changes meanwhile must not be noted as it was not read.
    digest = tables.digest_of(filed.path)
    rows = tables.read_csv(filed.path, filed.types)
    new = Rows(tuple(filed.types), tuple(tuple(row.values()) for row in rows))
    try:
        if not write:
            with tables.reading(engine) as connection:
                return _change(filed, _rows_of(connection, filed), new)
        # Read by the transaction that writes, so that what is told is what was there.
        with engine.begin() as connection:
            found = _change(filed, _rows_of(connection, filed), new)
            marks = ", ".join(f":c{at}" for at in range(len(filed.types)))
            connection.execute(text(f"DELETE FROM {_quoted(filed.name)}"))  # noqa: S608  # the dataset names it
            connection.execute(
                text(f"INSERT INTO {_quoted(filed.name)} ({_columns(filed)}) VALUES ({marks})"),  # noqa: S608
                [{f"c{at}": value for at, value in enumerate(row)} for row in new.values],
            )
            tables.note_source(connection, filed.name, filed.path, digest)
            return found
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise TableError(
            f"Table {filed.name} cannot be filled from {filed.path.name}: {cause}. It is as it was."
        ) from error


def _rows_of(connection: Connection, filed: FiledTable) -> Rows:
    if not inspect(connection).has_table(filed.name):
        raise TableError(
            f"There is no table {filed.name} yet. Loading its dataset fills it from {filed.path.name}."
        )
    found = connection.execute(text(f"SELECT {_columns(filed)} FROM {_quoted(filed.name)}"))  # noqa: S608
    return Rows(tuple(filed.types), tuple(tuple(row) for row in found))


def _change(filed: FiledTable, before: Rows, after: Rows) -> Change:
    old, new = ({row[0]: row for row in rows.values} for rows in (before, after))
    return Change(
        table=filed.name,
        file=filed.path.name,
        added=tuple(key for key in new if key not in old),
        removed=tuple(key for key in old if key not in new),
        changed=tuple(key for key, row in new.items() if key in old and old[key] != row),
        before=_by_key(before).fingerprint(),
        after=_by_key(after).fingerprint(),
    )


def _by_key(rows: Rows) -> Rows:
    # A key is of one type throughout, as the table's first column is.
    return Rows(rows.columns, tuple(sorted(rows.values, key=lambda row: row[0])))  # type: ignore[arg-type,return-value]


def _columns(filed: FiledTable) -> str:
    return ", ".join(map(_quoted, filed.types))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
