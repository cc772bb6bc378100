"""SQL tables of the workspace: filled once from a file, read by a declared query, fingerprinted."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785
from sqlalchemy import Column, Connection, Engine, Float, Integer, MetaData, String, Table, inspect
from sqlalchemy.exc import SQLAlchemyError

from data import numerals, workspace
from data.failures import CrumbtrailError
from data.names import did_you_mean, repeated, two_spellings

Value = int | float | str | None
# From which file each table was filled. Kept by this module and no dataset, therefore in no list of tables.
_SOURCES = Table(
    "table_sources",
    MetaData(),
    Column("name", String(200), primary_key=True),
    Column("file", String(1000), nullable=False),
    Column("digest", String(64)),
)
_SQL_TYPES: dict[str, Any] = {"integer": Integer, "real": Float(precision=53), "text": String}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The file that a table was filled from.

    Attributes
    ----------
    file : str
        Its place in the repository, or among the projects as ``projects/…``; its name alone where it lay elsewhere.
    digest : str or None
        SHA-256 of its content then; None where the table was there already and holds other rows.
    """

    file: str
    digest: str | None

    def now(self) -> str:
        """What is there now: ``"same"``, ``"changed"``, ``"gone"``, or ``"unknown"`` where nothing can be compared."""
        if self.digest is None or "/" not in self.file:
            return "unknown"
        root = workspace.projects() if self.file.startswith(_PROJECTS) else workspace.ROOT
        path = root / self.file.removeprefix(_PROJECTS)
        try:
            return "same" if _digest(path) == self.digest else "changed"
        except OSError:
            return "gone"


_PROJECTS = "projects/"
_READ_ONE_STATE = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


class TableError(CrumbtrailError):
    """A table or query cannot be read; the message names it and says what to do."""


_PARSERS: dict[str, Callable[[str], Value]] = {
    "integer": numerals.exact_whole,
    "real": numerals.number,
    "text": str,
}


@dataclass(frozen=True, slots=True)
class Rows:
    """The result of a query: column names, and one tuple of values a row, in the query's order."""

    columns: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]

    def row_digests(self) -> list[str]:
        """SHA-256 of each row as canonical JSON (RFC 8785), in order; raises as `fingerprint`."""
        return [hashlib.sha256(line).hexdigest() for line in self._lines()]

    def fingerprint(self) -> str:
        """SHA-256 over the column names and every row, in order; the identity of this content.

        Each line that is hashed is canonical JSON (RFC 8785), so the value depends neither on the
        database nor on how it prints a number.

        Raises
        ------
        TableError
            For a value that JSON cannot hold exactly: bytes, an infinity, an integer beyond 2^53.
        """
        digest = hashlib.sha256()
        for line in (rfc8785.dumps(list(self.columns)), *self._lines()):
            digest.update(line + b"\n")
        return digest.hexdigest()

    def _lines(self) -> Iterator[bytes]:
        for number, row in enumerate(self.values, start=1):
            try:
                yield rfc8785.dumps(list(row))
            except rfc8785.CanonicalizationError as error:
                raise TableError(
                    f"The result has no fingerprint, because of row {number}: {error}."
                ) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state and on which nothing can be written, whatever SQL it is given."""
    with engine.connect().execution_options(crumbtrail_read_only=True) as connection:
        sqlite = connection.dialect.name == "sqlite"
        connection.exec_driver_sql("PRAGMA query_only = ON" if sqlite else _READ_ONE_STATE)
        try:
            yield connection
        finally:
            connection.rollback()
            if sqlite:
                # The pragma belongs to the pooled connection and outlives the rollback.
                connection.exec_driver_sql("PRAGMA query_only = OFF")
                connection.rollback()


def query(engine: Engine, sql: str) -> Rows:
    """Run a query that only reads, and return what it found.

    Raises
    ------
    TableError
        If the database refuses the query, or the query would write.
    """
    try:
        with reading(engine) as connection:
            # Without parameters, so that a colon or a per cent sign in the query is only a character.
            result = connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
            return Rows(tuple(result.keys()), tuple(tuple(row) for row in result))
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise TableError(
            f"The query cannot be run: {cause}. The query is: {' '.join(sql.split())}"
        ) from error


def names(engine: Engine) -> list[str]:
    """Names of the tables in the workspace's database, sorted."""
    return sorted(set(inspect(engine).get_table_names()) - {_SOURCES.name})


def source_of(engine: Engine, table: str) -> SourceFile | None:
    """The file that a table was filled from; None where nothing is noted of it."""
    with reading(engine) as connection:
        if not inspect(connection).has_table(_SOURCES.name):
            return None
        found = connection.execute(_SOURCES.select().where(_SOURCES.c.name == table)).one_or_none()
    return None if found is None else SourceFile(found.file, found.digest)


def ingest_csv(engine: Engine, table: str, types: dict[str, str], path: Path) -> bool:
    """Copy a CSV file into a new SQL table, in one transaction; leave an existing table alone.

    The file's digest is noted beside the table (`source_of`). Where an existing table has no such note, for it was
    filled by an early Crumbtrail, the note is made if it holds what the file says.

    Parameters
    ----------
    engine : Engine
    table : str
        Name of the table.
    types : dict of str to {"integer", "real", "text"}
        The columns in order; the first is the primary key. The file's header must name the same.
    path : Path
        A UTF-8 CSV file with a header.

    Returns
    -------
    bool
        True if the table was made now, False if it was there.

    Raises
    ------
    TableError
        If the file cannot be read, has no rows, another header, a value that is not of its column's
        type, a text in two Unicode spellings, or a key twice; then no table is made.
    """
    if inspect(engine).has_table(table):
        if source_of(engine, table) is None:
            _note_early_source(engine, table, types, path)
        return False
    # Before it is read: a file that changes meanwhile must not be noted as it was not read.
    digest = digest_of(path)
    rows = read_csv(path, types)
    with engine.begin() as connection:
        # Another process may have made it since we looked; the transaction decides.
        if inspect(connection).has_table(table):
            return False
        _make(connection, table, types, rows)
        note_source(connection, table, path, digest)
    return True


def _make(connection: Connection, table: str, types: dict[str, str], rows: list[dict[str, Value]]) -> None:
    columns: list[Column[Any]] = [
        Column(name, _SQL_TYPES[kind], primary_key=not at, autoincrement=False, nullable=False)
        for at, (name, kind) in enumerate(types.items())
    ]
    definition = Table(table, MetaData(), *columns)
    definition.create(connection)
    connection.execute(definition.insert(), rows)


def note_source(connection: Connection, table: str, path: Path, digest: str | None) -> None:
    """Note of a table by which file, of which content, it was filled."""
    _SOURCES.create(connection, checkfirst=True)
    connection.execute(_SOURCES.delete().where(_SOURCES.c.name == table))
    connection.execute(_SOURCES.insert().values(name=table, file=_place(path), digest=digest))


def _note_early_source(engine: Engine, table: str, types: dict[str, str], path: Path) -> None:
    columns = ", ".join(f'"{name}"' for name in types)
    digest: str | None = digest_of(path)
    try:
        there = query(engine, f'SELECT {columns} FROM "{table}"')  # noqa: S608  # names that the dataset gives
        same = {row[0]: row for row in there.values} == {
            next(iter(row.values())): tuple(row.values()) for row in read_csv(path, types)
        }
    except TableError:
        # Another table than this file's, or a file that cannot be read: nothing is known of where it came from.
        same = False
    with engine.begin() as connection:
        note_source(connection, table, path, digest if same else None)


def _place(path: Path) -> str:
    path = path.resolve()
    for root, before in ((workspace.projects(), _PROJECTS), (workspace.ROOT, "")):
        if path.is_relative_to(root):
            return before + path.relative_to(root).as_posix()
    return path.name


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(path: Path) -> str:
    """SHA-256 of a file that fills a table; raises `TableError` where it cannot be read."""
    try:
        return _digest(path)
    except (OSError, ValueError) as error:
        raise TableError(
            f"{repeated(path.name)} cannot be read as a CSV file: {repeated(str(error))}."
        ) from error


def read_csv(path: Path, types: dict[str, str]) -> list[dict[str, Value]]:
    """The rows of a file that fills a table, by their columns; raises as `ingest_csv`."""
    rows: dict[Value, dict[str, Value]] = {}
    key = next(iter(types))
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            header: Sequence[str] = next(reader, [])
            if list(header) != list(types):
                others = [name for name in header[:99] if name not in types]
                hint = next(filter(None, (did_you_mean(name, types) for name in others)), "")
                raise TableError(
                    f"{path.name} has the columns {repeated(', '.join(header))}; it must have {', '.join(types)}.{hint}"
                )
            for line in reader:
                row = _parse(line, types, f"{path.name}, line {reader.line_num}")
                if row[key] in rows:
                    raise TableError(
                        f"{path.name}, line {reader.line_num}: {key} {repeated(str(row[key]))} is there twice."
                    )
                rows[row[key]] = row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"{path.name} cannot be read as a CSV file in UTF-8: {error}.") from error
    if not rows:
        raise TableError(f"{path.name} has no rows.")
    for name in (name for name, kind in types.items() if kind == "text"):
        twice = two_spellings(str(row[name]) for row in rows.values())
        if twice is not None:
            raise TableError(
                f"{path.name} has {twice[0]} in the column {name} in two Unicode spellings ({twice[0]!a} and "
                f"{twice[1]!a}). Write both alike."
            )
    return list(rows.values())


def _parse(line: list[str], types: dict[str, str], where: str) -> dict[str, Value]:
    if len(line) != len(types):
        raise TableError(f"{where} has {len(line)} values; it must have {len(types)}.")
    try:
        return {name: _PARSERS[kind](cell) for cell, (name, kind) in zip(line, types.items(), strict=True)}
    except ValueError as error:
        raise TableError(f"{where}: {error}.") from error
