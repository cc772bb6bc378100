"""The long work of this room: training a model."""

from __future__ import annotations

from typing import Any

from governance import child, registry
from governance.job_kind import JobKind, Outcome, Work
from governance.jobs import Job


def _about(job: Job) -> str:
    data = job.request.get("data")
    return f"{job.model} on {data}" if data else job.model


def _run(work: Work) -> dict[str, Any]:
    """The new version's reference, ``version``, and the identity of its ``record``."""
    child.train(work.job.model, work.job.request, work.folder, work.note, work.cancelled)
    version = registry.register(work.store, work.folder, work.job.session)
    return {"version": version.reference, "record": version.record_id}


def _outcome(job: Job) -> Outcome:
    result = job.result or {}
    return Outcome(f"{result['version']} is trained", result["version"], result["record"])


TRAIN = JobKind("train", "Training", _about, _run, _outcome)
KINDS = (TRAIN,)
