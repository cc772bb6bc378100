"""The long work of this room: training a model."""

from __future__ import annotations

from typing import Any

from governance import child, registry, since
from governance.job_kind import JobKind, Outcome, Work
from governance.jobs import Job


def _about(job: Job) -> str:
    data = job.request.get("data")
    return f"{job.model} on {data}" if data else job.model


def _run(work: Work) -> dict[str, Any]:
    """The new version's reference, ``version``, the identity of its ``record``, and ``cards``, in words, where the data
    are described in another way than when the newest version before it was trained.
    """
    child.train(work.job.model, work.job.request, work.folder, work.note, work.cancelled)
    earlier = next(iter(registry.versions(work.store, work.job.model)), None)
    version = registry.register(work.store, work.folder, work.job.session)
    result = {"version": version.reference, "record": version.record_id}
    cards = [] if earlier is None else since.changed_cards(earlier.record)
    if earlier is not None and cards:
        result["cards"] = f"{', '.join(cards)} changed since {earlier.reference} was trained"
    return result


def _outcome(job: Job) -> Outcome:
    result = job.result or {}
    changed = f"; {result['cards']}" if "cards" in result else ""
    return Outcome(f"{result['version']} is trained{changed}", result["version"], result["record"])


TRAIN = JobKind("train", "Training", _about, _run, _outcome)
KINDS = (TRAIN,)
