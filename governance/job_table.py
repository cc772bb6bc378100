"""The table of kinds of long work: whatever the rooms of the house declare, above this one too, found by name.

So every process can run every job that is queued, whoever asked for it, and no import leads upwards.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from data import workspace
from data.failures import CrumbtrailError
from governance.job_kind import JobKind, Outcome
from governance.jobs import Job, UnreadableJob

_MODULE = "job_kinds"
T = TypeVar("T")


class UnknownKind(CrumbtrailError):
    """A job is of a kind that nothing here declares."""


def kind(name: str) -> JobKind:
    """The kind of this name; raises `UnknownKind`."""
    found = _declared()
    if name not in found:
        raise UnknownKind(
            f"No work of the kind {name!r} is known here, as it may be where another version of Crumbtrail asked for "
            f"it. Known are {', '.join(sorted(found))}."
        )
    return found[name]


def about(job: Job) -> str:
    """To what a job does its work; raises `UnknownKind`, and `governance.jobs.UnreadableJob` where it does not say."""
    return _told(job, kind(job.kind).about)


def outcome(job: Job) -> Outcome:
    """What came of a job that is done; raises as `about`."""
    return _told(job, kind(job.kind).outcome)


def _told(job: Job, tell: Callable[[Job], T]) -> T:
    try:
        return tell(job)
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableJob(
            f"Job {job.id} cannot be told, because what it asks for or its result is not what a job of the kind "
            f"{job.kind} holds. Start it again if it is still wanted."
        ) from error


@cache
def _declared() -> dict[str, JobKind]:
    modules = [
        importlib.import_module(f"{path.parent.name}.{_MODULE}")
        for path in sorted(workspace.ROOT.glob(f"*/{_MODULE}.py"))
    ]
    return {one.name: one for module in modules for one in module.KINDS}
