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

from sqlalchemy import Connection, RowMapping, Table, insert, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from governance import digests, record, tables
from governance.blobs import BlobAltered, BlobMissing
from governance.store import Store, cause_of, now

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

    Columns that repeat what a record says, so that it need not be read, are held against it. Whatever was done to the
    database or the files becomes a sentence.
    """
    with store.reading() as connection:
        # One state of the database: between two, a record could come in that the log does not name yet.
        problems = _missing_tables(connection)
        log = _rows(connection, tables.audit_log, problems)
        stored = _rows(connection, tables.records, problems)
    # Where the chain is broken, what it says about records counts for nothing.
    problems += _broken_links(log) or _unmatched_records(log, {row["id"] for row in stored})
    files: set[str] = set()
    for row in stored:
        name = f"Record {_short(row['id'])}"
        if not isinstance(row["body"], str) or digests.of_bytes(row["body"].encode()) != row["id"]:
            problems.append(f"{name} was altered: its content has another digest.")
            continue
        try:
            body = json.loads(row["body"])
            files |= {str(digest) for digest in record.files_of(body)}
            problems += _untrue_columns(row, body)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            problems.append(f"{name} is as it was written, but it is no record that Crumbtrail writes.")
    for digest in sorted(files):
        try:
            store.blobs.check(digest)
        except (BlobMissing, BlobAltered) as error:
            problems.append(str(error))
    head = str(log[-1]["hash"]) if log else START
    return AuditResult(len(log), len(stored), len(files), head, tuple(problems))


def _missing_tables(connection: Connection) -> list[str]:
    there = set(inspect(connection).get_table_names())
    return [
        f"The table {name} is missing from the database. Restore the database from a backup."
        for name in tables.metadata.tables
        if name not in there
    ]


def _rows(connection: Connection, table: Table, problems: list[str]) -> list[RowMapping]:
    """Every row of a table by its key; one that cannot be read leaves no rows and a problem, a missing one no rows."""
    if not inspect(connection).has_table(table.name):
        return []
    try:
        return list(connection.execute(select(table).order_by(*table.primary_key)).mappings())
    except SQLAlchemyError as error:
        problems.append(
            f"The table {table.name} cannot be read: {cause_of(error)}. Restore the database from a backup."
        )
        return []


def _broken_links(log: list[RowMapping]) -> list[str]:
    problems, previous = [], START
    for position, entry in enumerate(log, start=1):
        if entry["seq"] != position:
            problems.append(f"The audit log lacks entry {position}; the next is {entry['seq']}.")
            break
        if entry["previous"] != previous:
            problems.append(f"Entry {entry['seq']} of the audit log does not follow the one before it.")
        if _hash(entry) != entry["hash"]:
            problems.append(f"Entry {entry['seq']} of the audit log was altered.")
        previous = entry["hash"]
    return problems


def _hash(entry: RowMapping) -> str | None:
    """What an entry's hash must be; None where a cell holds what no entry has, such as bytes."""
    try:
        return digests.of_json({name: entry[name] for name in _HASHED})
    except ValueError:
        return None


def _unmatched_records(log: list[RowMapping], stored: set[Any]) -> list[str]:
    problems, named = [], set()
    for entry in log:
        identities = _named_by(entry)
        if identities is None:
            problems.append(
                f"Entry {entry['seq']} of the audit log has details that Crumbtrail does not write."
            )
        for identity in identities or ():
            named.add(identity)
            if identity not in stored:
                problems.append(
                    f"Record {_short(identity)} is missing; entry {entry['seq']} of the audit log names it."
                )
    return problems + [
        f"Record {_short(identity)} is stored, but no entry of the audit log names it."
        for identity in sorted(stored - named, key=str)
    ]


def _named_by(entry: RowMapping) -> list[str] | None:
    """Identities of the records that an entry speaks of; None where its details are no map."""
    try:
        details = json.loads(entry["details"])
        return [str(details[name]) for name in ("record", "verification") if details.get(name)]
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _short(identity: Any) -> str:
    return f"{str(identity)[:12]}…"


def _untrue_columns(row: RowMapping, body: Mapping[str, Any]) -> list[str]:
    said = {name: body.get(name) for name in _REPEATED} | {"test_digest": record.judged_on(body)}
    return [
        f"Record {_short(row['id'])} is as it was written, but its column {name} says {row[name]} in place of {value}."
        for name, value in said.items()
        if row[name] != value
    ]
