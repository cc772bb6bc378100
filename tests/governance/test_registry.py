"""Versions and aliases: all of a training is stored or nothing, numbers count up, names are resolved."""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from data.failures import UserMistake
from governance import audit, registry, stored_records
from governance.blobs import BlobMissing
from governance.record import PARTS, RecordError
from governance.registry import UnknownVersion, Version
from governance.store import Store
from tests.governance.conftest import NewFolder
from tests.toys import MODEL

SESSION = "5e" * 32


@pytest.fixture
def three(store: Store, new_folder: NewFolder) -> list[Version]:
    """Versions 1 (champion), 2 and 3 of the toy."""
    return [registry.register(store, new_folder(), SESSION) for _ in range(3)]


def everything(store: Store) -> tuple[Any, ...]:
    """What is stored: rows of the written-once tables, aliases, files."""
    files = sorted(path.name for path in store.blobs.folder.rglob("*") if path.is_file())
    return (
        [record.id for record in stored_records.list_records(store)],
        [(v.reference, v.aliases) for v in registry.versions(store)],
        [entry["hash"] for entry in audit.entries(store)],
        files,
    )


def edit(folder: Path, change: Any) -> Path:
    record = json.loads((folder / "record.json").read_bytes())
    change(record)
    (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def test_record_s_identity_is_the_sha256_of_its_canonical_json(store: Store, new_folder: NewFolder) -> None:
    folder = new_folder()
    version = registry.register(store, folder, SESSION)
    stored = stored_records.get_record(store, version.record_id)
    assert stored.body == version.record.body
    assert hashlib.sha256(rfc8785.dumps(stored.body)).hexdigest() == version.record_id == stored.id
    written = json.loads((folder / "record.json").read_bytes())
    assert version.record.body["session"] == SESSION
    for part in set(PARTS) - {"session", "results"}:
        assert version.record.body[part] == written[part]
    assert written["results"].items() <= version.record.body["results"].items()


def test_every_file_of_the_training_is_stored(store: Store, new_folder: NewFolder) -> None:
    folder = new_folder()
    version = registry.register(store, folder, SESSION)
    files = version.record.body["results"]["files"]
    assert files.keys() == {"rows.json", "split.json", "model.skops", "probe.safetensors"}
    for name, entry in files.items():
        content = (folder / name).read_bytes()
        assert entry == {"digest": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        assert store.blobs.get(entry["digest"]) == content
    assert registry.artefact(store, version) == (folder / "model.skops").read_bytes()


def test_numbers_count_up_within_a_model(store: Store, three: list[Version], new_folder: NewFolder) -> None:
    assert [v.number for v in three] == [1, 2, 3]
    assert [v.reference for v in registry.versions(store, MODEL)] == [f"{MODEL}@{i}" for i in (3, 2, 1)]
    other = registry.register(store, edit(new_folder(), lambda r: r.update(model="other")), SESSION)
    assert other.reference == "other@1"
    assert {MODEL, "other"} <= set(registry.models(store))


def test_only_the_first_version_becomes_champion(store: Store, three: list[Version]) -> None:
    assert [v.aliases for v in registry.versions(store, MODEL)] == [(), (), ("champion",)]
    actions = [e["action"] for e in audit.entries(store) if e["subject"].startswith(MODEL)]
    assert actions == ["register", "promote", "register", "register"]


def test_registering_is_in_the_log(store: Store, new_folder: NewFolder) -> None:
    before = len(audit.entries(store))
    version = registry.register(store, new_folder(), SESSION)
    entries = audit.entries(store)[before:]
    assert [(e["action"], e["subject"], e["session"]) for e in entries] == [
        ("register", f"{MODEL}@1", SESSION),
        ("promote", f"{MODEL}@1", SESSION),
    ]
    assert json.loads(entries[0]["details"]) == {"record": version.record_id}


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record["results"]["files"]["model.skops"].update(digest="0" * 64),
        lambda record: record["results"]["files"].update({"more.bin": {"digest": "0" * 64, "bytes": 1}}),
        *(lambda record, part=part: record.pop(part) for part in PARTS if part != "session"),
        *(lambda record, part=part: record.update({part: {}}) for part in PARTS if part != "session"),
        *(
            lambda record, name=name: record["results"].pop(name)
            for name in ("weights_digest", "files", "metrics", "tensors", "duration_s")
        ),
    ],
)
def test_a_training_that_is_not_whole_is_refused_and_nothing_is_stored(
    store: Store, new_folder: NewFolder, change: Any
) -> None:
    before = everything(store)
    with pytest.raises(RecordError):
        registry.register(store, edit(new_folder(), change), SESSION)
    assert everything(store) == before


def test_an_altered_file_is_refused_and_nothing_is_stored(store: Store, new_folder: NewFolder) -> None:
    before = everything(store)
    folder = new_folder()
    (folder / "probe.safetensors").write_bytes(b"another")
    with pytest.raises(RecordError, match=r"probe\.safetensors is not the file"):
        registry.register(store, folder, SESSION)
    assert everything(store) == before


def test_a_failure_in_the_last_step_takes_back_the_rows(
    store: Store, new_folder: NewFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any, **_named: Any) -> None:
        raise OSError("power cut")

    before = everything(store)[:3]
    monkeypatch.setattr(audit, "append", fail)
    with pytest.raises(OSError, match="power cut"):
        registry.register(store, new_folder(), SESSION)
    monkeypatch.undo()
    assert everything(store)[:3] == before


def test_registering_at_the_same_time_gives_distinct_numbers(store: Store, new_folder: NewFolder) -> None:
    folders = [new_folder() for _ in range(8)]
    made: list[Version] = []
    threads = [
        threading.Thread(target=lambda f=folder: made.append(registry.register(store, f, SESSION)))
        for folder in folders
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(version.number for version in made) == list(range(1, 9))
    champions = [v for v in registry.versions(store, MODEL) if v.aliases]
    assert [v.number for v in champions] == [1]
    assert audit.verify(store).problems == ()


@pytest.mark.parametrize(
    ("reference", "number"),
    [(MODEL, 1), (f"{MODEL}@1", 1), (f"{MODEL}@3", 3), (f"{MODEL}@champion", 1), (f" {MODEL}@2 ", 2)],
)
def test_a_reference_names_one_version(
    store: Store, three: list[Version], reference: str, number: int
) -> None:
    assert registry.resolve(store, reference).number == number


def test_a_bare_model_means_its_champion_and_else_its_newest(store: Store, three: list[Version]) -> None:
    registry.promote(store, f"{MODEL}@2", "champion", SESSION, "better")
    assert registry.resolve(store, MODEL).number == 2
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM aliases")
    assert registry.resolve(store, MODEL).number == 3


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        (f"{MODEL}@4", rf"no {MODEL}@4. There are {MODEL}@3, {MODEL}@2, {MODEL}@1 \(champion\)"),
        (f"{MODEL}@0", f"no {MODEL}@0"),
        (f"{MODEL}@01", f"no {MODEL}@01"),
        (f"{MODEL}@-1", f"no {MODEL}@-1"),
        (f"{MODEL}@candidate", f"no {MODEL}@candidate"),
        (f"{MODEL}@1@2", "no "),
        (f"{MODEL}@", "names no version. Write MODEL, MODEL@NUMBER or MODEL@ALIAS"),
        ("@1", "names no version"),
        ("", "names no version"),
        ("toy_tabel", f"Did you mean {MODEL}"),
    ],
)
def test_a_reference_to_nothing_says_what_there_is(
    store: Store, three: list[Version], reference: str, said: str
) -> None:
    with pytest.raises(UnknownVersion, match=said):
        registry.resolve(store, reference)
    assert UnknownVersion.exit_code == 2


def test_a_version_by_its_number(store: Store, three: list[Version]) -> None:
    assert registry.version(store, MODEL, 2) == three[1]
    with pytest.raises(UnknownVersion, match=f"no version 9 of {MODEL}"):
        registry.version(store, MODEL, 9)


def test_promoting_moves_the_name_and_says_from_to_and_why(store: Store, three: list[Version]) -> None:
    before = len(audit.entries(store))
    moved = registry.promote(store, f"{MODEL}@2", "champion", SESSION, "better on long petals")
    assert moved.aliases == ("champion",)
    registry.promote(store, f"{MODEL}@3", "candidate", SESSION, "a look")
    registry.promote(store, f"{MODEL}@candidate", "champion", SESSION, "second thoughts")
    assert registry.resolve(store, MODEL).number == 3
    assert registry.resolve(store, MODEL).aliases == ("candidate", "champion")
    entries = audit.entries(store)[before:]
    assert [(e["action"], e["subject"], json.loads(e["details"])) for e in entries] == [
        (
            "promote",
            f"{MODEL}@2",
            {"alias": "champion", "from": 1, "to": 2, "reason": "better on long petals"},
        ),
        ("promote", f"{MODEL}@3", {"alias": "candidate", "from": None, "to": 3, "reason": "a look"}),
        ("promote", f"{MODEL}@3", {"alias": "champion", "from": 2, "to": 3, "reason": "second thoughts"}),
    ]


@pytest.mark.parametrize(
    "alias", ["", "Champion", "2", "2nd", "_x", "-x", "a b", "a@b", "né", "a.b", "a/b", "__", "a\n"]
)
def test_a_word_that_cannot_be_an_alias_is_refused(store: Store, three: list[Version], alias: str) -> None:
    before = everything(store)
    with pytest.raises(UserMistake, match="cannot be an alias"):
        registry.promote(store, f"{MODEL}@2", alias, SESSION, "a look")
    assert everything(store) == before


@pytest.mark.parametrize("alias", ["candidate", "blue-green", "a_2", "x9"])
def test_a_word_that_can_be_an_alias_is_taken(store: Store, three: list[Version], alias: str) -> None:
    registry.promote(store, f"{MODEL}@2", alias, SESSION, "a look")
    assert registry.resolve(store, f"{MODEL}@{alias}").number == 2


def test_promoting_what_there_is_not_changes_nothing(store: Store, three: list[Version]) -> None:
    before = everything(store)
    with pytest.raises(UnknownVersion):
        registry.promote(store, f"{MODEL}@7", "champion", SESSION, "a look")
    assert everything(store) == before


def test_a_record_is_found_by_the_beginning_of_its_identity(store: Store, three: list[Version]) -> None:
    identity = three[1].record_id
    assert stored_records.get_record(store, identity[:8]).id == identity
    for wrong in (identity[:7], "x" * 8, identity[:8].upper() if identity[:8].isalpha() else "%" * 8, ""):
        with pytest.raises(stored_records.UnknownRecord, match="names no record"):
            stored_records.get_record(store, wrong)
    with pytest.raises(stored_records.UnknownRecord, match="No record begins with"):
        stored_records.get_record(store, ("0" if identity[0] != "0" else "1") * 64)


def test_references_list_what_can_be_asked_for(store: Store, three: list[Version]) -> None:
    found = registry.references(store)
    start = found.index(MODEL)
    assert found[start : start + 4] == [MODEL, f"{MODEL}@3", f"{MODEL}@2", f"{MODEL}@1"]


@pytest.mark.parametrize("reason", ["", " ", "\n\t"])
def test_a_promotion_without_a_reason_is_refused(store: Store, three: list[Version], reason: str) -> None:
    before = everything(store)
    with pytest.raises(
        UserMistake, match=f"The audit log keeps why {MODEL}@2 became champion. Give a reason"
    ):
        registry.promote(store, f"{MODEL}@2", "champion", SESSION, reason)
    assert everything(store) == before


@pytest.mark.parametrize("file", ["model.skops", "split.json"])
def test_a_version_with_a_file_that_is_gone_is_not_promoted(
    store: Store, three: list[Version], file: str
) -> None:
    store.blobs.path(three[1].record.results.digest_of(file) or "").unlink()
    before = everything(store)
    with pytest.raises(BlobMissing):
        registry.promote(store, f"{MODEL}@2", "champion", SESSION, "better")
    assert everything(store) == before
