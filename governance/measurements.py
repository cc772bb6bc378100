"""What was measured about a version once, over many inputs, and is kept with its record.

A measurement is a record of its own, of kind ``measurement``, whose subject is the run's record: the
run's stays as it was written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rfc8785 import CanonicalizationError

from data.failures import CrumbtrailError
from governance import audit, numerics, observe, stored_records
from governance.record import SCHEMA, RecordError
from governance.registry import Version
from governance.store import Store, now
from governance.stored_records import StoredRecord

KIND = "measurement"


def keep(
    store: Store,
    version: Version,
    name: str,
    asked: Mapping[str, Any],
    results: Mapping[str, Any],
    session: str,
) -> StoredRecord:
    """Store a measurement as a record, with the code and the numerics of this process.

    Parameters
    ----------
    name : str
        What was measured, as in ``trust_thresholds``.
    asked : mapping
        What decides the results besides the version: how many inputs, seeds. JSON values.
    results : mapping
        JSON values, finite.
    session : str
        Digest of the session that asked.
    """
    body = {
        "schema": SCHEMA,
        "kind": KIND,
        "model": version.model,
        "created": now(),
        "subject": version.record_id,
        "name": name,
        "asked": dict(asked),
        "code": observe.code(),
        "numerics": numerics.observe(),
        "results": dict(results),
        "session": session,
    }
    return _store(store, version, body, session)


def adopt(store: Store, version: Version, path: Path, session: str) -> StoredRecord:
    """Take over a measurement that was shipped with a version.

    Raises
    ------
    governance.record.RecordError
        If the file is no measurement, or one of another version.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        fits = (body["kind"], body["subject"]) == (KIND, version.record_id) and body["name"]
    except (ValueError, KeyError, TypeError):
        fits = False
    if not fits:
        raise RecordError(f"{path.name} holds no measurement of {version.reference}.")
    return _store(store, version, body, session)


def newest(
    store: Store, version: Version, name: str, asked: Mapping[str, Any] | None = None
) -> StoredRecord | None:
    """The newest measurement of this name, None where there is none.

    Parameters
    ----------
    asked : mapping, optional
        Only one that was asked with these values.

    Raises
    ------
    governance.record.RecordError
        If its stored content no longer has the digest that is its identity.
    """
    for found in stored_records.about(store, version.record_id, KIND):
        if found.measurement.name == name and (asked or {}).items() <= found.measurement.asked.items():
            try:
                stored_records.read_body(store, found.id)
            except RecordError as error:
                raise RecordError(
                    f"Measurement {found.id[:12]}… was altered in the database; it is not used."
                ) from error
            return found
    return None


def all_newest(store: Store, version: Version) -> dict[str, StoredRecord]:
    """The newest measurement of each name, by name."""
    names = sorted({found.measurement.name for found in stored_records.about(store, version.record_id, KIND)})
    kept = {name: newest(store, version, name) for name in names}
    return {name: found for name, found in kept.items() if found is not None}


def identities(store: Store, version: Version) -> tuple[str, ...]:
    """Of every measurement of a version, the newest first; what is read of them can be kept by these."""
    return stored_records.identities_about(store, version.record_id, KIND)


def _store(store: Store, version: Version, body: dict[str, Any], session: str) -> StoredRecord:
    with store.writing() as connection:
        try:
            identity = stored_records.put_record(connection, body, subject=version.record_id)
        except CanonicalizationError as error:
            raise CrumbtrailError(
                f"The measurement {body['name']} of {version.reference} holds a value that JSON cannot hold: {error}"
            ) from error
        details = {"record": identity, "name": body["name"]}
        audit.append(connection, session, "measure", version.reference, details)
    return StoredRecord(identity, KIND, version.model, version.record_id, body["created"], body)
