"""The long work of this room: making a version again."""

from __future__ import annotations

from governance import reproduce
from governance.job_kind import JobKind, Outcome
from governance.jobs import Job


def _about(job: Job) -> str:
    return f"{job.model}, record {job.request['record'][:8]}"


def _outcome(job: Job) -> Outcome:
    result = job.result or {}
    return Outcome(f"{_about(job)} was made again", record=result["record"], level=result["level"])


REPRODUCE = JobKind("reproduce", "Making again", _about, reproduce.run, _outcome)
KINDS = (REPRODUCE,)
