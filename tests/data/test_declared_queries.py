"""Declared queries read what they may, and every attack on them does nothing: on real SQLite and real PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine

from data import declared_queries, iris, workspace
from data.declared_queries import MOST_ROWS
from data.tables import TableError
from tests import postgres

ONE_SELECT = "exactly one statement, a SELECT"
UNDECLARED = "neither declared beside it nor was read by the training"
NOT_ALLOWED = "only functions whose answer depends on nothing but their arguments"
SECONDS = 2.0
ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT {} FROM c"
_DOUBLED = ", ".join(
    f"a{n} AS (SELECT * FROM a{n - 1} UNION ALL SELECT * FROM a{n - 1})"  # noqa: S608
    for n in range(1, 40)
)
DOUBLED = f"WITH a0 AS (SELECT 1 AS x), {_DOUBLED} SELECT count(*) FROM a39"  # noqa: S608


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres.server() as address:
        yield address


def filled(engine: Engine) -> Engine:
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS sessions")
        connection.exec_driver_sql("CREATE TABLE sessions (who TEXT, host TEXT)")
        connection.exec_driver_sql("INSERT INTO sessions VALUES ('ada', 'box')")
    return engine


@pytest.fixture
def sqlite(home: Path) -> Engine:
    iris.put_in_place()
    return filled(workspace.engine())


@pytest.fixture
def postgresql(home: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The workspace's database, in the hands of a superuser: what a query may not do, nothing else prevents."""
    monkeypatch.setenv("CRUMBTRAIL_DB", server)
    iris.put_in_place()
    engine = filled(workspace.engine())
    yield engine
    engine.dispose()


def refused(engine: Engine, sql: str, said: str) -> None:
    """The query is refused with these words, within its time, and both tables are as before."""
    before, started = held(engine), time.perf_counter()
    with pytest.raises(TableError) as caught:
        declared_queries.read(engine, sql, ["iris"])
    assert said in str(caught.value)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 600
    assert time.perf_counter() - started < declared_queries.SECONDS + 8
    assert held(engine) == before


def held(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return [
            connection.exec_driver_sql("SELECT count(*), sum(petal_width) FROM iris").one(),
            connection.exec_driver_sql("SELECT * FROM sessions").all(),
        ]


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Where the clock is to end a query it does so soon; where another limit is, a slow machine has time for that."""
    said = request.node.callspec.params["said"]
    by_clock = "seconds" in said or said.startswith("Let it read")
    monkeypatch.setattr(declared_queries, "SECONDS", SECONDS if by_clock else 120.0)


ALLOWED = {
    iris.QUERY: 150,
    "-- mine\n/* and yours */ SELECT 1 AS one": 1,
    "SELECT flower_id FROM iris WHERE flower_id < 3;": 2,
    "SELECT 'a;b' AS text, ';' AS \"odd;name\"": 1,
    "WITH long AS (SELECT * FROM iris WHERE petal_length > 5) SELECT species, count(*) AS n FROM long GROUP BY 1": 2,
    "WITH a AS (SELECT 1 AS x) SELECT count(*) AS n FROM a": 1,
    "SELECT count(*) AS n FROM (SELECT 1 AS one FROM iris) AS inside": 1,
    "SELECT count(*) AS n FROM IRIS": 1,
    "SELECT upper(species) AS s, round(avg(petal_length)) AS l, max(petal_width) - min(petal_width) AS w "
    "FROM iris GROUP BY 1 HAVING count(*) > 1 ORDER BY 1": 3,
    "SELECT flower_id, row_number() OVER (ORDER BY petal_length, flower_id) AS n FROM iris": 150,
    "SELECT a.flower_id FROM iris a JOIN iris b ON a.flower_id = b.flower_id + 1": 149,
    "SELECT species FROM iris WHERE species LIKE 'v%' AND flower_id IN (51, 101) OR NOT (flower_id > 1)": 3,
}


@pytest.mark.parametrize("sql", ALLOWED)
def test_what_a_query_is_for_works_on_sqlite(sqlite: Engine, sql: str) -> None:
    assert len(declared_queries.read(sqlite, sql, ["iris"]).values) == ALLOWED[sql]


@pytest.mark.parametrize("sql", ALLOWED)
def test_what_a_query_is_for_works_on_postgresql(postgresql: Engine, sql: str) -> None:
    assert len(declared_queries.read(postgresql, sql, ["iris"]).values) == ALLOWED[sql]


def test_both_databases_give_the_same_fingerprint(sqlite: Engine, postgresql: Engine) -> None:
    first, second = (declared_queries.read(engine, iris.QUERY, ["iris"]) for engine in (sqlite, postgresql))
    assert first == second
    assert first.fingerprint() == iris.load().fingerprint


# What is no query at all, on any database.
NO_SELECT = (
    *(
        "",
        ";",
        "COMMIT",
        "ROLLBACK",
        "VACUUM",
        "VALUES (1)",
        "EXPLAIN SELECT 1",
        "DELETE FROM iris",
        "DROP TABLE iris",
    ),
    *(
        "UPDATE sessions SET who = 'eve'",
        "INSERT INTO sessions VALUES ('eve', 'x') RETURNING who",
        "TABLE iris",
    ),
    *(
        "COMMIT; DELETE FROM iris",
        "/* SELECT */ DELETE FROM iris",
        "-- SELECT\nDELETE FROM iris",
        "/**/" * 20_000 + "x",
    ),
    *("SELECT 1; DELETE FROM iris", "SELECT 1; COMMIT; DELETE FROM iris", "SELECT 1; SELECT 2"),
    *("WITH a AS (SELECT 1) DELETE FROM iris", "WITH a AS (SELECT 1) UPDATE sessions SET who = 'eve'"),
)


@pytest.mark.parametrize(
    "sql", [*NO_SELECT, "ATTACH 'evil.db' AS evil", "PRAGMA user_version", "PRAGMA query_only = OFF"]
)
def test_what_is_no_single_select_is_refused_on_sqlite(
    sqlite: Engine, sql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused(sqlite, sql, ONE_SELECT)
    assert not list(tmp_path.glob("evil*"))


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT who, host FROM sessions", UNDECLARED),
        ("SELECT count(*) FROM sessions", UNDECLARED),
        ("SELECT count(*) FROM main.SESSIONS", UNDECLARED),
        ("SELECT count(*) FROM Sessions AS iris", UNDECLARED),
        ("SELECT count(*) FROM SQLITE_MASTER", UNDECLARED),
        ("SELECT (SELECT who FROM sessions) FROM iris", UNDECLARED),
        ("SELECT 1 FROM iris WHERE EXISTS (SELECT 1 FROM sessions WHERE who = 'ada')", UNDECLARED),
        ("WITH iris AS (SELECT * FROM main.sessions) SELECT * FROM iris", UNDECLARED),
        ("SELECT * FROM sqlite_master", UNDECLARED),
        ("SELECT * FROM pragma_table_info('iris')", ""),
        ("SELECT zeroblob(1000000000)", NOT_ALLOWED),
        ("SELECT printf('%.*c', 1000000000, 'x')", NOT_ALLOWED),
        ("SELECT random()", NOT_ALLOWED),
        ("SELECT datetime('now')", NOT_ALLOWED),
        ("SELECT CURRENT_TIMESTAMP", NOT_ALLOWED),
        ("SELECT load_extension('/tmp/evil.so')", ""),
        ("SELECT replace(hex('" + "x" * 50_000 + "'), '7', '" + "y" * 40_000 + "')", "MiB"),
        ("SELECT 1 AS a\0", "NUL"),
        ("SELECT 1 -- " + "x" * 100_000, "at most 100000 characters"),
        ("SELECT absent FROM iris", "no such column: absent"),
        ("SELECT CAST(x'ff' AS TEXT)", "decode"),
    ],
)
def test_what_a_query_may_not_do_on_sqlite(sqlite: Engine, sql: str, said: str) -> None:
    refused(sqlite, sql, said)


@pytest.mark.usefixtures("_soon")
@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (ENDLESS.format("count(*)"), "It took more than 2 seconds"),
        (ENDLESS.format("x"), f"It gives more than {MOST_ROWS} rows"),
        (ENDLESS.format("hex(hex(hex('" + "x" * 10_000 + "')))"), "It gives more than 64 MiB"),
        ("SELECT count(*) FROM iris a, iris b, iris c, iris d, iris e", "It took more than 2 seconds"),
        (DOUBLED, "Let it read less"),
    ],
)
def test_an_endless_query_on_sqlite_ends(sqlite: Engine, sql: str, said: str) -> None:
    refused(sqlite, sql, said)


@pytest.mark.parametrize("sql", NO_SELECT)
def test_what_is_no_single_select_is_refused_on_postgresql(postgresql: Engine, sql: str) -> None:
    refused(postgresql, sql, ONE_SELECT)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT who, host FROM sessions", UNDECLARED),
        ("SELECT count(*) FROM sessions", UNDECLARED),
        ("SELECT (SELECT who FROM sessions) FROM iris", UNDECLARED),
        ("WITH iris AS (SELECT * FROM public.sessions) SELECT * FROM iris", UNDECLARED),
        ("SELECT rolname, rolpassword FROM pg_authid", UNDECLARED),
        ("SELECT * FROM pg_read_file('/etc/passwd') AS a", NOT_ALLOWED),
        ("SELECT pg_read_file('/etc/passwd')", NOT_ALLOWED),
        ("SELECT ('/etc/passwd'::text).pg_read_file", ""),
        ("SELECT 1 AS a FROM iris LIMIT length(pg_read_file('/etc/passwd'))", NOT_ALLOWED),
        ("SELECT 1 AS a FROM iris ORDER BY pg_sleep(60)::text", NOT_ALLOWED),
        ("SELECT lo_import('/etc/passwd')", NOT_ALLOWED),
        ("SELECT lo_from_bytea(0, 'x')", NOT_ALLOWED),
        ("SELECT lo_export(1, '/tmp/evil')", NOT_ALLOWED),
        ("SELECT query_to_xml('SELECT * FROM sessions', true, true, '')", NOT_ALLOWED),
        ("SELECT set_config('statement_timeout', '0', false)", NOT_ALLOWED),
        ("SELECT pg_terminate_backend(1)", NOT_ALLOWED),
        ("SELECT pg_advisory_lock(1)::text AS a", NOT_ALLOWED),
        ("SELECT dblink('', 'DELETE FROM iris')", "does not exist"),
        ("SELECT now()", NOT_ALLOWED),
        ("SELECT current_user", NOT_ALLOWED),
        ("SELECT random()", NOT_ALLOWED),
        ("SELECT * FROM iris TABLESAMPLE BERNOULLI (50)", NOT_ALLOWED),
        ("SELECT evil()", NOT_ALLOWED),
        ("SELECT 1 |-| 2", NOT_ALLOWED),
        ("SELECT * INTO evil FROM iris", ""),
        ("SELECT * FROM iris FOR UPDATE", ""),
        ("WITH gone AS (DELETE FROM iris RETURNING *) SELECT * FROM gone", ""),
        ("SELECT 1; COPY sessions TO PROGRAM 'touch /tmp/evil'", ONE_SELECT),
        ("COPY sessions TO PROGRAM 'touch /tmp/evil'", ONE_SELECT),
        ("SELECT $crumbtrail$; END $crumbtrail$; DELETE FROM iris", ""),
        ("SELECT 1 AS a\0", "NUL"),
        ("SELECT absent FROM iris", 'column "absent" does not exist'),
    ],
)
def test_what_a_query_may_not_do_on_postgresql(postgresql: Engine, sql: str, said: str) -> None:
    with postgresql.begin() as connection:
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION evil() RETURNS int LANGUAGE sql AS 'DELETE FROM iris; SELECT 1'"
        )
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION evil(int, int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1'"
        )
        connection.exec_driver_sql("DROP OPERATOR IF EXISTS |-| (int, int)")
        connection.exec_driver_sql("CREATE OPERATOR |-| (FUNCTION = evil, LEFTARG = int, RIGHTARG = int)")
    Path("/tmp/evil").unlink(missing_ok=True)  # noqa: S108
    refused(postgresql, sql, said)
    assert not Path("/tmp/evil").exists()  # noqa: S108


@pytest.mark.usefixtures("_soon")
@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (ENDLESS.format("count(*)"), "It took more than 2 seconds"),
        (ENDLESS.format("sum(x::numeric)"), "It took more than 2 seconds"),
        ("SELECT * FROM generate_series(1, 100000000) AS x", "Let it read"),
        ("SELECT repeat('x', 70000000) AS a", "It gives more than 64 MiB"),
        ("SELECT repeat('x', 1000000) AS a FROM iris", "It gives more than 64 MiB"),
        ("SELECT count(*) FROM iris a, iris b, iris c, iris d, iris e", "It took more than 2 seconds"),
    ],
)
def test_an_endless_query_on_postgresql_ends(postgresql: Engine, sql: str, said: str) -> None:
    refused(postgresql, sql, said)


def test_rows_are_counted_on_postgresql(postgresql: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared_queries, "MOST_ROWS", 149)
    refused(postgresql, iris.QUERY, "It gives more than 149 rows")
    monkeypatch.setattr(declared_queries, "MOST_ROWS", 150)
    assert len(declared_queries.read(postgresql, iris.QUERY, ["iris"]).values) == 150


def test_nothing_is_left_behind_on_postgresql(postgresql: Engine) -> None:
    for _ in range(2):
        declared_queries.read(postgresql, iris.QUERY, ["iris"])
    with postgresql.begin() as connection:
        views = connection.exec_driver_sql(
            "SELECT count(*) FROM pg_class WHERE relname = 'crumbtrail_query'"
        ).scalar()
        assert views == 0
        # The connection can write again.
        connection.exec_driver_sql("UPDATE sessions SET who = who")


def test_a_view_reads_nothing_that_may_not_be_read_itself(sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        connection.exec_driver_sql("CREATE VIEW flowers AS SELECT species FROM iris")
        connection.exec_driver_sql("CREATE VIEW people AS SELECT who FROM sessions")
    sql = "SELECT DISTINCT species FROM flowers"
    assert len(declared_queries.read(sqlite, sql, ["flowers", "iris"]).values) == 3
    with pytest.raises(TableError, match="It reads sessions"):
        declared_queries.read(sqlite, "SELECT who FROM people", ["people"])


def test_another_database_is_refused_because_nothing_bounds_it() -> None:
    mysql = create_engine("sqlite://")
    mysql.dialect.name = "mysql"
    with pytest.raises(TableError, match="Nothing bounds a query on mysql"):
        declared_queries.read(mysql, "SELECT 1", [])
