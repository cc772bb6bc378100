"""The registry: versions of models, and the names that point to them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, delete, func, insert, select

from data.dataset_types import Split
from data.failures import CrumbtrailError, UserMistake
from data.names import did_you_mean
from governance import aliases, audit, digests, stored_records, tables
from governance.record import SPLIT_FILE, Record, RecordError, check_run
from governance.store import Store, now

CHAMPION = "champion"
_DIGITS = 9


class UnknownVersion(UserMistake):
    """No such model, version or alias is stored."""


@dataclass(frozen=True)
class Version:
    """An immutable trained artefact of a model; the record of the run that made it is read when it is asked for.

    Attributes
    ----------
    number : int
        Counts from 1 within the model.
    record_id : str
        SHA-256 of the record's canonical JSON.
    created : str
        When it was stored: UTC, ISO 8601.
    aliases : tuple of str
        Names that point to it now, sorted.
    store : Store
        Where it is kept.
    """

    model: str
    number: int
    record_id: str
    created: str
    aliases: tuple[str, ...]
    store: Store = field(repr=False, compare=False)

    @property
    def reference(self) -> str:
        """``iris_tree@3``."""
        return f"{self.model}@{self.number}"

    @cached_property
    def record(self) -> Record:
        """What was written about the run, read once.

        Raises
        ------
        governance.record.RecordError
            If the stored record no longer has the digest that is its identity.
        """
        return Record(stored_records.read_body(self.store, self.record_id))

    @property
    def weights_digest(self) -> str:
        """Canonical digest of everything that decides an answer; raises as `record`."""
        return self.record.results.weights_digest

    @cached_property
    def split(self) -> Split:
        """The rows that it learned from and those that judged it, read once; raises as `record`.

        Raises
        ------
        governance.blobs.BlobMissing, governance.blobs.BlobAltered
            If the file that holds their positions is gone or was altered.
        """
        facts = self.record.data.split
        content = b"" if facts.inline else self.store.blobs.get(facts.digest)
        try:
            rows = facts.inline or json.loads(content)
            return Split(np.array(rows["train"], dtype=np.int64), np.array(rows["test"], dtype=np.int64))
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise RecordError(
                f"Which rows {self.reference} learned from cannot be read: {SPLIT_FILE} of its record holds no rows "
                "of a training and a test part. Restore it from a backup, or train a new version."
            ) from error


def register(store: Store, folder: Path, session: str, action: str = "register") -> Version:
    """Store what a training left in a folder as a new version: all of it, or nothing.

    A record that names its session already keeps it, and its count of looks at the test rows: it was
    complete when it was shipped.

    Parameters
    ----------
    folder : Path
        Holds ``record.json`` and the files that its results name.
    session : str
        Digest of the session that asked for the training.
    action : str
        What the audit log calls it.

    Raises
    ------
    governance.record.RecordError
        If the record is not complete or a file is not the one that it names.
    """
    body = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    body.setdefault("session", session)
    check_run(body)
    made = Record(body)
    model, files, judged_on = made.model, made.results.files, made.data.test_digest
    looks = 0 if judged_on is None else stored_records.looks(store, judged_on)
    body["results"].setdefault("test_looks", 1 + looks)
    for name in files:
        if not (folder / name).is_file() or digests.of_file(folder / name) != made.results.digest_of(name):
            raise RecordError(f"{name} is not the file that the record of {model} names.")
    for name in files:
        store.blobs.put((folder / name).read_bytes())
    with store.writing() as connection:
        identity = stored_records.put_record(connection, body)
        newest = select(func.max(tables.versions.c.number)).where(tables.versions.c.model == model)
        number = (connection.execute(newest).scalar() or 0) + 1
        connection.execute(
            insert(tables.versions).values(model=model, number=number, record=identity, created=now())
        )
        audit.append(connection, session, action, f"{model}@{number}", {"record": identity})
        if number == 1:
            _point(connection, model, CHAMPION, 1, session, "the first version")
    return version(store, model, number)


def version(store: Store, model: str, number: int) -> Version:
    """One version; raises `UnknownVersion` where there is none."""
    with store.reading() as connection:
        found = _version(store, connection, model, number)
    if found is None:
        raise UnknownVersion(f"There is no version {number} of {model}.{_what_there_is(store, model)}")
    return found


def of_record(store: Store, record_id: str) -> Version:
    """The version that a run's record made; raises `UnknownVersion` where there is none."""
    v = tables.versions.c
    with store.reading() as connection:
        row = connection.execute(select(v.model, v.number).where(v.record == record_id)).one_or_none()
    if row is None:
        raise UnknownVersion(f"No version was made by record {record_id[:12]}….")
    return version(store, row.model, row.number)


def versions(store: Store, model: str | None = None) -> list[Version]:
    """Versions of one model or of all, by model, newest first; no record is read."""
    v, a = tables.versions.c, tables.aliases.c
    query = select(v.model, v.number, v.record, v.created)
    if model is not None:
        query = query.where(v.model == model)
    with store.reading() as connection:
        rows = list(connection.execute(query.order_by(v.model, v.number.desc())))
        names: dict[tuple[str, int], list[str]] = {}
        for alias in connection.execute(select(a.model, a.number, a.alias).order_by(a.alias)):
            names.setdefault((alias.model, alias.number), []).append(alias.alias)
    return [Version(*row, tuple(names.get((row.model, row.number), ())), store) for row in rows]


def _version(store: Store, connection: Connection, model: str, number: int) -> Version | None:
    v, a = tables.versions.c, tables.aliases.c
    query = select(v.model, v.number, v.record, v.created).where(v.model == model, v.number == number)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    names = select(a.alias).where(a.model == model, a.number == number).order_by(a.alias)
    return Version(*row, tuple(connection.execute(names).scalars()), store)


def references(store: Store) -> list[str]:
    """What can be asked for, without reading a record: each model's bare name, then its versions."""
    v = tables.versions.c
    with store.reading() as connection:
        rows = list(connection.execute(select(v.model, v.number).order_by(v.model, v.number.desc())))
    return [
        reference
        for model, of_model in groupby(rows, key=lambda row: row.model)
        for reference in (model, *(f"{model}@{row.number}" for row in of_model))
    ]


def models(store: Store) -> list[str]:
    """Names of the models that have a version, sorted."""
    with store.reading() as connection:
        return list(
            connection.execute(select(tables.versions.c.model).distinct().order_by("model")).scalars()
        )


def split_reference(reference: str) -> tuple[str, str | None]:
    """``"iris_tree@3"`` to ``("iris_tree", "3")``; without ``@`` the second is None."""
    model, at, which = reference.strip().partition("@")
    if not model or (at and not which):
        raise UnknownVersion(
            f"{reference!r} names no version. Write MODEL, MODEL@NUMBER or MODEL@ALIAS, as in iris_tree@1."
        )
    return model, which or None


def resolve(store: Store, reference: str) -> Version:
    """The version that ``MODEL``, ``MODEL@NUMBER`` or ``MODEL@ALIAS`` names.

    A bare MODEL means its champion, else its newest version. No record is read.

    Raises
    ------
    UnknownVersion
        With what there is instead.
    """
    model, which = split_reference(reference)
    with store.reading() as connection:
        number = _number(connection, model, which)
        found = None if number is None else _version(store, connection, model, number)
    if found is None:
        raise UnknownVersion(f"There is no {reference}.{_what_there_is(store, model, which or '')}")
    return found


def _number(connection: Connection, model: str, which: str | None) -> int | None:
    """Which number a reference's second half means; None where it means none."""
    if which is not None and which.isdecimal():
        # 01 is no other way to write 1, and there are not as many versions as the largest number of a database.
        return int(which) if which == str(int(which)) and len(which) <= _DIGITS else None
    a = tables.aliases.c
    named = select(a.number).where(a.model == model, a.alias == (which or CHAMPION))
    number = connection.execute(named).scalar()
    if number is None and which is None:
        newest = select(func.max(tables.versions.c.number)).where(tables.versions.c.model == model)
        number = connection.execute(newest).scalar()
    return number


def _what_there_is(store: Store, model: str, which: str = "") -> str:
    """What can be asked for instead, a space before each sentence."""
    found = versions(store, model)
    if found:
        hint = did_you_mean(which, (alias for v in found for alias in v.aliases))
        names = [v.reference + (f" ({', '.join(v.aliases)})" if v.aliases else "") for v in found[:8]]
        more = f" and {len(found) - 8} older" if len(found) > 8 else ""
        return f"{hint} There are {', '.join(names)}{more}."
    known = models(store)
    if not known:
        return " No model has been trained here yet."
    return f"{did_you_mean(model, known)} Models with versions: {', '.join(known)}."


def promote(store: Store, reference: str, alias: str, session: str, reason: str) -> Version:
    """Let an alias point to a version whose files are whole; the move is written to the audit log with its reason.

    Raises
    ------
    UnknownVersion
        If there is no such version.
    UserMistake
        If the alias is not a word of up to 80 lower-case letters, digits, ``_`` and ``-`` that begins with a letter,
        or the reason is blank.
    CrumbtrailError
        If its record or one of its files is gone or was altered.
    """
    found = resolve(store, reference)
    aliases.check(found.reference, alias, reason)
    for entry in found.record.results.files.values():
        store.blobs.check(entry["digest"])
    artefact(store, found)
    with store.writing() as connection:
        _point(connection, found.model, alias, found.number, session, reason.strip())
    return version(store, found.model, found.number)


def _point(connection: Connection, model: str, alias: str, number: int, session: str, reason: str) -> None:
    a = tables.aliases
    same = (a.c.model == model) & (a.c.alias == alias)
    before = connection.execute(select(a.c.number).where(same)).scalar()
    connection.execute(delete(a).where(same))
    connection.execute(insert(a).values(model=model, alias=alias, number=number, since=now()))
    details = {"alias": alias, "from": before, "to": number, "reason": reason}
    audit.append(connection, session, "promote", f"{model}@{number}", details)


def artefact(store: Store, found: Version) -> bytes:
    """The artefact's bytes, which are those that the record names or are refused.

    Raises
    ------
    CrumbtrailError
        If the record was altered or names no artefact, or the stored file is missing or was altered.
    """
    results = found.record.results
    digest = results.digest_of(results.artefact)
    if digest is None:
        raise CrumbtrailError(f"The record of {found.reference} names no artefact.")
    return store.blobs.get(digest, results.files[results.artefact].get("bytes"))
