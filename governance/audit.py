"""The audit log: what was done, in a chain of hashes.

Each entry's hash covers the entry before it, so a changed, inserted or removed entry breaks the
chain from there on. Who can rewrite the whole table can rewrite the chain too, and entries cut off
at its end leave no trace in what remains: only a head that was noted elsewhere shows that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from governance import digests, record, tables
from governance.blobs import BlobAltered, BlobMissing
from governance.store import Store, now

START = "0" * 64
_REPEATED = ("kind", "model", "subject", "created")
_HASHED = ("seq", "at", "session", "action", "subject", "details", "previous")


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What a verification found.

    Attributes
    ----------
    head : str
        Hash of the last entry, to be noted elsewhere; 64 zeros where the log is empty.
    problems : tuple of str
        One sentence for each thing that does not hold; empty when all does.
    """

    entries: int
    records: int
    files: int
    head: str
    problems: tuple[str, ...]


def append(
    connection: Connection, session: str, action: str, subject: str, details: Mapping[str, Any]
) -> None:
    """Add an entry inside the transaction that does what the entry says."""
    log = tables.audit_log
    last = connection.execute(select(log.c.seq, log.c.hash).order_by(log.c.seq.desc()).limit(1)).one_or_none()
    entry = {
        "seq": last.seq + 1 if last else 1,
        "at": now(),
        "session": session,
        "action": action,
        "subject": subject,
        "details": digests.canonical_json(dict(details)).decode(),
        "previous": last.hash if last else START,
    }
    connection.execute(insert(log).values(**entry, hash=digests.of_json(entry)))


def entries(store: Store) -> list[RowMapping]:
    """Every entry, oldest first."""
    with store.reading() as connection:
        return _entries(connection)


def _entries(connection: Connection) -> list[RowMapping]:
    return list(connection.execute(select(tables.audit_log).order_by(tables.audit_log.c.seq)).mappings())


def verify(store: Store) -> AuditResult:
    """Check the chain, that every record is there with the content of its id, and every stored file.

    Columns that repeat what a record says, so that it need not be read, are held against it.
    """
    with store.reading() as connection:
        # One state of the database: between two, a record could come in that the log does not name yet.
        log = _entries(connection)
        stored = list(connection.execute(select(tables.records)).mappings())
    # Where the chain is broken, what it says about records counts for nothing.
    problems = _broken_links(log) or _unmatched_records(log, {row["id"] for row in stored})
    files: set[str] = set()
    for row in stored:
        if digests.of_bytes(row["body"].encode()) == row["id"]:
            body = json.loads(row["body"])
            files |= set(record.files_of(body))
            problems += _untrue_columns(row, body)
        else:
            problems.append(f"Record {row['id'][:12]}… was altered: its content has another digest.")
    for digest in sorted(files):
        try:
            store.blobs.get(digest)
        except (BlobMissing, BlobAltered) as error:
            problems.append(str(error))
    head = str(log[-1]["hash"]) if log else START
    return AuditResult(len(log), len(stored), len(files), head, tuple(problems))


def _broken_links(log: list[RowMapping]) -> list[str]:
    problems, previous = [], START
    for position, entry in enumerate(log, start=1):
        if entry["seq"] != position:
            problems.append(f"The audit log lacks entry {position}; the next is {entry['seq']}.")
            break
        if entry["previous"] != previous:
            problems.append(f"Entry {entry['seq']} of the audit log does not follow the one before it.")
        if digests.of_json({name: entry[name] for name in _HASHED}) != entry["hash"]:
            problems.append(f"Entry {entry['seq']} of the audit log was altered.")
        previous = entry["hash"]
    return problems


def _unmatched_records(log: list[RowMapping], stored: set[str]) -> list[str]:
    problems, named = [], set()
    for entry in log:
        details = json.loads(entry["details"])
        for identity in filter(None, (details.get("record"), details.get("verification"))):
            named.add(identity)
            if identity not in stored:
                problems.append(
                    f"Record {identity[:12]}… is missing; entry {entry['seq']} of the audit log names it."
                )
    return problems + [
        f"Record {identity[:12]}… is stored, but no entry of the audit log names it."
        for identity in sorted(stored - named)
    ]


def _untrue_columns(row: RowMapping, body: Mapping[str, Any]) -> list[str]:
    said = {name: body.get(name) for name in _REPEATED} | {"test_digest": record.judged_on(body)}
    return [
        f"Record {row['id'][:12]}… is as it was written, but its column {name} says {row[name]} in place of {value}."
        for name, value in said.items()
        if row[name] != value
    ]
