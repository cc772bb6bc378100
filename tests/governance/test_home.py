"""A home as it is opened: what is shipped is in it, however an earlier opening ended, and looking costs little."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import rfc8785
import sqlalchemy as sa
from filelock import FileLock

from data import datasets
from governance import audit, home, measurements, registry, shipped, store, stored_records
from governance.record import RecordError
from governance.store import Store
from tests.governance.conftest import NewFolder
from tests.toys import MODEL

SESSION = "5e" * 32


class PowerCut(Exception):
    pass


@pytest.fixture
def shipping(store: Store, new_folder: NewFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which a version of the toy is shipped with two measurements; other homes open with it."""
    version = registry.register(store, new_folder(), SESSION)
    for name in ("first", "second"):
        measurements.keep(store, version, name, {"n": 1}, {"value": 0.5}, SESSION)
    folder = tmp_path / "shipped"
    shipped.write(store, version, folder)
    monkeypatch.setattr(shipped, "FOLDER", folder)
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(tmp_path / "another"))
    return folder


def stored(opened: Store) -> tuple[list[str], list[str]]:
    """References of the toy's versions, and names of what was measured about its champion."""
    found = [version.reference for version in registry.versions(opened, MODEL)]
    return found, sorted(measurements.all_newest(opened, registry.resolve(opened, MODEL))) if found else []


@pytest.mark.parametrize("writes", range(3))
def test_what_an_opening_that_was_cut_off_did_not_reach_comes_with_the_next(
    shipping: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    """Cut off before the version, before its first measurement, and before its second."""
    real, done = stored_records.put_record, []

    def put_record(*arguments: object, **named: object) -> str:
        if len(done) == writes:
            raise PowerCut
        done.append(real(*arguments, **named))  # type: ignore[arg-type]
        return done[-1]

    monkeypatch.setattr(stored_records, "put_record", put_record)
    with pytest.raises(PowerCut):
        home.open_store()
    monkeypatch.setattr(stored_records, "put_record", real)
    assert stored(store.connect()) == (
        [f"{MODEL}@1"] * min(writes, 1),
        ["first", "second"][: max(0, writes - 1)],
    )
    opened = home.open_store()
    assert stored(opened) == ([f"{MODEL}@1"], ["first", "second"])
    assert audit.verify(opened).problems == ()


def test_data_that_a_first_opening_did_not_put_in_come_with_the_next(
    shipping: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off() -> None:
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(datasets, "put_in_place", cut_off)
        with pytest.raises(PowerCut):
            home.open_store()
    with home.open_store().reading() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM iris")).scalar() == 150


def test_where_nothing_is_missing_one_query_of_an_index_tells(
    shipping: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = home.open_store()
    before = len(audit.entries(opened))
    asked: list[str] = []
    sa.event.listen(opened.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    # Somebody else who changes the home does not hold up those who find it whole.
    with FileLock(Path(opened.blobs.folder).parent / "migration.lock"):
        assert shipped.adopt(opened) == []
    queries = [statement for statement in asked if "SELECT" in statement]
    assert len(queries) == 1 and "body" not in queries[0]
    plan = f"EXPLAIN QUERY PLAN {queries[0].replace('?', repr('x'))}"
    with opened.reading() as connection:
        told = " ".join(str(row) for row in connection.execute(sa.text(plan)))
    assert "SEARCH records USING COVERING INDEX" in told
    assert len(audit.entries(opened)) == before


def test_a_home_that_has_versions_gets_the_shipped_one_beside_them(
    shipping: Path, new_folder: NewFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "FOLDER", shipping / "nothing")
    mine = registry.register(home.open_store(), new_folder(), SESSION)
    monkeypatch.setattr(shipped, "FOLDER", shipping)
    opened = home.open_store()
    assert registry.resolve(opened, MODEL).record_id == mine.record_id
    assert stored(opened)[0] == [f"{MODEL}@2", f"{MODEL}@1"]
    assert stored(opened)[1] == [], "they are about the shipped version, which is not the champion"
    assert sorted(measurements.all_newest(opened, registry.version(opened, MODEL, 2))) == ["first", "second"]


def test_a_record_that_would_be_lacking_for_ever_is_refused(
    shipping: Path, new_folder: NewFolder, tmp_path: Path
) -> None:
    """As a training leaves it, without its session: stored, it would have another identity than its file."""
    shutil.copytree(new_folder(), tmp_path / "wrong" / MODEL)
    (record := tmp_path / "wrong" / MODEL / "record.json").write_bytes(
        rfc8785.dumps(json.loads(record.read_bytes()))
    )
    opened = home.open_store()
    before = stored(opened)
    with pytest.raises(RecordError, match="is no record as a store writes it"):
        shipped.adopt(opened, tmp_path / "wrong")
    assert stored(opened) == before


def test_opening_removes_what_killed_writers_left(shipping: Path) -> None:
    opened = home.open_store()
    left = opened.blobs.folder / "ab" / "tmp12345678"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    home.open_store()
    assert not left.exists()
