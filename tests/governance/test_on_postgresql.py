"""A whole workspace on a real PostgreSQL: what SQLite holds, it holds too, and a lost server is said."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from sqlalchemy.exc import DatabaseError

from data import workspace
from data.failures import UserMistake
from governance import audit, jobs, measurements, registry, sessions, store, tables, worker
from governance.home import open_store
from governance.store import Store
from models.spec import Definition
from serve import api
from tests import postgres
from tests.conftest import OpenPage
from tests.governance.conftest import NewFolder

FIRST_VERSION = Path(__file__).with_name("first_version.sql")
_numbers = count(1)
UNSAID = "hush-hush"
WRITTEN_ONCE = ("records", "versions", "audit_log")


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    with postgres.running() as started:
        yield started


@pytest.fixture
def database(server: postgres.Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database of this test's own, which CRUMBTRAIL_DB names beside a fresh home."""
    name = f"crumbs_{next(_numbers)}"
    administration = sa.create_engine(server.address(), isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    administration.dispose()
    # The server asks for no password; whatever is said must not give one away.
    address = server.address(name).replace("postgres@", f"postgres:{UNSAID}@")
    monkeypatch.setenv("CRUMBTRAIL_DB", address)
    yield address
    workspace.engine().dispose()


@pytest.fixture
def opened(database: str, toy: Definition) -> Store:
    return open_store()


def scalar(opened: Store, statement: str) -> Any:
    with opened.reading() as connection:
        return connection.execute(sa.text(statement)).scalar()


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=workspace.ROOT, capture_output=True, text=True, timeout=120
    )


def document(*words: str) -> Any:
    done = command(*words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_empty_database_gets_tables_data_and_what_is_shipped(opened: Store, home: Path) -> None:
    assert scalar(opened, "SELECT version_num FROM alembic_version") == store.NEWEST
    assert scalar(opened, "SELECT count(*) FROM iris") == 150
    assert set(tables.metadata.tables) <= set(sa.inspect(opened.engine).get_table_names())
    assert not (home / "crumbtrail.db").exists()
    assert registry.resolve(opened, "muffin_cnn").aliases == ("champion",)
    assert audit.verify(opened).problems == ()


def test_migrated_tables_are_those_of_the_code(opened: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with opened.engine.connect() as connection:
        options = {
            "include_object": lambda thing, name, kind, *_: name not in {"iris", "toy_rows", "table_sources"}
        }
        assert compare_metadata(MigrationContext.configure(connection, opts=options), tables.metadata) == []


def test_a_training_is_registered_promoted_and_measured(opened: Store, new_folder: NewFolder) -> None:
    session = sessions.start(opened, "cli")
    first, second = (registry.register(opened, new_folder(), session) for _ in range(2))
    assert [first.reference, second.reference] == ["toy_table@1", "toy_table@2"]
    promoted = registry.promote(opened, "toy_table@2", "champion", session, "fewer mistakes")
    assert promoted.aliases == ("champion",)
    assert registry.resolve(opened, "toy_table").number == 2
    kept = measurements.keep(opened, second, "toy_figure", {"n": 3}, {"value": 0.5}, session)
    found = measurements.newest(opened, second, "toy_figure", {"n": 3})
    assert found is not None and found.id == kept.id
    told = sessions.get(opened, session)
    assert told is not None and told.kind == "cli"
    assert audit.verify(opened).problems == ()


def test_an_alias_that_no_column_holds_is_refused_in_a_sentence(opened: Store, new_folder: NewFolder) -> None:
    session = sessions.start(opened, "cli")
    registry.register(opened, new_folder(), session)
    with pytest.raises(UserMistake, match="cannot be an alias"):
        registry.promote(opened, "toy_table@1", "a" * 81, session, "a long name")


@pytest.mark.parametrize("table", WRITTEN_ONCE)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = {}", "TRUNCATE {} CASCADE"])
def test_what_is_written_once_cannot_be_changed(opened: Store, table: str, statement: str) -> None:
    column = next(iter(tables.metadata.tables[table].columns)).name
    with pytest.raises(DatabaseError, match="is written once"), opened.writing() as connection:
        connection.execute(sa.text(statement.format(table, column, column)))
    assert scalar(opened, f"SELECT count(*) FROM {table}") > 0  # noqa: S608


def test_a_reader_cannot_write_and_sees_one_state(opened: Store) -> None:
    with pytest.raises(DatabaseError, match="read-only"), opened.reading() as connection:
        audit.append(connection, "0" * 64, "test", "x", {})
    with opened.reading() as connection:
        count = sa.text("SELECT count(*) FROM audit_log")
        before = connection.execute(count).scalar()
        with opened.writing() as other:
            audit.append(other, "0" * 64, "test", "x", {})
        assert connection.execute(count).scalar() == before


def test_writers_that_read_first_wait_for_one_another(opened: Store) -> None:
    """Both look at the log's end and add an entry; without waiting, both would take the same number."""
    before = len(audit.entries(opened))

    def add() -> None:
        with opened.writing() as connection:
            audit.append(connection, "0" * 64, "test", "second", {})

    other = threading.Thread(target=add)
    with opened.writing() as connection:
        audit.append(connection, "0" * 64, "test", "first", {})
        other.start()
        other.join(0.5)
    other.join(20)
    assert [entry["subject"] for entry in audit.entries(opened)[before:]] == ["first", "second"]
    assert audit.verify(opened).problems == ()


def test_processes_that_open_a_fresh_database_at_once_all_succeed(database: str) -> None:
    code = (
        "from governance.home import open_store\nfrom governance import audit, sessions\n"
        "store = open_store()\nsession = sessions.start(store, 'cli')\n"
        "with store.writing() as c: audit.append(c, session, 'test', 'x', {})\n"
    )
    words = [sys.executable, "-c", code]
    started = [
        subprocess.Popen(words, cwd=workspace.ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    said = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0] * 3, said
    opened = open_store()
    assert scalar(opened, "SELECT count(*) FROM audit_log WHERE action = 'test'") == 3
    assert scalar(opened, "SELECT count(*) FROM versions WHERE model = 'muffin_cnn'") == 1
    assert audit.verify(opened).problems == ()


def test_the_queue_joins_the_same_request_and_cancels(opened: Store) -> None:
    session = sessions.start(opened, "cli")
    request = worker.request({"max_depth": 1})
    job, joined = jobs.submit(opened, "train", "iris_tree", request, session)
    again, joined_again = jobs.submit(opened, "train", "iris_tree", request, session)
    assert (joined, joined_again, again.id) == (False, True, job.id)
    assert jobs.unfinished(opened) == {"queued": 1, "running": 0}
    jobs.cancel(opened, job.id)
    assert jobs.get(opened, job.id).status == "cancelled"


def test_commands_and_the_interface_answer(database: str, home: Path) -> None:
    trained = command("models", "train", "iris_tree", "--set", "max_depth=2")
    assert trained.returncode == 0, trained.stderr
    row = "sepal_length=5.1,sepal_width=3.5,petal_length=1.4,petal_width=0.2"
    asked = document("models", "predict", "iris_tree", row, "--json")
    assert asked["predictions"][0]["class"] == "setosa"
    assert "iris_tree" in json.dumps(document("models", "list", "--json"))
    assert document("governance", "show", "iris_tree", "--json")
    assert document("governance", "audit", "--json")["problems"] == []
    doctor = command("governance", "doctor")
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    client = TestClient(api.create_server())
    assert client.get("/api/health").json()["status"] == "ok"
    named = {m["name"]: m["champion"] for m in client.get("/api/models").json()["models"]}
    assert named["iris_tree"]["version"] == "iris_tree@1"


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_an_older_store_is_upgraded_with_its_rows(
    database: str, nothing_shipped: None, revision: str
) -> None:
    from alembic import command as alembic_command
    from alembic.config import Config

    old = sqlite3.connect(":memory:")
    old.row_factory = sqlite3.Row
    old.executescript(FIRST_VERSION.read_text(encoding="utf-8"))
    # In the order in which they refer to one another.
    rows = {
        table.name: [dict(row) for row in old.execute(f"SELECT * FROM {table.name}")]  # noqa: S608
        for table in tables.metadata.sorted_tables
    }
    old.close()
    assert all(rows.values())
    config = Config()
    config.set_main_option("script_location", str(Path(store.__file__).with_name("migrations")))
    with workspace.engine().begin() as connection:
        config.attributes["connection"] = connection
        alembic_command.upgrade(config, revision)
        blobs = workspace.home() / "blobs"
        blobs.mkdir()
        for name, entries in rows.items():
            connection.execute(sa.table(name, *map(sa.column, entries[0])).insert(), entries)

    opened = open_store()
    assert scalar(opened, "SELECT version_num FROM alembic_version") == store.NEWEST
    with opened.reading() as connection:
        for name, entries in rows.items():
            found = [
                dict(row) for row in connection.execute(tables.metadata.tables[name].select()).mappings()
            ]
            assert [{key: row[key] for key in entries[0]} for row in found] == entries, name
    judged = [json.loads(row["body"]).get("data", {}).get("test_digest") for row in rows["records"]]
    assert scalar(opened, "SELECT count(test_digest) FROM records") >= len([one for one in judged if one])
    assert audit.verify(opened).problems == ()
    with pytest.raises(DatabaseError, match="records is written once"), opened.writing() as connection:
        connection.execute(sa.text("UPDATE records SET kind = kind"))


def test_a_server_that_is_lost_is_said_and_all_comes_back(
    server: postgres.Server, database: str, open_page: OpenPage
) -> None:
    opened = open_store()
    client = TestClient(api.create_server(), raise_server_exceptions=False)
    assert client.get("/api/health").json()["status"] == "ok"
    assert not open_page("records.py").exception
    stop = worker.start()
    server.stop()
    try:
        with pytest.raises(workspace.DatabaseLost, match=r"cannot be reached.*check CRUMBTRAIL_DB"):
            open_store()
        health = client.get("/api/health")
        assert health.status_code == 503
        assert "cannot be reached" in health.json()["database"]["problem"] and UNSAID not in health.text
        listed = client.get("/api/models")
        assert listed.status_code == 500 and "cannot be reached" in listed.json()["error"]
        for name in ("catalogue.py", "records.py", "what_if.py"):
            page = open_page(name)
            assert not page.exception, (name, page.exception[0].message)
            assert any("cannot be reached" in str(error.value) for error in page.error), name
        for words in (("governance", "show", "muffin_cnn"), ("governance", "doctor")):
            said = command(*words)
            told = (said.stderr + said.stdout).strip().splitlines()
            assert said.returncode == 1 and "cannot be reached" in told[0], told
            assert "Traceback" not in said.stderr and UNSAID not in said.stderr + said.stdout
    finally:
        server.start()
    assert "crumbtrail-worker" in {thread.name for thread in threading.enumerate()}, "nobody runs the queue"
    stop.set()
    # The very first that is asked answers: connections of the server before are not used again.
    assert client.get("/api/health").json()["status"] == "ok"
    assert audit.verify(opened).problems == ()
    for name in ("catalogue.py", "records.py"):
        page = open_page(name)
        assert not page.error and not page.exception, name


def test_connections_of_a_server_before_are_not_used_again(server: postgres.Server, database: str) -> None:
    opened = open_store()
    server.stop()
    server.start()
    assert audit.verify(opened).problems == ()
