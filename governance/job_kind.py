"""What a kind of long work declares about itself, where the work lives.

A room that has some holds a module ``job_kinds`` with a tuple ``KINDS``; `governance.job_table` finds it by that
name. Such a module is imported by every process that runs the queue or shows it, so it imports nothing heavy: the
work itself is done in a child process (`governance.child`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from governance.jobs import Job
from governance.store import Store


@dataclass(frozen=True, slots=True)
class Work:
    """A job that is being run.

    Attributes
    ----------
    folder : Path
        Empty, for this job alone; it is gone when the job ends.
    note : callable (progress)
        Told how far it is: ``step``, ``done``, ``total``, ``figures``.
    cancelled : callable () -> bool
        Whether the end was asked for.
    """

    store: Store
    job: Job
    folder: Path
    note: Callable[[Mapping[str, Any]], None]
    cancelled: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job that is done.

    Attributes
    ----------
    words : str
        As in ``iris_tree@3 is trained``.
    version : str or None
        Reference of the version that it made.
    record : str or None
        Identity of the one record that it wrote; None where there are several, or none.
    level : str or None
        How alike a version came out, for one that was made again.
    """

    words: str
    version: str | None = None
    record: str | None = None
    level: str | None = None


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of long work.

    Attributes
    ----------
    name : str
        As jobs hold it.
    doing : str
        What is being done, as in ``Training``.
    about : callable (Job) -> str
        To what it is done, as in ``iris_tree on scenes``.
    run : callable (Work) -> dict
        Does it, in a child process, and returns the job's result: JSON values, of which `outcome` speaks. It raises
        `governance.child.Cancelled` where the end was asked for, and any other
        `data.failures.CrumbtrailError` with the sentence by which the job fails.
    outcome : callable (Job) -> Outcome
        What a job's result says.
    """

    name: str
    doing: str
    about: Callable[[Job], str]
    run: Callable[[Work], dict[str, Any]]
    outcome: Callable[[Job], Outcome]
