"""What a fresh home trains by itself, so that the first visitor finds models to ask."""

from __future__ import annotations

from governance import jobs, registry, sessions, worker
from governance.store import Store
from models import catalogue


def missing(store: Store) -> list[str]:
    """Models that a fresh home should have and that lack a version here.

    A model whose first training was tried here, and failed or was cancelled, is left alone: whoever
    starts the app again should not wait for the same failure again.
    """
    tried = {job.model for job in jobs.recent(store, limit=1000) if job.status in ("failed", "cancelled")}
    wanted = [d.spec.name for d in catalogue.definitions() if d.at_first_start]
    return [name for name in wanted if name not in tried and not registry.versions(store, name)]


def submit_missing(store: Store) -> list[int]:
    """Put a training in the queue for each model that is `missing`.

    Returns
    -------
    list of int
        The jobs, those included that somebody else had put in the queue already.
    """
    submitted = []
    for name in missing(store):
        job, _ = jobs.submit(store, "train", name, worker.request(), sessions.start(store, "app"))
        submitted.append(job.id)
    return submitted
