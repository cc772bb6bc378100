"""Work that nobody runs any more: a process that was ended leaves a job that says ``running``."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress

from filelock import FileLock, Timeout

from data import workspace
from governance import jobs
from governance.store import Store

LOCK = "worker.lock"


def lock() -> FileLock:
    """What whoever runs the queue of this home holds; the system frees it when that process ends, however it ends."""
    return FileLock(workspace.home() / LOCK, timeout=0)


def notice(store: Store) -> None:
    """Mark what says that it runs while nobody runs the queue, so that it can be asked for again.

    Only where the database is the home's own: the lock of this home says nothing of a queue that another one runs.
    """
    if os.environ.get("CRUMBTRAIL_DB"):
        return
    if any(job.status == "running" for job in jobs.recent(store, limit=1000, unfinished_only=True)):
        with suppress(Timeout), lock():
            clear_up(store)


def clear_up(store: Store) -> None:
    """Mark what was cut off and take away its files; only for whoever holds the lock."""
    if jobs.mark_broken(store):
        shutil.rmtree(workspace.home() / "work", ignore_errors=True)
