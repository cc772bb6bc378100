"""What is wrong with a home, and how to mend it. Looking changes nothing, and needs nothing that works.

Only what nobody can miss is mended here: files of writers that were ended, and jobs whose process is gone.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import Timeout
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from data import definitions, workspace
from governance import abandoned, audit, home, jobs, store, tables
from governance.blobs import Blobs
from governance.store import NEWEST, Store, StoreError, cause_of

LEAST_FREE = 100 * 2**20
"""Bytes below which a disk counts as full: a training leaves some, and the database writes each change twice."""
_BACKUP = "Restore the database from a backup."


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong.

    Attributes
    ----------
    said : str
        What is wrong, where, and what to do, in one line.
    mend : callable () -> None, or None
        Sets it right without a loss; None where somebody has to decide.
    """

    said: str
    mend: Callable[[], None] | None = None


def examine() -> list[Finding]:
    """Everything that is wrong with this home, what stands in the way of the rest first; nothing is changed.

    Raises
    ------
    data.workspace.WorkspaceError
        If the home or the database cannot be looked for where the environment says.
    """
    place = workspace.place()
    if not place.exists():
        return []
    return [
        *_of_the_disk(place),
        *_of_the_database(Blobs(place / "blobs")),
        *(Finding(said) for said in definitions.problems("DEFINITIONS")),
        *_of_left_files(place),
    ]


def _of_the_disk(place: Path) -> Iterator[Finding]:
    database = workspace.database_file()
    for path in (place, database):
        if path is not None and path.exists() and not os.access(path, os.W_OK):
            yield Finding(
                f"{path} cannot be written to, so nothing can be trained or recorded. Let this user write there, or "
                "set CRUMBTRAIL_HOME to another folder; as it is, it can be audited."
            )
    free = shutil.disk_usage(place).free
    if free < LEAST_FREE:
        yield Finding(
            f"The disk of {place} is full: {free / 2**20:.0f} MiB are free. Free at least {LEAST_FREE // 2**20} MiB."
        )


def _of_the_database(blobs: Blobs) -> Iterator[Finding]:
    name = workspace.engine().url.render_as_string(hide_password=True)
    if store.never_written():
        if blobs.names():
            yield Finding(str(store.lost()))
        return
    try:
        yield from _of_its_form(name)
        if (opened := store.as_it_is()) is not None:
            if home.history_is_lost(opened):
                yield Finding(str(store.lost()))
            yield from _of_what_is_stored(opened)
            yield from _of_jobs(opened)
    except workspace.DatabaseLost as error:
        yield Finding(str(error))
    except StoreError as error:
        yield Finding(f"{error} {_BACKUP}")
    except SQLAlchemyError as error:
        yield Finding(f"The database {name} is damaged: {cause_of(error)}. {_BACKUP}")


def _of_its_form(name: str) -> Iterator[Finding]:
    engine = workspace.engine_as_it_is()
    with engine.connect().execution_options(crumbtrail_read_only=True) as connection:
        if engine.dialect.name == "sqlite":
            told = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if told != "ok":
                yield Finding(f"The database {name} is damaged: {' '.join(str(told).split())}. {_BACKUP}")
        found, there = store.revision(engine), inspect(connection).get_table_names()
    if found is None and there:
        yield Finding(
            f"The database {name} was made by something else: it holds the tables {', '.join(sorted(there)[:5])} and "
            "no history of Crumbtrail. Name another in CRUMBTRAIL_DB, or put Crumbtrail's own back from a backup."
        )
    if found is not None and found > NEWEST:
        yield Finding(
            f"The database {name} was written by a newer Crumbtrail (revision {found}, this one knows {NEWEST}). "
            "Use that version, or another CRUMBTRAIL_HOME."
        )


def _of_what_is_stored(opened: Store) -> Iterator[Finding]:
    for problem in audit.verify(opened).problems:
        yield Finding(problem if "backup" in problem else f"{problem} {_BACKUP}")


def _of_jobs(opened: Store) -> Iterator[Finding]:
    with opened.reading() as connection:
        if not inspect(connection).has_table(tables.jobs.name):
            return  # Named among the tables that are missing.
        running = select(func.count()).where(tables.jobs.c.status == "running")
        n = connection.execute(running).scalar() or 0
    for said in jobs.unreadable(opened):
        yield Finding(said)
    if n and not os.environ.get("CRUMBTRAIL_DB") and not _queue_is_run():
        told = "A job says that it is running" if n == 1 else f"{n} jobs say that they are running"
        yield Finding(f"{told}, and nobody runs the queue. --mend marks what was broken off.", _mend_jobs)


def _queue_is_run() -> bool:
    """Whether somebody holds the queue's lock; looked at without making its file."""
    try:
        with (workspace.place() / abandoned.LOCK).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _mend_jobs() -> None:
    with suppress(Timeout), abandoned.lock():
        abandoned.clear_up(store.connect())


def _of_left_files(place: Path) -> Iterator[Finding]:
    for path in Blobs(place / "blobs").left_over():
        said = f"{path.relative_to(place)} is left over from a writer that was ended. --mend removes it."
        yield Finding(said, path.unlink)
