"""A whole workspace on a real PostgreSQL: what holds on SQLite holds there."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from fastapi.testclient import TestClient
from sqlalchemy.exc import DatabaseError

from data import workspace
from governance import audit, doctor, jobs, measurements, registry, sessions, store, tables, worker
from governance.home import open_store
from governance.store import Store
from models.spec import Definition
from serve import api
from tests import postgres, toys
from tests.conftest import ROOT, OpenPage
from tests.governance.conftest import NewFolder
from tests.governance.test_store import FIRST_VERSION, WRITTEN_ONCE
from tests.pages.reading import words

ROW = "sepal_length=5.1,sepal_width=3.5,petal_length=1.4,petal_width=0.2"
_numbers = count()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres.server() as address:
        yield address


@pytest.fixture
def empty(home: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A home whose database lies on the server, where nothing was ever written; the database's address."""
    name = f"empty{next(_numbers)}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    # The server asks for no password; whatever is said must not give one away.
    address = server.replace("postgres@/postgres?", f"postgres:hush-hush@/{name}?")
    monkeypatch.setenv("CRUMBTRAIL_DB", address)
    return address


@pytest.fixture
def opened(empty: str, toy: Definition) -> Store:
    return open_store()


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180)


def test_a_fresh_database_gets_what_is_shipped_and_the_audit_holds(opened: Store) -> None:
    assert store.revision(opened.engine) == store.NEWEST
    (version,) = registry.versions(opened)
    assert version.reference == "muffin_cnn@1" and len(measurements.identities(opened, version)) == 5
    assert audit.verify(opened).problems == () and doctor.examine() == []
    assert open_store().engine.url == opened.engine.url and audit.verify(opened).entries == 7


def test_versions_names_and_the_log_are_as_on_sqlite(opened: Store, new_folder: NewFolder) -> None:
    session = sessions.start(opened, "test")
    first, second = (registry.register(opened, new_folder(), session) for _ in range(2))
    assert (first.aliases, second.reference) == (("champion",), f"{toys.MODEL}@2")
    registry.promote(opened, second.reference, "champion", session, "better on the test rows")
    assert registry.resolve(opened, toys.MODEL).number == 2
    kept = measurements.keep(opened, second, "weights", {"n": 3}, {"heaviest": 0.5}, session)
    found = measurements.newest(opened, second, "weights")
    assert found is not None and found.id == kept.id
    assert audit.verify(opened).problems == ()


@pytest.mark.parametrize("table", WRITTEN_ONCE)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = {}", "TRUNCATE {} CASCADE"])
def test_what_is_written_once_cannot_be_changed(opened: Store, table: str, statement: str) -> None:
    column = next(iter(tables.metadata.tables[table].columns)).name
    with (
        pytest.raises(DatabaseError, match="is written once"),
        opened.writing() as connection,
    ):
        connection.execute(sa.text(statement.format(table, column, column)))
    assert audit.verify(opened).problems == ()


def test_a_job_that_cannot_be_read_is_said_and_the_queue_counts_on(opened: Store) -> None:
    session = sessions.start(opened, "test")
    for seed in range(2):
        jobs.submit(opened, "train", toys.MODEL, {"seed": seed}, session)
    assert jobs.unfinished(opened) == {"queued": 2, "running": 0}
    with opened.writing() as connection:
        connection.execute(sa.text("UPDATE jobs SET request = 'no JSON' WHERE id = 1"))
    (said,) = jobs.unreadable(opened)
    health = TestClient(api.create_server()).get("/api/health").json()
    assert health["status"] == "degraded" and health["database"]["problem"] == said


def test_a_model_is_trained_made_again_and_asked_by_commands(empty: str) -> None:
    predicted = run("models", "predict", "iris_tree", ROW, "--json")
    assert json.loads(predicted.stdout)["predictions"][0]["class"] == "setosa", predicted.stderr
    again = run("governance", "reproduce", "iris_tree", "--json")
    assert json.loads(again.stdout)["level"] == "bit-identical", again.stderr
    whole = run("governance", "audit", "--json")
    assert whole.returncode == 0 and json.loads(whole.stdout)["problems"] == []


def test_processes_that_open_a_fresh_database_at_once_all_succeed(empty: str) -> None:
    command = [sys.executable, "-c", "from governance.home import open_store; open_store()"]
    both = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [one.communicate(timeout=120)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0, 0], said
    opened = open_store()
    assert audit.verify(opened).problems == () and len(registry.versions(opened)) == 1


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_a_database_of_an_earlier_version_is_upgraded_with_its_rows(
    empty: str, nothing_shipped: None, revision: str
) -> None:
    engine = sa.create_engine(empty)
    config = Config()
    config.set_main_option("script_location", str(Path(store.__file__).with_name("migrations")))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        old = _first_rows(connection)
    engine.dispose()
    assert all(old.values())
    (workspace.home() / "blobs").mkdir()

    opened = open_store()
    assert store.revision(opened.engine) == store.NEWEST
    with opened.reading() as connection:
        for name, rows in old.items():
            now = connection.execute(sa.text(f"SELECT * FROM {name}")).mappings().all()  # noqa: S608
            assert sorted(map(repr, rows)) == sorted(
                repr({key: one[key] for key in rows[0]}) for one in now
            ), name
    assert registry.resolve(opened, "iris_tree@champion").number == 1
    assert audit.verify(opened).problems == ()
    with pytest.raises(DatabaseError, match="written once"), opened.writing() as connection:
        connection.execute(sa.text("DELETE FROM records"))


def _first_rows(connection: sa.Connection) -> dict[str, list[dict[str, object]]]:
    """Rows of a database of revision 0001, put into this one as they are."""
    before = sqlite3.connect(":memory:")
    before.row_factory = sqlite3.Row
    before.executescript(FIRST_VERSION.read_text(encoding="utf-8"))
    rows = {}
    for name in ("sessions", "records", "versions", "aliases", "audit_log", "jobs"):
        rows[name] = [dict(one) for one in before.execute(f"SELECT * FROM {name}")]  # noqa: S608
        there = sa.Table(name, sa.MetaData(), autoload_with=connection)
        connection.execute(sa.insert(there), rows[name])
    before.close()
    return rows


def test_a_server_that_goes_is_said_everywhere_and_used_again_once_it_is_back(
    opened: Store, server: str, open_page: OpenPage
) -> None:
    client = TestClient(api.create_server(), raise_server_exceptions=False)
    page = open_page("records.py")
    stop = worker.start()
    assert client.get("/api/health").json()["status"] == "ok" and not page.error
    with postgres.outage(server):
        health = client.get("/api/health")
        assert health.status_code == 503 and health.json()["database"]["reachable"] is False
        assert "hush-hush" not in health.text
        listed = client.get("/api/models")
        assert listed.status_code >= 500 and list(listed.json()) == ["error"]
        page.run()
        assert not page.exception and "database" in words(page)
        done = run("governance", "show", "muffin_cnn")
        time.sleep(1)  # The queue looks for work three times a second.
        assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1, done.stderr
        assert "Traceback" not in done.stderr and "hush-hush" not in done.stderr
    assert client.get("/api/health").json()["status"] == "ok"
    assert client.get("/api/models").status_code == 200
    page.run()
    assert not page.exception and not page.error
    assert "crumbtrail-worker" in {thread.name for thread in threading.enumerate()}, "nobody runs the queue"
    stop.set()
