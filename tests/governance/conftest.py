"""Small real things that the governance tests share."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from governance.home import open_store
from governance.store import Store
from models.spec import Definition

NewFolder = Callable[..., Path]


@pytest.fixture
def new_folder(trained_folder: Path, tmp_path: Path) -> NewFolder:
    """Another training's folder: ``new_folder(seed=3)`` replaces entries of the record's parameters."""
    made = 0

    def new_folder(**parameters: Any) -> Path:
        nonlocal made
        made += 1
        folder = tmp_path / f"training-{made}"
        shutil.copytree(trained_folder, folder)
        record = json.loads((folder / "record.json").read_bytes())
        record["parameters"] |= {"seed": made} | parameters
        (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")
        return folder

    return new_folder


@pytest.fixture(scope="session")
def opened_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that was opened once, so that it holds what is shipped and nothing else; only copied."""
    from tests import toys

    with toys.home_at(tmp_path_factory.mktemp("opened") / "home") as path:
        open_store().engine.dispose()
    return path


@pytest.fixture
def store(opened_home: Path, home: Path, toy: Definition) -> Store:
    """The store of this test's own copy of a home in which nothing was done yet."""
    shutil.copytree(opened_home, home)
    return open_store()


@contextmanager
def tampering(home: Path) -> Iterator[sqlite3.Connection]:
    """The database in the hands of somebody who owns the file: no trigger, no foreign key."""
    database = sqlite3.connect(home / "crumbtrail.db")
    triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    assert triggers
    for (name,) in triggers:
        database.execute(f"DROP TRIGGER {name}")
    yield database
    database.commit()
    database.close()
