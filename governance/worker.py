"""Runs the queue: one job at a time in a workspace, whichever process it was asked from."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import Timeout
from sqlalchemy.exc import SQLAlchemyError

from data import workspace
from data.failures import CrumbtrailError, UserMistake
from governance import abandoned, child, job_table, jobs, numerics
from governance.home import open_store
from governance.job_kind import Work
from governance.jobs import Job
from governance.store import Store

_PROGRESS_SECONDS = 0.25


def request(
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
    threads: int = numerics.DEFAULT_THREADS,
    data: str | None = None,
) -> dict[str, Any]:
    """What a training is asked for, in the form in which jobs keep it."""
    return {"settings": dict(settings or {}), "seed": seed, "threads": threads, "data": data}


def start() -> threading.Event:
    """Run jobs in a background thread of this process until the returned event is set.

    What an earlier process left unfinished is marked as broken before this returns: whoever asks for the
    same training then gets a new one, and does not join one that nobody runs.
    """
    with suppress(Timeout), abandoned.lock():
        abandoned.clear_up(open_store())
    stop = threading.Event()

    def work() -> None:
        store = open_store()
        while not stop.is_set():
            try:
                _run_next(store)
            except (OSError, SQLAlchemyError, CrumbtrailError):
                # A full disk, or a database that is gone, may pass; a queue that nobody runs would wait for ever.
                logging.getLogger(__name__).exception("The queue could not be run; trying again.")
            stop.wait(0.3)

    threading.Thread(target=work, name="crumbtrail-worker", daemon=True).start()
    return stop


def wait_for(store: Store, job: Job, on_progress: Callable[[Job], None]) -> Job:
    """Wait until a job is finished, running it here if nobody else runs the queue.

    Raises
    ------
    UserMistake, CrumbtrailError
        If the job failed, with its message.
    """
    while True:
        job = jobs.get(store, job.id)
        on_progress(job)
        if job.finished:
            break
        if not _run_next(store, on_progress):
            time.sleep(0.2)
    if job.status == "done":
        return job
    mistake = bool(job.result and job.result.get("exit_code") == UserMistake.exit_code)
    raise (UserMistake if mistake else CrumbtrailError)(job.message or f"Job {job.id} is {job.status}.")


def _run_next(store: Store, on_progress: Callable[[Job], None] | None = None) -> bool:
    """Run the oldest queued job; False if there is none or another process has the lock."""
    try:
        with abandoned.lock():
            abandoned.clear_up(store)
            job = jobs.claim(store)
            if job is None:
                return False
            _run(store, job, on_progress)
            return True
    except Timeout:
        return False


def _run(store: Store, job: Job, on_progress: Callable[[Job], None] | None) -> None:
    last = 0.0

    def note(progress: Mapping[str, Any]) -> None:
        nonlocal last
        # A step's end is always kept; in between a few reports a second are enough for any reader.
        if time.monotonic() - last > _PROGRESS_SECONDS or progress.get("done") == progress.get("total"):
            last = time.monotonic()
            jobs.note_progress(store, job.id, progress)
            if on_progress:
                on_progress(jobs.get(store, job.id))

    def cancelled() -> bool:
        return jobs.get(store, job.id).cancel_requested

    work = workspace.home() / "work"
    work.mkdir(exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=work, prefix=f"job-{job.id}-") as temporary:
            folder = Path(temporary) / "run"
            folder.mkdir()
            result = job_table.kind(job.kind).run(Work(store, job, folder, note, cancelled))
        jobs.finish(store, job.id, "done", result)
    except child.Cancelled as error:
        jobs.finish(store, job.id, "cancelled", message=str(error))
    except CrumbtrailError as error:
        jobs.finish(store, job.id, "failed", {"exit_code": error.exit_code}, str(error))
    except Exception as error:
        # The queue must go on, and the person must learn what happened, whatever it was.
        jobs.finish(store, job.id, "failed", message=f"{type(error).__name__}: {error}")
