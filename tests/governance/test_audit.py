"""The audit log against an independent reading of the chain, and in the hands of somebody who tampers."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import rfc8785

from governance import audit, registry, sessions, stored_records
from governance.home import open_store
from governance.store import Store
from tests.governance.conftest import NewFolder, tampering
from tests.toys import MODEL


@pytest.fixture
def filled(store: Store, new_folder: NewFolder) -> Store:
    """Two versions, and names that moved: a log of five entries, those of the shipped versions apart."""
    session = sessions.start(store, "test")
    for _ in range(2):
        registry.register(store, new_folder(), session)
    registry.promote(store, f"{MODEL}@2", "champion", session, "why not")
    registry.promote(store, f"{MODEL}@1", "candidate", session, "a look")
    return store


def test_a_log_that_nobody_touched_holds(filled: Store) -> None:
    result = audit.verify(filled)
    assert result.problems == ()
    assert result.entries == len(audit.entries(filled)) >= 5
    assert result.records == len(stored_records.list_records(filled)) >= 2
    assert result.files >= 3
    assert result.head == audit.entries(filled)[-1]["hash"]


def test_chain_is_that_of_an_independent_reading(filled: Store) -> None:
    """SHA-256 of the entry's canonical JSON, which holds the hash before it; 64 zeros at the start."""
    database = sqlite3.connect(filled.engine.url.database or "")
    database.row_factory = sqlite3.Row
    previous = "0" * 64
    for number, row in enumerate(database.execute("SELECT * FROM audit_log ORDER BY seq"), start=1):
        entry = dict(row)
        found = entry.pop("hash")
        assert entry["seq"] == number
        assert entry["previous"] == previous
        assert hashlib.sha256(rfc8785.dumps(entry)).hexdigest() == found
        previous = found
    database.close()
    assert previous == audit.verify(filled).head


def test_an_empty_log_has_a_head_of_zeros(store: Store) -> None:
    if not audit.entries(store):
        assert audit.verify(store).head == "0" * 64
    assert audit.verify(store).problems == ()


@pytest.mark.parametrize("column", ["at", "session", "action", "subject", "details", "previous", "hash"])
def test_an_altered_entry_is_named(filled: Store, home: Path, column: str) -> None:
    last = len(audit.entries(filled))
    with tampering(home) as database:
        statement = f"UPDATE audit_log SET {column} = substr({column}, 2) || '0' WHERE seq = ?"  # noqa: S608
        database.execute(statement, (last - 2,))
    problems = audit.verify(filled).problems
    assert f"Entry {last - 2} of the audit log was altered." in problems
    if column == "hash":
        assert f"Entry {last - 1} of the audit log does not follow the one before it." in problems


def test_an_entry_altered_together_with_its_hash_breaks_the_next(filled: Store, home: Path) -> None:
    last = len(audit.entries(filled))
    with tampering(home) as database:
        database.row_factory = sqlite3.Row
        entry = dict(database.execute("SELECT * FROM audit_log WHERE seq = ?", (last - 1,)).fetchone())
        entry.pop("hash")
        assert "why not" in entry["details"]
        entry["details"] = entry["details"].replace("why not", "because")
        fixed = hashlib.sha256(rfc8785.dumps(entry)).hexdigest()
        statement = "UPDATE audit_log SET details = ?, hash = ? WHERE seq = ?"
        database.execute(statement, (entry["details"], fixed, last - 1))
    problems = audit.verify(filled).problems
    assert problems == (f"Entry {last} of the audit log does not follow the one before it.",)


@pytest.mark.parametrize("back", [1, 2, 4])
def test_a_removed_entry_is_named(filled: Store, home: Path, back: int) -> None:
    gone = len(audit.entries(filled)) - back
    with tampering(home) as database:
        database.execute("DELETE FROM audit_log WHERE seq = ?", (gone,))
    problems = audit.verify(filled).problems
    assert f"The audit log lacks entry {gone}; the next is {gone + 1}." in problems


def test_a_removed_entry_is_named_when_the_others_close_ranks(filled: Store, home: Path) -> None:
    gone = len(audit.entries(filled)) - 2
    with tampering(home) as database:
        database.execute("DELETE FROM audit_log WHERE seq = ?", (gone,))
        for seq in (gone + 1, gone + 2):
            database.execute("UPDATE audit_log SET seq = ? WHERE seq = ?", (seq - 1, seq))
    problems = audit.verify(filled).problems
    assert f"Entry {gone} of the audit log does not follow the one before it." in problems


def test_entries_cut_off_at_the_end_change_the_head_and_nothing_else(filled: Store, home: Path) -> None:
    """The limit that the log states about itself: only a head noted elsewhere shows this."""
    noted = audit.verify(filled).head
    with tampering(home) as database:
        database.execute("DELETE FROM audit_log WHERE seq = (SELECT max(seq) FROM audit_log)")
    result = audit.verify(filled)
    assert result.problems == ()
    assert result.head != noted


@pytest.mark.parametrize(
    "tamper",
    [
        lambda body: body.replace('"seed":1', '"seed":7'),
        lambda body: body + " ",
        lambda body: json.dumps(json.loads(body)),
        lambda body: "{}",
        lambda body: "not even JSON",
    ],
)
def test_an_altered_record_is_named(filled: Store, home: Path, tamper: Callable[[str], str]) -> None:
    identity = registry.resolve(filled, f"{MODEL}@1").record_id
    with tampering(home) as database:
        (body,) = database.execute("SELECT body FROM records WHERE id = ?", (identity,)).fetchone()
        assert tamper(body) != body
        database.execute("UPDATE records SET body = ? WHERE id = ?", (tamper(body), identity))
    assert audit.verify(filled).problems == (
        f"Record {identity[:12]}… was altered: its content has another digest.",
    )


@pytest.mark.parametrize("column", ["kind", "model", "created", "test_digest"])
def test_a_column_that_no_longer_repeats_its_record_is_named(filled: Store, home: Path, column: str) -> None:
    version = registry.resolve(filled, f"{MODEL}@2")
    body = version.record.body
    said = body["data"][column] if column == "test_digest" else body[column]
    with tampering(home) as database:
        statement = f"UPDATE records SET {column} = 'x' WHERE id = ?"  # noqa: S608
        database.execute(statement, (version.record_id,))
    assert audit.verify(filled).problems == (
        f"Record {version.record_id[:12]}… is as it was written, but its column {column} says x in place of {said}.",
    )


def test_a_removed_record_is_named_with_the_entry_that_names_it(filled: Store, home: Path) -> None:
    identity = registry.resolve(filled, f"{MODEL}@2").record_id
    with tampering(home) as database:
        database.execute("DELETE FROM versions WHERE record = ?", (identity,))
        database.execute("DELETE FROM records WHERE id = ?", (identity,))
    (problem,) = audit.verify(filled).problems
    assert problem.startswith(f"Record {identity[:12]}… is missing; entry ")


def test_a_record_that_was_slipped_in_is_named(filled: Store, home: Path) -> None:
    body = registry.resolve(filled, f"{MODEL}@2").record.body | {"created": "2020-01-01T00:00:00.000000Z"}
    content = rfc8785.dumps(body)
    identity = hashlib.sha256(content).hexdigest()
    with tampering(home) as database:
        row = (identity, "run", MODEL, None, body["created"], content.decode(), body["data"]["test_digest"])
        database.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    assert audit.verify(filled).problems == (
        f"Record {identity[:12]}… is stored, but no entry of the audit log names it.",
    )


def test_an_altered_and_a_missing_file_are_named(filled: Store) -> None:
    files = registry.resolve(filled, MODEL).record.body["results"]["files"]
    altered, missing = files["model.skops"]["digest"], files["probe.safetensors"]["digest"]
    content = bytearray(filled.blobs.path(altered).read_bytes())
    content[100] ^= 1
    filled.blobs.path(altered).write_bytes(content)
    filled.blobs.path(missing).unlink()
    problems = audit.verify(filled).problems
    assert len(problems) == 2
    assert any(f"{altered[:12]}… was altered" in problem for problem in problems)
    assert any(f"{missing[:12]}… is missing" in problem for problem in problems)


def test_everything_that_is_wrong_is_named_at_once(filled: Store, home: Path) -> None:
    version = registry.resolve(filled, f"{MODEL}@1")
    filled.blobs.path(version.record.body["results"]["files"]["rows.json"]["digest"]).unlink()
    last = len(audit.entries(filled))
    with tampering(home) as database:
        database.execute("UPDATE audit_log SET subject = 'x' WHERE seq = ?", (last,))
        database.execute("UPDATE records SET body = '{}' WHERE id = ?", (version.record_id,))
    problems = " ".join(audit.verify(filled).problems)
    assert f"Entry {last} of the audit log was altered" in problems
    assert f"Record {version.record_id[:12]}… was altered" in problems
    assert "is missing" in problems


def test_the_prepared_home_holds(trained_home: Path) -> None:
    """Real trainings, one of them in a child, and every file that they left."""
    result = audit.verify(open_store())
    assert result.problems == ()
    assert result.records >= 3
    assert result.files >= 7


def artefact_path(filled: Store) -> Path:
    results = registry.resolve(filled, MODEL).record.results
    return filled.blobs.path(results.digest_of(results.artefact) or "")


def folder_in_its_place(path: Path) -> None:
    path.unlink()
    path.mkdir()


def ring_in_its_place(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def pipe_in_its_place(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def file_in_its_folder_s_place(path: Path) -> None:
    shutil.rmtree(path.parent)
    path.parent.write_bytes(b"")


def folder_that_leads_to_itself(path: Path) -> None:
    shutil.rmtree(path.parent)
    path.parent.symlink_to(path.parent.name)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (folder_in_its_place, "was altered: a folder stands in its place"),
        (ring_in_its_place, "cannot be read (Too many levels of symbolic links)"),
        (pipe_in_its_place, "was altered: no file stands in its place"),
        (file_in_its_folder_s_place, "is missing from blobs/"),
        (folder_that_leads_to_itself, "cannot be read (Too many levels of symbolic links)"),
    ],
)
def test_whatever_stands_in_a_file_s_place_is_a_finding(
    filled: Store, damage: Callable[[Path], None], said: str
) -> None:
    path = artefact_path(filled)
    damage(path)
    (problem,) = [p for p in audit.verify(filled).problems if path.name[:12] in p]
    assert said in problem


@pytest.mark.parametrize("table", ["audit_log", "records", "versions", "aliases", "sessions", "jobs"])
def test_a_table_that_is_gone_is_a_finding(filled: Store, home: Path, table: str) -> None:
    with tampering(home) as database:
        database.execute(f"DROP TABLE {table}")
    problems = audit.verify(filled).problems
    assert f"The table {table} is missing from the database. Restore the database from a backup." in problems


@pytest.mark.parametrize("column", ["at", "session", "action", "subject", "details", "previous", "hash"])
@pytest.mark.parametrize("value", [b"\x00\xff", 7])
def test_an_entry_with_a_cell_of_another_kind_is_named(
    filled: Store, home: Path, column: str, value: object
) -> None:
    last = len(audit.entries(filled))
    with tampering(home) as database:
        database.execute(f"UPDATE audit_log SET {column} = ? WHERE seq = ?", (value, last))  # noqa: S608
    assert f"Entry {last} of the audit log was altered." in audit.verify(filled).problems


@pytest.mark.parametrize("column", ["id", "kind", "model", "subject", "created", "body", "test_digest"])
def test_a_record_with_a_cell_of_bytes_is_named(filled: Store, home: Path, column: str) -> None:
    identity = registry.resolve(filled, f"{MODEL}@1").record_id
    with tampering(home) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute(f"UPDATE records SET {column} = ? WHERE id = ?", (b"\x00\xff", identity))  # noqa: S608
    assert any("Record " in problem for problem in audit.verify(filled).problems)


def test_text_that_is_no_utf_8_is_a_finding_of_its_table(filled: Store, home: Path) -> None:
    with tampering(home) as database:
        database.execute("UPDATE records SET body = CAST(x'ff' AS TEXT) WHERE model = ?", (MODEL,))
    assert any(p.startswith("The table records cannot be read: ") for p in audit.verify(filled).problems)


@pytest.mark.parametrize(
    "content", ["[]", "7", '{"kind":"run"}', '{"kind":"run","results":{"files":[1]}}', "{"]
)
def test_a_whole_record_of_nonsense_is_named(filled: Store, home: Path, content: str) -> None:
    """Its digest is right, so nobody altered it: it was written by something else."""
    identity = hashlib.sha256(content.encode()).hexdigest()
    with tampering(home) as database:
        row = (identity, "run", MODEL, None, "2020-01-01T00:00:00.000000Z", content, None)
        database.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    assert any(identity[:12] in problem for problem in audit.verify(filled).problems)


@pytest.mark.parametrize("details", ["[]", "{", "7", '{"record":7}', "[" * 100_000])
def test_details_that_are_no_map_are_a_finding(filled: Store, home: Path, details: str) -> None:
    """Written with a hash that fits, as by somebody who owns the database."""
    with tampering(home) as database:
        database.row_factory = sqlite3.Row
        entry = dict(database.execute("SELECT * FROM audit_log ORDER BY seq DESC LIMIT 1").fetchone())
        entry.pop("hash")
        entry["details"] = details
        fixed = hashlib.sha256(rfc8785.dumps(entry)).hexdigest()
        database.execute(
            "UPDATE audit_log SET details = ?, hash = ? WHERE seq = ?", (details, fixed, entry["seq"])
        )
    assert any(
        f"Entry {entry['seq']} of the audit log" in p or "Record 7" in p
        for p in audit.verify(filled).problems
    )
