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
from sqlalchemy import Column, Connection, Engine, Float, Integer, MetaData, String, Table, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from data.failures import CrumbtrailError

Value = int | float | str | None
_SQL_TYPES: dict[str, Any] = {"integer": Integer, "real": Float(precision=53), "text": String}
_PARSERS: dict[str, Callable[[str], Value]] = {"integer": int, "real": float, "text": str}


class TableError(CrumbtrailError):
    """A table or query cannot be read; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The result of a query: column names, and one tuple of values a row, in the query's order."""

    columns: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]

    def row_digests(self) -> list[str]:
        """SHA-256 of each row as canonical JSON (RFC 8785), in order."""
        return [hashlib.sha256(rfc8785.dumps(list(row))).hexdigest() for row in self.values]

    def fingerprint(self) -> str:
        """SHA-256 over the column names and every row, in order; the identity of this content.

        Each line that is hashed is canonical JSON (RFC 8785), so the value depends neither on the
        database nor on how it prints a number.
        """
        digest = hashlib.sha256()
        digest.update(rfc8785.dumps(list(self.columns)) + b"\n")
        for row in self.values:
            digest.update(rfc8785.dumps(list(row)) + b"\n")
        return digest.hexdigest()


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
            result = connection.execute(text(sql))
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
        If the header differs or a value is not of its column's type; then no table is made.
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
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header: Sequence[str] = next(reader, [])
        if list(header) != list(types):
            raise TableError(
                f"{path.name} has the columns {', '.join(header)}; it must have {', '.join(types)}."
            )
        rows: list[dict[str, Value]] = []
        for line in reader:
            try:
                values = [_PARSERS[kind](cell) for cell, kind in zip(line, types.values(), strict=True)]
            except ValueError as error:
                raise TableError(f"{path.name}, line {reader.line_num}: {error}.") from error
            rows.append(dict(zip(types, values, strict=True)))
    return rows
