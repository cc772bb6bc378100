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

from data import numerals
from data.failures import CrumbtrailError

Value = int | float | str | None
_SQL_TYPES: dict[str, Any] = {"integer": Integer, "real": Float(precision=53), "text": String}


class TableError(CrumbtrailError):
    """A table or query cannot be read; the message names it and says what to do."""


_PARSERS: dict[str, Callable[[str], Value]] = {
    "integer": numerals.whole,
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
    """A connection on which nothing can be written, whatever SQL it is given."""
    with engine.connect().execution_options(crumbtrail_read_only=True) as connection:
        sqlite = connection.dialect.name == "sqlite"
        connection.exec_driver_sql("PRAGMA query_only = ON" if sqlite else "SET TRANSACTION READ ONLY")
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
    return sorted(inspect(engine).get_table_names())


def ingest_csv(engine: Engine, table: str, types: dict[str, str], path: Path) -> bool:
    """Copy a CSV file into a new SQL table, in one transaction; leave an existing table alone.

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
        type, or a key twice; then no table is made.
    """
    if inspect(engine).has_table(table):
        return False
    rows = _read_csv(path, types)
    columns: list[Column[Any]] = [
        Column(name, _SQL_TYPES[kind], primary_key=index == 0, autoincrement=False, nullable=False)
        for index, (name, kind) in enumerate(types.items())
    ]
    definition = Table(table, MetaData(), *columns)
    with engine.begin() as connection:
        # Another process may have made it since we looked; the transaction decides.
        if inspect(connection).has_table(table):
            return False
        definition.create(connection)
        connection.execute(definition.insert(), rows)
    return True


def _read_csv(path: Path, types: dict[str, str]) -> list[dict[str, Value]]:
    rows: dict[Value, dict[str, Value]] = {}
    key = next(iter(types))
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            header: Sequence[str] = next(reader, [])
            if list(header) != list(types):
                raise TableError(
                    f"{path.name} has the columns {', '.join(header)}; it must have {', '.join(types)}."
                )
            for line in reader:
                row = _parse(line, types, f"{path.name}, line {reader.line_num}")
                if row[key] in rows:
                    raise TableError(f"{path.name}, line {reader.line_num}: {key} {row[key]} is there twice.")
                rows[row[key]] = row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"{path.name} cannot be read as a CSV file in UTF-8: {error}.") from error
    if not rows:
        raise TableError(f"{path.name} has no rows.")
    return list(rows.values())


def _parse(line: list[str], types: dict[str, str], where: str) -> dict[str, Value]:
    if len(line) != len(types):
        raise TableError(f"{where} has {len(line)} values; it must have {len(types)}.")
    try:
        return {name: _PARSERS[kind](cell) for cell, (name, kind) in zip(line, types.items(), strict=True)}
    except ValueError as error:
        raise TableError(f"{where}: {error}.") from error
