"""Where a workspace keeps its things, and what is said when it cannot."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from data import workspace
from data.workspace import WorkspaceError


def test_home_is_made_where_the_variable_says(home: Path) -> None:
    assert not home.exists()
    assert workspace.home() == home
    assert home.is_dir()
    assert workspace.database_url() == f"sqlite:///{home / 'crumbtrail.db'}"


@pytest.mark.parametrize("name", ["what?", "q?mode=memory", "feature%2Fx", "p%20q", "a#b&c=d", "ä ö"])
def test_the_database_lies_in_the_home_whatever_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(tmp_path / name))
    with workspace.engine().begin() as connection:
        connection.execute(text("CREATE TABLE here (x)"))
    assert (tmp_path / name / "crumbtrail.db").stat().st_size > 0
    assert [one.name for one in tmp_path.iterdir()] == [name]
    # A child process is told the address in words.
    monkeypatch.setenv("CRUMBTRAIL_DB", workspace.database_url())
    assert workspace.engine().url.database == str(tmp_path / name / "crumbtrail.db")


def test_without_the_variable_home_is_in_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "ROOT", tmp_path)
    for unset in ("", None):
        monkeypatch.delenv("CRUMBTRAIL_HOME") if unset is None else monkeypatch.setenv("CRUMBTRAIL_HOME", "")
        assert workspace.home() == tmp_path / ".crumbtrail"


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_home_that_cannot_be_made_is_said_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(tmp_path / place))
    with pytest.raises(WorkspaceError, match="Set CRUMBTRAIL_HOME"):
        workspace.home()


@pytest.mark.parametrize(
    "url",
    ["no url", "nosuch+driver://x", "mysql+nodriver://user@host/x", "postgresql://ada:secret@host:port/x"],
)
def test_a_database_url_that_cannot_be_used_is_said(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("CRUMBTRAIL_DB", url)
    with pytest.raises(WorkspaceError, match="CRUMBTRAIL_DB is not a database URL") as caught:
        workspace.engine()
    assert "secret" not in str(caught.value)


def test_another_database_can_be_named(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRUMBTRAIL_DB", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    with workspace.engine().begin() as connection:
        connection.execute(text("CREATE TABLE here (x)"))
    assert (tmp_path / "elsewhere.db").stat().st_size > 0
    assert not (home / "crumbtrail.db").exists()


def test_sqlite_is_set_for_several_processes_and_for_a_power_cut(home: Path) -> None:
    with workspace.engine().connect() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
        assert int(connection.execute(text("PRAGMA busy_timeout")).scalar() or 0) >= 10_000
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_database_that_was_replaced_is_read_anew_and_one_that_is_gone_is_said(
    home: Path, tmp_path: Path
) -> None:
    engine, path = workspace.engine(), home / "crumbtrail.db"
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE first (a)")
    # What is written beside it belongs to the file that is there.
    engine.dispose()
    with engine.begin():
        pass
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as made:
        made.execute("CREATE TABLE second (a)")
    made.close()
    for beside in home.glob("crumbtrail.db-*"):
        beside.unlink()
    other.replace(path)
    with engine.begin() as connection:
        assert inspect(connection).get_table_names() == ["second"]
    path.unlink()
    with pytest.raises(workspace.WorkspaceError, match=r"crumbtrail\.db is gone.*backup"), engine.begin():
        pass
    assert not path.exists()
