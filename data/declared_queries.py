"""A query that somebody declared in a file, run so that it can do nothing but read the tables it may read.

One statement, a SELECT; nothing is written; no table is read but those allowed, no function called whose answer depends
on more than its arguments; and it ends: after `SECONDS`, `MOST_ROWS` and `MOST_BYTES`. What a query does is never
guessed from its text: the database itself says it, SQLite through its authorizer (https://sqlite.org/c3ref/
set_authorizer.html, in `data.sqlite_reader`), PostgreSQL through the parse tree that it keeps of a view.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from data import sqlite_reader
from data import tables as sql_tables
from data.names import repeated
from data.tables import Rows, TableError

SECONDS = 10.0
MOST_ROWS = 500_000
MOST_BYTES = 64 * 2**20
LONGEST_SQL = 100_000
_TO_START = 5.0
"""Seconds in which a process is started, at most."""

# Atomic, for the number of ways to divide comments into comments grows without bound.
_BEGINS_AS_SELECT = re.compile(r"(?>\s+|--[^\n]*|/\*(?s:.*?)\*/)*+(select|with)\b", re.IGNORECASE)
_ONE_SELECT = "It must be exactly one statement, a SELECT or a WITH … SELECT"


def read(engine: Engine, sql: str, allowed: Collection[str]) -> Rows:
    """What a declared query finds.

    Parameters
    ----------
    allowed : collection of str
        Names of the tables that it may read.

    Raises
    ------
    TableError
        If the query is no single SELECT, reads another table, calls a function that is not allowed, passes a limit of
        time, rows or size, or the database refuses it.
    """
    if "\0" in sql or len(sql) > LONGEST_SQL:
        raise _refused(sql, f"It must have no NUL and at most {LONGEST_SQL} characters")
    if not _BEGINS_AS_SELECT.match(sql):
        raise _refused(sql, _ONE_SELECT)
    kind = engine.dialect.name
    if kind not in _READERS:
        raise _refused(sql, f"Nothing bounds a query on {kind}; keep the workspace on SQLite or PostgreSQL")
    try:
        return _READERS[kind](engine, sql, allowed)
    except SQLAlchemyError as error:
        raise _refused(sql, _cause(error)) from error


def _refused(sql: str, why: str) -> TableError:
    short = repeated(" ".join(sql[:400].split()))
    return TableError(f"The query cannot be run: {why}. The query is: {short}")


_PASSED: dict[str, Callable[[], str]] = {
    "seconds": lambda: f"It took more than {SECONDS:g} seconds. Let it read less",
    "rows": lambda: f"It gives more than {MOST_ROWS} rows. Let it read fewer",
    "bytes": lambda: (
        f"It gives more than {MOST_BYTES // 2**20} MiB, or a value of more than 1 MiB. Let it read less"
    ),
    "memory": lambda: (
        f"It needs more than {sqlite_reader.MEMORY_BYTES // 2**30} GiB of memory. Let it read less"
    ),
}


def _undeclared(tables: Iterable[str]) -> str:
    named = ", ".join(sorted(set(tables)))
    return f"It reads {named}, which is neither declared beside it nor was read by the training"


def _not_by_arguments(functions: Iterable[str]) -> str:
    named = ", ".join(sorted(set(functions)))
    return f"It uses {named}, and only functions whose answer depends on nothing but their arguments are run"


# --- SQLite


def _read_sqlite(engine: Engine, sql: str, allowed: Collection[str]) -> Rows:
    database = Path(engine.url.database or "").resolve()
    asked = {
        "address": f"{database.as_uri()}?mode=ro",
        "sql": sql,
        "allowed": list(allowed),
        "seconds": SECONDS,
        "most_rows": MOST_ROWS,
        "most_bytes": MOST_BYTES,
    }
    command = [sys.executable, "-I", sqlite_reader.__file__]
    # Kept open meanwhile: a reader alone may not make the files beside a database (WAL).
    with sql_tables.reading(engine):
        try:
            done = subprocess.run(
                command, input=json.dumps(asked).encode(), capture_output=True, timeout=SECONDS + _TO_START
            )
        except subprocess.TimeoutExpired as error:
            raise _refused(sql, _PASSED["seconds"]()) from error
    if done.returncode:
        # Killed by its limit of memory or of time, before it could say so.
        raise _refused(sql, _PASSED["memory"]())
    said = json.loads(done.stdout)
    kind = said.get("refused")
    if kind is None:
        return Rows(
            tuple(said["columns"]), tuple(tuple(map(sqlite_reader.value, row)) for row in said["rows"])
        )
    if kind in _PASSED:
        raise _refused(sql, _PASSED[kind]())
    what = str(said["what"])
    raise _refused(
        sql,
        {"statement": _ONE_SELECT, "table": _undeclared([what]), "function": _not_by_arguments([what])}.get(
            kind, what
        ),
    )


# --- PostgreSQL

# The text travels as a value and is never put into a statement before the server has said that it is one query:
# plpgsql opens a cursor for one only ("cannot open multi-query plan"), whatever the driver would let through.
_OPEN = """
DO $crumbtrail$
DECLARE found CONSTANT refcursor := 'crumbtrail_found';
BEGIN OPEN found NO SCROLL FOR EXECUTE current_setting('crumbtrail.query'); END $crumbtrail$
"""
_KEEP_AS_VIEW = """
DO $crumbtrail$
BEGIN EXECUTE 'CREATE TEMPORARY VIEW crumbtrail_query AS ' || current_setting('crumbtrail.query'); END $crumbtrail$
"""
_TREE = "SELECT ev_class::bigint, ev_action::text FROM pg_rewrite WHERE ev_class = 'pg_temp.crumbtrail_query'::regclass"
# Counted on the server: a driver would hold all of it before it could be counted here.
_COUNT = """
DO $crumbtrail$
DECLARE one record; many bigint := 0; size bigint := 0; said text := '';
BEGIN
  FOR one IN EXECUTE current_setting('crumbtrail.query') LOOP
    many := many + 1; size := size + octet_length(one::text);
    IF many > {rows} THEN said := 'rows'; EXIT; END IF;
    IF size > {size} THEN said := 'bytes'; EXIT; END IF;
  END LOOP;
  PERFORM set_config('crumbtrail.passed', said, true);
END $crumbtrail$
"""
_RELATION = re.compile(r":relid (\d+)")
_FUNCTION = re.compile(r":(?:funcid|opfuncid|aggfnoid|winfnoid|tsmhandler) (\d+)")
_OPERATOR = re.compile(r":(?:opno|eqop|sortop) (\d+)")
_BAD_CURSOR, _TIMED_OUT = "42P11", "57014"


def _read_postgresql(engine: Engine, sql: str, allowed: Collection[str]) -> Rows:
    # Its view lasts as long as the connection alone, so it takes no turn among the writers.
    with engine.connect().execution_options(crumbtrail_read_only=True) as connection:
        try:
            # One state for all steps, so that what is counted is what is read.
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            connection.execute(text(f"SET LOCAL statement_timeout = {int(SECONDS * 1000)}"))
            connection.execute(text("SELECT set_config('crumbtrail.query', :sql, true)"), {"sql": sql})
            with connection.begin_nested() as tried:
                connection.execute(text("SET TRANSACTION READ ONLY"))
                _do(connection, _OPEN)
                tried.rollback()
            _do(connection, _KEEP_AS_VIEW)
            refusal = _refusal(connection, allowed)
            if refusal:
                raise _refused(sql, refusal)
            connection.execute(text("SET TRANSACTION READ ONLY"))
            _do(connection, _COUNT.format(rows=MOST_ROWS, size=MOST_BYTES))
            passed = connection.execute(text("SELECT current_setting('crumbtrail.passed')")).scalar()
            if passed:
                raise _refused(sql, _PASSED[passed]())
            _do(connection, _OPEN)
            result = connection.execute(text("FETCH ALL FROM crumbtrail_found"))
            return Rows(tuple(result.keys()), tuple(tuple(row) for row in result))
        finally:
            # The view goes with the transaction.
            connection.rollback()


def _do(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _refusal(connection: Connection, allowed: Collection[str]) -> str:
    """Why the query that is kept as a view may not run, by its parse tree; empty where it may."""
    view, tree = connection.execute(text(_TREE)).one()
    tables = [
        connection.execute(
            text("SELECT to_regclass(quote_ident(:name))::oid::bigint"), {"name": name}
        ).scalar()
        for name in allowed
    ]
    relations = {int(oid) for oid in _RELATION.findall(tree)} - {0, view, *tables}
    if relations:
        return _undeclared(
            _names(connection, "SELECT oid::regclass::text FROM pg_class WHERE oid", relations)
        )
    if "{SQLVALUEFUNCTION " in tree:
        return _not_by_arguments(["the time or the user"])
    operators = _names(
        connection, "SELECT oprcode::oid::text FROM pg_operator WHERE oid", _oids(_OPERATOR, tree)
    )
    used = _oids(_FUNCTION, tree) | {int(oid) for oid in operators}
    other = "(provolatile <> 'i' OR pronamespace <> 'pg_catalog'::regnamespace)"
    unsafe = _names(connection, f"SELECT proname::text FROM pg_proc WHERE {other} AND oid", used)  # noqa: S608
    return _not_by_arguments(unsafe) if unsafe else ""


def _oids(pattern: re.Pattern[str], tree: str) -> set[int]:
    return {int(oid) for oid in pattern.findall(tree)}


def _names(connection: Connection, select: str, oids: set[int]) -> list[str]:
    numbers = ", ".join(map(str, oids or {0}))
    return [str(name) for name in connection.execute(text(f"{select} IN ({numbers})")).scalars()]


def _cause(error: SQLAlchemyError) -> str:
    original: Any = getattr(error, "orig", None) or error
    state = getattr(original, "sqlstate", None) or getattr(original, "pgcode", None)
    if state == _BAD_CURSOR:
        return _ONE_SELECT
    if state == _TIMED_OUT:
        return _PASSED["seconds"]()
    return str(original).strip().splitlines()[0]


_READERS: dict[str, Callable[[Engine, str, Collection[str]], Rows]] = {
    "sqlite": _read_sqlite,
    "postgresql": _read_postgresql,
}
