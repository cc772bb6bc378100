"""The registry: versions of models, and the names that point to them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from data.failures import CrumbtrailError, UserMistake
from data.names import did_you_mean
from governance import audit, digests, stored_records, tables
from governance import record as records
from governance.store import Store, now

CHAMPION = "champion"


class UnknownVersion(UserMistake):
    """No such model, version or alias is stored."""


@dataclass(frozen=True, slots=True)
class Version:
    """An immutable trained artefact of a model, with the record of the run that made it.

    Attributes
    ----------
    number : int
        Counts from 1 within the model.
    record_id : str
        SHA-256 of the record's canonical JSON.
    record : dict
    aliases : tuple of str
        Names that point to it now.
    """

    model: str
    number: int
    record_id: str
    record: dict[str, Any]
    created: str
    aliases: tuple[str, ...]

    @property
    def reference(self) -> str:
        """``iris_tree@3``."""
        return f"{self.model}@{self.number}"

    @property
    def weights_digest(self) -> str:
        """Canonical digest of everything that decides an answer."""
        return self.record["results"]["weights_digest"]


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
    records.check_run(body)
    body["results"].setdefault("test_looks", 1 + _looks(store, body["data"].get("test_digest")))
    model, files = body["model"], body["results"]["files"]
    for name, entry in files.items():
        if not (folder / name).is_file() or digests.of_file(folder / name) != entry["digest"]:
            raise records.RecordError(f"{name} is not the file that the record of {model} names.")
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


def _looks(store: Store, test_digest: str | None) -> int:
    """How many records, of runs and verifications, have judged a model on these test rows before."""
    if test_digest is None:
        return 0
    query = select(func.count()).where(tables.records.c.body.contains(test_digest))
    with store.reading() as connection:
        return connection.execute(query).scalar() or 0


def version(store: Store, model: str, number: int) -> Version:
    """One version; raises `UnknownVersion` where there is none."""
    for found in versions(store, model):
        if found.number == number:
            return found
    raise UnknownVersion(f"There is no version {number} of {model}.{_what_there_is(store, model)}")


def of_record(store: Store, record_id: str) -> Version:
    """The version that a run's record made; raises `UnknownVersion` where there is none."""
    v = tables.versions.c
    with store.reading() as connection:
        row = connection.execute(select(v.model, v.number).where(v.record == record_id)).one_or_none()
    if row is None:
        raise UnknownVersion(f"No version was made by record {record_id[:12]}….")
    return version(store, row.model, row.number)


def versions(store: Store, model: str | None = None) -> list[Version]:
    """Versions of one model or of all, by model, newest first."""
    v, r, a = tables.versions, tables.records, tables.aliases
    query = select(v.c.model, v.c.number, v.c.record, v.c.created, r.c.body).join(r, r.c.id == v.c.record)
    if model is not None:
        query = query.where(v.c.model == model)
    with store.reading() as connection:
        rows = list(connection.execute(query.order_by(v.c.model, v.c.number.desc())))
        names: dict[tuple[str, int], list[str]] = {}
        for alias in connection.execute(select(a.c.model, a.c.number, a.c.alias).order_by(a.c.alias)):
            names.setdefault((alias.model, alias.number), []).append(alias.alias)
    return [_version(row, tuple(names.get((row.model, row.number), ()))) for row in rows]


def _version(row: Any, aliases: tuple[str, ...]) -> Version:
    return Version(
        row.model, row.number, row.record, stored_records.body_of(row.body, row.record), row.created, aliases
    )


def references(store: Store) -> list[str]:
    """What can be asked for, without reading a record: each model's bare name, then its versions."""
    v = tables.versions.c
    with store.reading() as connection:
        rows = list(connection.execute(select(v.model, v.number).order_by(v.model, v.number.desc())))
    found: list[str] = []
    for model, number in rows:
        found += ([] if model in found else [model]) + [f"{model}@{number}"]
    return found


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

    A bare MODEL means its champion, else its newest version.

    Raises
    ------
    UnknownVersion
        With what there is instead.
    governance.record.RecordError
        If the stored record no longer has the digest that is its identity.
    """
    model, which = split_reference(reference)
    found = versions(store, model)
    if which is None:
        champion = [v for v in found if CHAMPION in v.aliases]
        if champion or found:
            return _unaltered(store, (champion or found)[0])
    for candidate in found:
        if str(candidate.number) == which or which in candidate.aliases:
            return _unaltered(store, candidate)
    raise UnknownVersion(f"There is no {reference}.{_what_there_is(store, model, which or '')}")


def _unaltered(store: Store, found: Version) -> Version:
    r = tables.records.c
    with store.reading() as connection:
        body = connection.execute(select(r.body).where(r.id == found.record_id)).scalar()
    stored_records.check_body(found.record_id, body or "")
    return found


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


def promote(store: Store, reference: str, alias: str, session: str, reason: str = "") -> Version:
    """Let an alias point to a version; the move is written to the audit log.

    Raises
    ------
    UnknownVersion
        If there is no such version.
    UserMistake
        If the alias is not a word of lower-case letters, digits, ``_`` and ``-`` that begins with a letter.
    """
    plain = alias.replace("_", "").replace("-", "")
    if not (plain.isascii() and plain.isalnum() and plain.islower() and alias[0].isalpha()):
        raise UserMistake(
            f"{alias!r} cannot be an alias. Use lower-case letters, as in champion or candidate."
        )
    found = resolve(store, reference)
    with store.writing() as connection:
        _point(connection, found.model, alias, found.number, session, reason)
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
    _unaltered(store, found)
    results = found.record["results"]
    entry = results["files"].get(results["artefact"])
    if entry is None:
        raise CrumbtrailError(f"The record of {found.reference} names no artefact.")
    return store.blobs.get(entry["digest"])
