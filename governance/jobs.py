"""The queue of long work, one job at a time in a workspace. What kinds there are, stands in `governance.job_table`.

A job is a row. Whoever runs jobs holds a lock file that the operating system frees when the process
ends, however it ends; so a row that says ``running`` while nobody holds the lock is the trace of a
crash, and is marked ``broken``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from data.failures import CrumbtrailError, UserMistake
from governance import digests, tables
from governance.store import Store, now


class UnknownJob(UserMistake):
    """No job has this number."""


class UnreadableJob(CrumbtrailError):
    """What a job's row holds is not what Crumbtrail writes."""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of long work.

    Attributes
    ----------
    status : {"queued", "running", "done", "failed", "cancelled", "broken"}
        ``broken``: the process that ran it ended without a word. What was not finished is not stored.
    request : dict
        What was asked for, by the kind's own names; for a training see `governance.worker.request`.
    progress : dict
        The last report: ``step``, ``done``, ``total``, ``figures``; empty before the first.
    result : dict or None
        What came of it, by the kind's own names (see `governance.job_kind.JobKind`); None unless it is done.
    message : str or None
        Why it failed.
    """

    id: int
    kind: str
    model: str
    request: dict[str, Any]
    status: str
    session: str
    created: str
    started: str | None
    ended: str | None
    cancel_requested: bool
    progress: dict[str, Any]
    result: dict[str, Any] | None
    message: str | None

    @property
    def finished(self) -> bool:
        return self.status not in tables.UNFINISHED


def submit(store: Store, kind: str, model: str, request: Mapping[str, Any], session: str) -> tuple[Job, bool]:
    """Put a job in the queue, or join the same one that is not finished.

    Returns
    -------
    job : Job
    joined : bool
        True if it was there already.
    """
    key = digests.of_json({"kind": kind, "model": model, "request": dict(request)})
    values = {"kind": kind, "model": model, "request": json.dumps(dict(request)), "key": key}
    try:
        with store.writing() as connection:
            made = connection.execute(
                insert(tables.jobs).values(**values, status="queued", session=session, created=now())
            )
            identity = made.inserted_primary_key
        return get(store, int(identity[0] if identity else 0)), False
    except IntegrityError:
        j = tables.jobs.c
        query = select(tables.jobs).where(j.key == key).order_by(j.id.desc()).limit(1)
        with store.reading() as connection:
            return _job(connection.execute(query).mappings().one()), True


def get(store: Store, identity: int) -> Job:
    """One job; raises `UnknownJob` and `UnreadableJob`."""
    with store.reading() as connection:
        query = select(tables.jobs).where(tables.jobs.c.id == identity)
        row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise UnknownJob(f"There is no job {identity}.")
    return _job(row)


def data_of(store: Store, record: str) -> str | None:
    """Which data the training that made this record was asked for; None where it was not done here."""
    j = tables.jobs.c
    done = (j.status == "done") & j.result.contains(record)
    with store.reading() as connection:
        request = connection.execute(select(j.request).where(done).limit(1)).scalar()
    try:
        return _map(request).get("data") if request else None
    except ValueError:
        return None


def recent(store: Store, limit: int = 20, unfinished_only: bool = False) -> list[Job]:
    """The newest jobs first; those whose row cannot be read are left out, see `unreadable`."""
    j = tables.jobs.c
    query = select(tables.jobs).order_by(j.id.desc()).limit(limit)
    if unfinished_only:
        query = query.where(j.status.in_(tables.UNFINISHED))
    with store.reading() as connection:
        found = [_read(row) for row in connection.execute(query).mappings()]
    return [job for job in found if isinstance(job, Job)]


def unreadable(store: Store, unfinished_only: bool = False) -> list[str]:
    """A sentence for each job whose row cannot be read, the oldest first."""
    query = select(tables.jobs).order_by(tables.jobs.c.id)
    if unfinished_only:
        query = query.where(tables.jobs.c.status.in_(tables.UNFINISHED))
    with store.reading() as connection:
        found = [_read(row) for row in connection.execute(query).mappings()]
    return [one for one in found if isinstance(one, str)]


def unfinished(store: Store) -> dict[str, int]:
    """How many jobs are queued and how many are running, those included whose row cannot be read otherwise."""
    status = tables.jobs.c.status
    query = select(status, func.count()).where(status.in_(tables.UNFINISHED)).group_by(status)
    with store.reading() as connection:
        found = {row[0]: row[1] for row in connection.execute(query)}
    return {name: found.get(name, 0) for name in tables.UNFINISHED}


def cancel(store: Store, identity: int) -> None:
    """Ask for the end of a job; a queued one ends at once, a running one within about a second.

    One that is finished stays as it is.

    Raises
    ------
    UnknownJob
        If no job has this number.
    """
    with store.reading() as connection:
        if connection.execute(select(tables.jobs.c.id).where(tables.jobs.c.id == identity)).scalar() is None:
            raise UnknownJob(f"There is no job {identity}.")
    j = tables.jobs.c
    this = (j.id == identity) & j.status.in_(tables.UNFINISHED)
    with store.writing() as connection:
        connection.execute(update(tables.jobs).where(this).values(cancel_requested=1))
        connection.execute(
            update(tables.jobs)
            .where(this & (j.status == "queued"))
            .values(status="cancelled", ended=now(), message="Cancelled before it began.")
        )


def claim(store: Store) -> Job | None:
    """Take the oldest queued job and mark it running; for whoever holds the worker's lock.

    One whose row cannot be read fails with that, and does not hold up those behind it.
    """
    j = tables.jobs.c
    while True:
        with store.writing() as connection:
            query = select(tables.jobs).where(j.status == "queued").order_by(j.id).limit(1)
            row = connection.execute(query).mappings().one_or_none()
            if row is None:
                return None
            found = _read(row)
            values: dict[str, Any] = {"status": "running", "started": now()}
            if isinstance(found, str):
                values = {"status": "failed", "ended": now(), "message": found}
            connection.execute(update(tables.jobs).where(j.id == row["id"]).values(**values))
        if isinstance(found, Job):
            return get(store, found.id)


def note_progress(store: Store, identity: int, progress: Mapping[str, Any]) -> bool:
    """Keep the last report of a running job; True if its end was asked for."""
    j = tables.jobs.c
    with store.writing() as connection:
        connection.execute(
            update(tables.jobs).where(j.id == identity).values(progress=json.dumps(dict(progress)))
        )
        return bool(connection.execute(select(j.cancel_requested).where(j.id == identity)).scalar())


def finish(
    store: Store,
    identity: int,
    status: str,
    result: Mapping[str, Any] | None = None,
    message: str | None = None,
) -> None:
    """Write how a job ended."""
    with store.writing() as connection:
        connection.execute(
            update(tables.jobs)
            .where(tables.jobs.c.id == identity)
            .values(
                status=status,
                ended=now(),
                result=None if result is None else json.dumps(dict(result)),
                message=message,
            )
        )


def mark_broken(store: Store) -> int:
    """Mark what says ``running`` as broken; only for whoever has just got the worker's lock."""
    message = "The process that ran it ended before it was done. What was not finished is not stored; start it again."
    with store.writing() as connection:
        done = connection.execute(
            update(tables.jobs)
            .where(tables.jobs.c.status == "running")
            .values(status="broken", ended=now(), message=message)
        )
    return done.rowcount


def _job(row: Mapping[Any, Any]) -> Job:
    """The job in a row; raises `UnreadableJob`."""
    found = _read(row)
    if isinstance(found, str):
        raise UnreadableJob(found)
    return found


def _read(row: Mapping[Any, Any]) -> Job | str:
    """The job in a row, or the sentence that it is none."""
    texts = ("kind", "model", "status", "session", "created")
    wrong = [name for name in texts if not isinstance(row[name], str)]
    wrong += [
        name
        for name in ("started", "ended", "message")
        if row[name] is not None and not isinstance(row[name], str)
    ]
    parts: dict[str, Any] = {"result": None}
    for name in ("request", "progress", "result"):
        if name == "result" and not row[name]:
            continue
        try:
            parts[name] = _map(row[name])
        except ValueError:
            wrong.append(name)
    if wrong:
        return (
            f"Job {row['id']} cannot be read, because somebody altered its {wrong[0]} in the database. "
            "Start it again if it is still wanted; `python -m governance doctor` says what else is wrong."
        )
    return Job(
        id=row["id"],
        kind=row["kind"],
        model=row["model"],
        status=row["status"],
        session=row["session"],
        created=row["created"],
        started=row["started"],
        ended=row["ended"],
        cancel_requested=bool(row["cancel_requested"]),
        message=row["message"],
        **parts,
    )


def _map(text: Any) -> dict[str, Any]:
    """A JSON map; raises `ValueError` where a text is none."""
    try:
        found = json.loads(text)
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    if not isinstance(found, dict):
        raise ValueError("no map")
    return found
