"""The store: made, opened again, upgraded, refused when it is newer."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from filelock import FileLock
from sqlalchemy.exc import DatabaseError

from data import workspace
from governance import audit, registry, sessions, store, tables
from governance.home import open_store
from governance.store import Store, StoreError

FIRST_VERSION = Path(__file__).with_name("first_version.sql")


def scalar(opened: Store, statement: str) -> Any:
    with opened.reading() as connection:
        return connection.execute(sa.text(statement)).scalar()


@pytest.fixture
def first_version(home: Path) -> Path:
    """A home as revision 0001 left it."""
    (home / "blobs").mkdir(parents=True)
    database = sqlite3.connect(home / "crumbtrail.db")
    database.executescript(FIRST_VERSION.read_text(encoding="utf-8"))
    database.close()
    return home


def test_a_fresh_home_gets_tables_and_data(home: Path) -> None:
    opened = open_store()
    assert scalar(opened, "SELECT version_num FROM alembic_version") == store.NEWEST
    assert scalar(opened, "SELECT count(*) FROM iris") == 150
    assert set(tables.metadata.tables) <= set(sa.inspect(opened.engine).get_table_names())
    assert (home / "crumbtrail.db").is_file()


def test_newest_revision_is_the_head_of_the_migrations() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(store.__file__).with_name("migrations")))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [store.NEWEST]
    assert [step.revision for step in script.walk_revisions()][-1] == "0001"


def test_opening_again_neither_waits_nor_migrates(home: Path) -> None:
    """With the migration's lock held by somebody else, and without alembic in the process."""
    open_store()
    code = "import sys\nfrom governance.home import open_store\nopen_store()\nassert 'alembic' not in sys.modules"
    with FileLock(home / "migration.lock"):
        subprocess.run([sys.executable, "-c", code], cwd=workspace.ROOT, check=True, timeout=60)


def test_processes_that_open_a_fresh_home_at_once_all_succeed(home: Path) -> None:
    code = (
        "from governance.home import open_store\nfrom governance import audit, sessions\n"
        "store = open_store()\nsession = sessions.start(store, 'cli')\n"
        "with store.writing() as c: audit.append(c, session, 'test', 'x', {})\n"
    )
    command = [sys.executable, "-c", code]
    started = [
        subprocess.Popen(command, cwd=workspace.ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    said = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0] * 3, said
    opened = open_store()
    assert scalar(opened, "SELECT count(*) FROM iris") == 150
    assert scalar(opened, "SELECT count(*) FROM audit_log WHERE action = 'test'") == 3
    assert audit.verify(opened).problems == ()


@pytest.mark.parametrize("revision", ["0005", "0010", "9999"])
def test_a_newer_store_is_refused_in_a_sentence_and_left_alone(home: Path, revision: str) -> None:
    opened = open_store()
    with opened.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    with pytest.raises(
        StoreError, match=rf"newer Crumbtrail \(revision {revision}, this one knows {store.NEWEST}\)"
    ):
        open_store()
    assert scalar(opened, "SELECT version_num FROM alembic_version") == revision


@pytest.mark.parametrize(
    "content", [b"this is not a database, it is a text file", b"SQLite format 3\x00" + b"x" * 200]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(home: Path, content: bytes) -> None:
    home.mkdir()
    (home / "crumbtrail.db").write_bytes(content)
    with pytest.raises(StoreError, match=r"cannot be used.*CRUMBTRAIL_DB and CRUMBTRAIL_HOME"):
        open_store()
    assert (home / "crumbtrail.db").read_bytes() == content


def test_a_store_of_the_first_version_is_upgraded_with_its_rows(
    first_version: Path, nothing_shipped: None
) -> None:
    before = sqlite3.connect(f"file:{first_version / 'crumbtrail.db'}?mode=ro", uri=True)
    names = [table for table in tables.metadata.tables if table in FIRST_VERSION.read_text(encoding="utf-8")]
    assert set(names) == {"sessions", "records", "versions", "aliases", "audit_log", "jobs"}
    rows = {name: before.execute(f"SELECT * FROM {name}").fetchall() for name in names}  # noqa: S608
    before.close()
    assert all(rows.values())

    opened = open_store()
    assert scalar(opened, "SELECT version_num FROM alembic_version") == store.NEWEST
    after = sqlite3.connect(first_version / "crumbtrail.db")
    for name, old in rows.items():
        width = len(old[0])
        assert [row[:width] for row in after.execute(f"SELECT * FROM {name}")] == old, name  # noqa: S608
    after.close()
    assert registry.resolve(opened, "iris_tree@champion").record.body["parameters"]["chosen"] == {
        "max_depth": 3
    }
    session = sessions.get(opened, registry.resolve(opened, "iris_tree").record.body["session"])
    assert session is not None and session.who == "ada"
    assert audit.verify(opened).problems == ()


WRITTEN_ONCE = ("records", "versions", "audit_log")


@pytest.mark.parametrize("table", WRITTEN_ONCE)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = {}"])
def test_what_is_written_once_cannot_be_changed_after_the_upgrade(
    first_version: Path, table: str, statement: str
) -> None:
    opened = open_store()
    column = next(iter(tables.metadata.tables[table].columns)).name
    with (
        pytest.raises(DatabaseError, match=f"{table} is written once"),
        opened.writing() as connection,
    ):
        connection.execute(sa.text(statement.format(table, column, column)))
    assert scalar(opened, f"SELECT count(*) FROM {table}") > 0  # noqa: S608


@pytest.mark.parametrize("table", WRITTEN_ONCE)
def test_replacing_a_row_is_refused_too(first_version: Path, table: str) -> None:
    """By itself SQLite lets INSERT OR REPLACE delete a row without asking the triggers."""
    opened = open_store()
    with opened.reading() as connection:
        before = connection.execute(sa.text(f"SELECT * FROM {table}")).all()  # noqa: S608
    with pytest.raises(DatabaseError, match="written once"), opened.writing() as connection:
        connection.execute(sa.text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))  # noqa: S608
    with opened.reading() as connection:
        assert connection.execute(sa.text(f"SELECT * FROM {table}")).all() == before  # noqa: S608


@pytest.mark.parametrize("origin", ["fresh", "first_version"])
def test_migrated_tables_are_those_of_the_code(request: pytest.FixtureRequest, origin: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    request.getfixturevalue("home" if origin == "fresh" else "first_version")
    opened = open_store()
    datasets = {"iris", "toy_rows", "table_sources"}

    def differences(metadata: sa.MetaData) -> list[Any]:
        with opened.engine.connect() as connection:
            options = {"include_object": lambda thing, name, kind, *_: name not in datasets}
            return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    assert differences(tables.metadata) == []
    # The comparison can see a difference: a column more, and an index less.
    other = sa.MetaData()
    for table in tables.metadata.tables.values():
        table.to_metadata(other)
    other.tables["jobs"].append_column(sa.Column("colour", sa.String(8)))
    assert [difference[0] for difference in differences(other)] == ["add_column"]


def test_a_transaction_that_fails_stores_nothing(home: Path) -> None:
    opened = open_store()
    before = len(audit.entries(opened))
    with pytest.raises(ZeroDivisionError), opened.writing() as connection:
        audit.append(connection, "0" * 64, "test", "x", {})
        _ = 1 / 0
    assert len(audit.entries(opened)) == before


def test_writers_that_read_first_wait_for_one_another(home: Path) -> None:
    """Both look at the log's end and add an entry; without waiting, one would fail with "locked"."""
    opened = open_store()
    before = len(audit.entries(opened))

    def add() -> None:
        with opened.writing() as connection:
            audit.append(connection, "0" * 64, "test", "second", {})

    other = threading.Thread(target=add)
    with opened.writing() as connection:
        connection.execute(sa.text("SELECT count(*) FROM audit_log")).scalar()
        other.start()
        other.join(0.5)
        audit.append(connection, "0" * 64, "test", "first", {})
    other.join(20)
    assert [entry["subject"] for entry in audit.entries(opened)[before:]] == ["first", "second"]
    assert audit.verify(opened).problems == ()


def test_a_reader_cannot_write(home: Path) -> None:
    opened = open_store()
    with pytest.raises(StoreError, match="readonly"), opened.reading() as connection:
        audit.append(connection, "0" * 64, "test", "x", {})


def test_now_is_utc_sorts_as_text_and_keeps_microseconds() -> None:
    moments = [store.now() for _ in range(50)]
    assert moments == sorted(moments)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", moment) for moment in moments)
