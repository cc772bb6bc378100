"""What is measured about a version is kept beside its record, named in the log, and never taken for another's."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from data.failures import CrumbtrailError
from governance import audit, measurements, registry, shipped, stored_records
from governance.home import open_store
from governance.record import RecordError
from governance.registry import Version
from governance.store import Store
from tests.governance.conftest import NewFolder, tampering
from tests.toys import MODEL

SESSION = "5e" * 32


@pytest.fixture
def version(store: Store, new_folder: NewFolder) -> Version:
    return registry.register(store, new_folder(), SESSION)


def keep(
    store: Store, version: Version, name: str = "weights", **results: Any
) -> stored_records.StoredRecord:
    return measurements.keep(store, version, name, {"n": 3, "seed": 0}, results, SESSION)


def test_it_is_a_record_about_the_run_s_record_and_stands_in_the_log(store: Store, version: Version) -> None:
    kept = keep(store, version, heaviest=0.5)
    found = stored_records.get_record(store, kept.id)
    assert found.body == kept.body
    assert (found.kind, found.subject, found.model) == ("measurement", version.record_id, MODEL)
    assert found.body["results"] == {"heaviest": 0.5}
    assert found.body["asked"] == {"n": 3, "seed": 0}
    assert found.body["code"]["files"]["governance/measurements.py"]
    entry = audit.entries(store)[-1]
    assert (entry["action"], entry["subject"]) == ("measure", version.reference)
    assert json.loads(entry["details"]) == {"record": kept.id, "name": "weights"}
    assert audit.verify(store).problems == ()
    assert registry.version(store, MODEL, version.number).record == version.record


def test_the_newest_of_each_name_is_the_one_that_counts(
    store: Store, version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = []
    for second, (name, value) in enumerate([("a", 1), ("b", 2), ("a", 3)]):
        monkeypatch.setattr(measurements, "now", lambda second=second: f"2026-01-01T00:00:0{second}Z")
        kept.append(keep(store, version, name, value=value).id)
    found = measurements.all_newest(store, version)
    assert {name: one.body["results"]["value"] for name, one in found.items()} == {"a": 3, "b": 2}
    assert measurements.newest(store, version, "c") is None
    # What was asked can be part of the question: a comparison with one version does not hide one with another.
    first = measurements.newest(store, version, "a", {"n": 3})
    assert first is not None and first.body["results"]["value"] == 3
    assert measurements.newest(store, version, "a", {"n": 4}) is None
    assert measurements.identities(store, version) == tuple(reversed(kept))


def test_it_is_neither_a_verification_nor_another_version_s(
    store: Store, version: Version, new_folder: NewFolder
) -> None:
    other = registry.register(store, new_folder(), SESSION)
    keep(store, version, heaviest=1)
    assert stored_records.verifications(store, version.record_id) == []
    assert measurements.newest(store, other, "weights") is None


def test_a_value_that_json_cannot_hold_is_refused_and_nothing_is_stored(
    store: Store, version: Version
) -> None:
    before = len(audit.entries(store))
    with pytest.raises(CrumbtrailError, match=r"weights of toy_table@1 holds a value that JSON cannot hold"):
        keep(store, version, heaviest=math.nan)
    assert len(audit.entries(store)) == before


def test_one_that_was_altered_in_the_database_is_not_used(home: Path, store: Store, version: Version) -> None:
    kept = keep(store, version, heaviest=0.5)
    altered = rfc8785.dumps({**kept.body, "results": {"heaviest": 0.9}}).decode()
    with tampering(home) as database:
        database.execute("UPDATE records SET body = ? WHERE id = ?", (altered, kept.id))
    with pytest.raises(RecordError, match="was altered in the database"):
        measurements.newest(store, version, "weights")


def test_it_is_shipped_with_its_version_and_adopted_with_it(
    store: Store, version: Version, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keep(store, version, heaviest=0.5)
    folder = tmp_path / "artifacts"
    shipped.write(store, version, folder)
    (folder / MODEL / "left over").write_text("of an older version", encoding="utf-8")
    place = shipped.write(store, version, folder)
    assert sorted(path.name for path in place.iterdir()) == sorted(
        [*version.record.body["results"]["files"], "measurements", "record.json"]
    )

    monkeypatch.setenv("CRUMBTRAIL_HOME", str(tmp_path / "fresh"))
    monkeypatch.setattr(shipped, "FOLDER", tmp_path / "none")
    fresh = open_store()
    (adopted,) = shipped.adopt(fresh, folder)
    found = measurements.newest(fresh, adopted, "weights")
    assert found is not None and (found.id, found.body) == (kept.id, kept.body)
    assert audit.verify(fresh).problems == ()


@pytest.mark.parametrize("change", [{"kind": "run"}, {"subject": "0" * 64}, {"name": ""}])
def test_a_shipped_measurement_of_something_else_is_refused(
    store: Store, version: Version, tmp_path: Path, change: dict[str, str]
) -> None:
    path = tmp_path / "weights.json"
    path.write_text(json.dumps({**keep(store, version).body, **change}), encoding="utf-8")
    with pytest.raises(RecordError, match=r"weights.json holds no measurement of toy_table@1"):
        measurements.adopt(store, version, path, SESSION)
