"""Pages of a home that somebody damaged: what is damaged is said, nothing ends in a traceback, the rest answers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from governance import jobs, registry, worker
from governance.home import open_store
from governance.store import Store
from tests.conftest import OpenPage

SESSION = "5e" * 32
PAGES = (
    "catalogue.py",
    "records.py",
    "lineage.py",
    "compare.py",
    "what_if.py",
    "tree_workbench.py",
    "shortcut.py",
)


def run_in(home: Path, statement: str, *values: object) -> None:
    """A statement as by somebody who owns the file: without the triggers that refuse it."""
    with closing(sqlite3.connect(home / "crumbtrail.db")) as database, database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        assert database.execute(statement, values).rowcount


def job_without_json(store: Store, home: Path) -> None:
    jobs.submit(store, "train", "iris_tree", worker.request(), SESSION)
    run_in(home, "UPDATE jobs SET request = 'no json' WHERE status = 'queued'")


def job_that_asks_for_nothing(store: Store, home: Path) -> None:
    for kind in ("reproduce", "measure", "distil"):
        jobs.submit(store, kind, "iris_tree", {}, SESSION)
    run_in(home, "UPDATE jobs SET status = 'done', result = '{}' WHERE kind = 'reproduce'")


def record_of(store: Store) -> str:
    return registry.resolve(store, "iris_forest").record_id


def record_that_is_no_json(store: Store, home: Path) -> None:
    run_in(home, "UPDATE records SET body = 'no json' WHERE id = ?", record_of(store))


def record_of_bytes(store: Store, home: Path) -> None:
    run_in(home, "UPDATE records SET body = ? WHERE id = ?", b"\x00\xff", record_of(store))


def artefact_that_is_a_folder(store: Store, home: Path) -> None:
    results = registry.resolve(store, "iris_forest").record.results
    path = store.blobs.path(results.digest_of(results.artefact) or "")
    path.unlink()
    path.mkdir()


def log_of_bytes(store: Store, home: Path) -> None:
    run_in(home, "UPDATE audit_log SET details = ? WHERE seq = 2", b"\x00\xff")


DAMAGES = (
    job_without_json,
    job_that_asks_for_nothing,
    record_that_is_no_json,
    record_of_bytes,
    artefact_that_is_a_folder,
    log_of_bytes,
)


def told(page: AppTest) -> str:
    return " ".join(
        str(element.value) for element in [*page.error, *page.warning, *page.info, *page.markdown]
    )


@pytest.mark.parametrize("damage", DAMAGES)
def test_no_page_ends_in_a_traceback(
    trained_home: Path, open_page: OpenPage, damage: Callable[[Store, Path], None]
) -> None:
    store = open_store()
    damage(store, trained_home)
    for name in PAGES:
        page = open_page(name)
        assert not page.exception, (name, page.exception[0].message)
    # The model that nobody touched is asked as ever.
    page = open_page("what_if.py", {"version": "iris_tree"})
    assert not page.error and not page.exception


def test_a_version_whose_artefact_is_a_folder_is_said_where_it_is_asked(
    trained_home: Path, open_page: OpenPage
) -> None:
    artefact_that_is_a_folder(open_store(), trained_home)
    page = open_page("what_if.py", {"version": "iris_forest"})
    assert not page.exception
    assert "a folder stands in its place" in told(page)


def test_files_that_go_while_the_app_runs_are_said_and_found_again(
    trained_home: Path, open_page: OpenPage
) -> None:
    assert not open_page("catalogue.py").error
    blobs, away = trained_home / "blobs", trained_home / "away"
    blobs.rename(away)
    page = open_page("what_if.py", {"version": "iris_forest"})
    assert not page.exception and "missing from blobs/. Restore it from a backup" in page.error[0].value
    for name in PAGES:
        assert not open_page(name).exception, name
    st.cache_resource.clear()  # As in a server that is started now.
    for name in set(PAGES) - {"compare.py"}:  # Which compares nothing yet, and asks no store.
        page = open_page(name)
        assert not page.exception and "which holds the files that the database names" in told(page), name
    assert not blobs.exists()
    away.rename(blobs)
    page = open_page("what_if.py", {"version": "iris_forest"})
    assert not page.exception and not page.error
