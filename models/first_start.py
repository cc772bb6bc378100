"""What a fresh home trains by itself, so that the first visitor finds models to ask."""

from __future__ import annotations

from governance import jobs, registry, sessions, worker
from governance.store import Store
from models import catalogue


def submit_missing(store: Store) -> list[int]:
    """Put a training in the queue for each model that a fresh home should have and lacks.

    A model whose first training was tried here, and failed or was cancelled, is left alone: whoever
    starts the app again should not wait for the same failure again.

    Returns
    -------
    list of int
        The jobs, those included that somebody else had put in the queue already.
    """
    tried = {job.model for job in jobs.recent(store, limit=1000) if job.status in ("failed", "cancelled")}
    submitted = []
    for definition in catalogue.definitions():
        name = definition.spec.name
        if not definition.at_first_start or name in tried or registry.versions(store, name):
            continue
        job, _ = jobs.submit(store, "train", name, worker.request(), sessions.start(store, "app"))
        submitted.append(job.id)
    return submitted
