"""Records as they are stored: runs, what was verified about them, and what was measured about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select

from data.failures import UserMistake
from governance import digests, record, tables
from governance.record import Measurement, RecordError, Verification
from governance.store import Store


class UnknownRecord(UserMistake):
    """No such record is stored, or more than one."""


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as it is stored: a run's, or what was verified or measured about one, its ``subject``."""

    id: str
    kind: str
    model: str
    subject: str | None
    created: str
    body: dict[str, Any]

    @property
    def verification(self) -> Verification:
        """Its content, where it is one."""
        return Verification(self.body)

    @property
    def measurement(self) -> Measurement:
        """Its content, where it is one."""
        return Measurement(self.body)


def put_record(connection: Connection, body: Mapping[str, Any], subject: str | None = None) -> str:
    """Write a record inside a transaction and return its identity."""
    content = digests.canonical_json(dict(body))
    identity = digests.of_bytes(content)
    connection.execute(
        insert(tables.records).values(
            id=identity,
            kind=body["kind"],
            model=body["model"],
            subject=subject,
            created=body["created"],
            body=content.decode(),
            test_digest=record.judged_on(body),
        )
    )
    return identity


def get_record(store: Store, identity: str) -> StoredRecord:
    """The record with this identity, or with an identity that begins so (8 characters or more).

    Raises
    ------
    UnknownRecord
        If there is none, or more than one begins so.
    governance.record.RecordError
        If the stored content no longer has this digest.
    """
    r = tables.records.c
    if len(identity) < 8 or not set(identity) <= set("0123456789abcdef"):
        raise UnknownRecord(
            f"{identity!r} names no record. Give 8 or more of the hexadecimal digits of its identity."
        )
    query = select(r.id, r.kind, r.model, r.subject, r.created, r.body).where(r.id.startswith(identity))
    with store.reading() as connection:
        rows = list(connection.execute(query.limit(2)))
    if len(rows) != 1:
        raise UnknownRecord(f"{'No' if not rows else 'More than one'} record begins with {identity}.")
    row = rows[0]
    return StoredRecord(*row[:5], _unaltered(row.id, row.body))


def list_records(store: Store, model: str | None = None) -> list[StoredRecord]:
    """Records of every kind, newest first."""
    r = tables.records.c
    query = select(r.id, r.kind, r.model, r.subject, r.created, r.body)
    if model is not None:
        query = query.where(r.model == model)
    with store.reading() as connection:
        rows = list(connection.execute(query.order_by(r.created.desc())))
    return [StoredRecord(*row[:5], record.load(row.body, row.id)) for row in rows]


def lacking(store: Store, identities: Iterable[str]) -> set[str]:
    """Those of some identities that no stored record has."""
    asked = set(identities)
    with store.reading() as connection:
        found = connection.execute(select(tables.records.c.id).where(tables.records.c.id.in_(asked)))
        return asked - set(found.scalars())


def verifications(store: Store, record_id: str) -> list[StoredRecord]:
    """Verifications of a run's record, newest first."""
    return about(store, record_id, "verification")


def about(store: Store, record_id: str, kind: str) -> list[StoredRecord]:
    """Records of one kind whose subject is a run's record, newest first."""
    r = tables.records.c
    query = select(r.id, r.kind, r.model, r.subject, r.created, r.body)
    query = query.where(r.subject == record_id, r.kind == kind)
    with store.reading() as connection:
        rows = list(connection.execute(query.order_by(r.created.desc())))
    return [StoredRecord(*row[:5], record.load(row.body, row.id)) for row in rows]


def identities_about(store: Store, record_id: str, kind: str) -> tuple[str, ...]:
    """The identities of what `about` gives, without reading their content."""
    r = tables.records.c
    query = select(r.id).where(r.subject == record_id, r.kind == kind)
    with store.reading() as connection:
        return tuple(connection.execute(query.order_by(r.created.desc())).scalars())


def newest_unchanged(found: Iterable[StoredRecord]) -> StoredRecord | None:
    """Of verifications, newest first, the first that changed nothing on purpose; None where there is none.

    It is the one that says how reproducible a run is: with another seed another model is no surprise.
    """
    return next((v for v in found if not v.verification.on_purpose), None)


def read_body(store: Store, identity: str) -> dict[str, Any]:
    """The content of the record with this identity.

    Raises
    ------
    governance.record.RecordError
        If there is none, or its content no longer has this digest.
    """
    r = tables.records.c
    with store.reading() as connection:
        body = connection.execute(select(r.body).where(r.id == identity)).scalar()
    return _unaltered(identity, body or "")


def looks(store: Store, test_digest: str) -> int:
    """How many records, of runs and verifications, have judged a model on these test rows."""
    query = select(func.count()).where(tables.records.c.test_digest == test_digest)
    with store.reading() as connection:
        return connection.execute(query).scalar() or 0


def _unaltered(identity: str, body: Any) -> dict[str, Any]:
    if not isinstance(body, str) or digests.of_bytes(body.encode()) != identity:
        raise RecordError(f"Record {identity[:12]}… was altered in the database; it is not shown as true.")
    return record.load(body, identity)
