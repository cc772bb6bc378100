"""What is read of a store to answer: headers at first, a record when it is asked for, and either schema's split."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import rfc8785
import sqlalchemy as sa

from data.dataset_types import DatasetError
from explain.rows.table_rows import rows_of
from governance import audit, measurements, registry, stored_records
from governance.blobs import BlobAltered
from governance.home import open_store
from governance.record import Record, RecordError, judged_on
from governance.registry import Version
from governance.store import Store
from tests import toys
from tests.governance.conftest import NewFolder, tampering
from tests.toys import MODEL

SESSION = "5e" * 32


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """Every statement that is sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    sa.event.listen(store.engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(store.engine, "before_cursor_execute", note)


def bodies(sent: list[str]) -> int:
    return sum("records.body" in statement for statement in sent)


@pytest.fixture
def two(store: Store, new_folder: NewFolder) -> list[Version]:
    return [registry.register(store, new_folder(), SESSION) for _ in range(2)]


def as_schema_1(folder: Path) -> Path:
    """The same training as the first schema wrote it: positions inline, no file for them, no headline."""
    record = json.loads((folder / "record.json").read_bytes())
    split = json.loads((folder / "split.json").read_bytes())
    record |= {"schema": 1, "data": record["data"] | {"split": split}}
    del record["results"]["files"]["split.json"], record["results"]["headline"]
    (folder / "record.json").write_bytes(rfc8785.dumps(record))
    return folder


def test_headers_answer_without_a_record(store: Store, two: list[Version]) -> None:
    with statements(store) as sent:
        found = registry.resolve(store, MODEL)
        assert [v.reference for v in registry.versions(store, MODEL)] == [f"{MODEL}@2", f"{MODEL}@1"]
        assert MODEL in registry.models(store) and f"{MODEL}@2" in registry.references(store)
        assert registry.version(store, MODEL, 2).number == 2
        assert registry.of_record(store, two[1].record_id).number == 2
    assert sent and bodies(sent) == 0
    with statements(store) as sent:
        registry.artefact(store, found)
        assert found.weights_digest and found.record.data.rows and found.split
    assert bodies(sent) == 1, "a record is read once for a version"


def test_an_altered_record_is_refused_when_it_is_read(store: Store, two: list[Version], home: Path) -> None:
    with tampering(home) as database:
        database.execute(
            "UPDATE records SET body = replace(body, '\"seed\":1', '\"seed\":9') WHERE id = ?",
            (two[0].record_id,),
        )
    found = registry.resolve(store, f"{MODEL}@1")
    for read in (lambda: found.record, lambda: found.weights_digest, lambda: registry.artefact(store, found)):
        with pytest.raises(RecordError, match="was altered in the database"):
            read()


def test_either_schema_gives_the_rows_that_it_was_trained_on(store: Store, new_folder: NewFolder) -> None:
    newest = registry.register(store, new_folder(), SESSION)
    first = registry.register(store, as_schema_1(new_folder()), SESSION)
    assert "digest" in newest.record.body["data"]["split"] and "train" in first.record.body["data"]["split"]
    expected = toys.load().split
    for version in (newest, first):
        assert version.split.train.tolist() == expected.train.tolist()
        assert rows_of(version).test.tolist() == expected.test.tolist()
    positions = {"train": expected.train.tolist(), "test": expected.test.tolist()}
    digest = hashlib.sha256(rfc8785.dumps(positions)).hexdigest()
    assert {v.record.data.split.digest for v in (newest, first)} == {digest}
    assert (first.record.data.split.train, first.record.data.split.test) == (120, 40)
    assert audit.verify(store).problems == ()


def test_positions_that_were_altered_are_not_used(store: Store, two: list[Version]) -> None:
    path = store.blobs.path(two[0].record.data.split.digest)
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    version = registry.resolve(store, MODEL)
    with pytest.raises(BlobAltered):
        _ = version.split
    with pytest.raises(
        DatasetError, match=rf"Which rows of toy_rows {MODEL}@1 learned from is lost.*altered"
    ):
        rows_of(version)
    assert len(audit.verify(store).problems) == 1


def test_a_split_that_is_not_the_file_s_is_not_stored(store: Store, new_folder: NewFolder) -> None:
    folder = new_folder()
    record = json.loads((folder / "record.json").read_bytes())
    record["data"]["split"]["digest"] = "0" * 64
    (folder / "record.json").write_bytes(rfc8785.dumps(record))
    with pytest.raises(RecordError, match=r"is not that of split\.json; it is not stored"):
        registry.register(store, folder, SESSION)


def test_a_record_without_the_figure_that_judges_it_is_not_stored(
    store: Store, new_folder: NewFolder
) -> None:
    folder = new_folder()
    record = json.loads((folder / "record.json").read_bytes())
    record["results"]["headline"]["name"] = "mae"
    (folder / "record.json").write_bytes(rfc8785.dumps(record))
    with pytest.raises(RecordError, match="lack mae, by which it is judged; it is not stored"):
        registry.register(store, folder, SESSION)


def test_what_judges_a_model_is_a_look_and_nothing_else(store: Store, two: list[Version]) -> None:
    run = two[0].record.body
    verification = {"kind": "verification", "repeated": run}
    assert judged_on(run) == judged_on(verification) == run["data"]["test_digest"]
    # Not trained again: the data were gone, or were others, of which the record then holds a description alone.
    assert judged_on({"kind": "verification", "repeated": None}) is None
    described = {**run, "results": {"files": {}}}
    assert judged_on({"kind": "verification", "repeated": described}) is None
    measured = measurements.keep(store, two[0], "weights", {}, {"seen": run["data"]["test_digest"]}, SESSION)
    assert judged_on(measured.body) is None


def test_looks_are_counted_by_an_index(store: Store, two: list[Version]) -> None:
    assert [version.record.body["results"]["test_looks"] for version in two] == [1, 2]
    with statements(store) as sent:
        assert stored_records.looks(store, two[0].record.body["data"]["test_digest"]) == 2
        assert stored_records.looks(store, "0" * 64) == 0
    query = next(statement for statement in sent if "count" in statement).replace("?", "'x'")
    with store.reading() as connection:
        plan = " ".join(map(str, connection.execute(sa.text(f"EXPLAIN QUERY PLAN {query}"))))
    assert "USING COVERING INDEX records_test_digest" in plan


def test_an_upgrade_counts_the_looks_that_were_before(home: Path, nothing_shipped: None) -> None:
    """A home as revision 0001 left it, with a run, its verification, and a verification that trained nothing."""
    first = Path(__file__).with_name("first_version.sql").read_text(encoding="utf-8")
    (home / "blobs").mkdir(parents=True)
    database = sqlite3.connect(home / "crumbtrail.db")
    database.executescript(first)
    columns = "id, kind, model, subject, created, body"
    run = {"kind": "run", "data": {"test_digest": "d" * 64}, "results": {"metrics": {}}}
    wrote = {
        "run": run,
        "again": {"kind": "verification", "repeated": run},
        "gone": {"kind": "verification", "repeated": None},
        "other": {"kind": "measurement", "results": {"seen": "d" * 64}},
    }
    for identity, body in wrote.items():
        row = (identity, body["kind"], "toy", None, "2026", json.dumps(body))
        database.execute(f"INSERT INTO records ({columns}) VALUES (?, ?, ?, ?, ?, ?)", row)  # noqa: S608
    database.commit()
    database.close()
    opened = open_store()
    with opened.reading() as connection:
        found = connection.execute(
            sa.text("SELECT id FROM records WHERE test_digest IS NOT NULL ORDER BY id")
        )
        assert [row.id for row in found] == ["again", "run"]
    assert stored_records.looks(opened, "d" * 64) == 2


def test_the_shipped_record_is_read_by_names(home: Path) -> None:
    """It was written by schema 1, by another Crumbtrail."""
    version = registry.resolve(open_store(), "muffin_cnn")
    record, body = version.record, version.record.body
    assert isinstance(record, Record) and body["schema"] == 1
    assert (record.data.name, record.data.rows) == ("photos", 4140)
    assert record.data.split.train + record.data.split.test == 4140
    assert record.results.figure.value == body["results"]["metrics"]["accuracy"]["value"]
    assert sorted([*version.split.train, *version.split.test]) == list(range(4140))
