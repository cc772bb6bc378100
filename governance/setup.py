"""Gets a home ready for a command: the store, and a version of the model that it asks for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

from data import workspace
from data.failures import CrumbtrailError
from governance import jobs, registry, sessions, worker
from governance.jobs import Job
from governance.registry import Version
from governance.store import Store


def version_for(store: Store, reference: str, on_progress: Callable[[Job], None]) -> Version:
    """The version that a reference names; a model without any is trained with its defaults first.

    Raises
    ------
    registry.UnknownVersion
        If there is no such model or version.
    """
    model, _ = registry.split_reference(reference)
    if not registry.versions(store, model) and model in trainable():
        session = sessions.start(store, "cli")
        job, _ = jobs.submit(store, "train", model, worker.request(), session)
        worker.wait_for(store, job, on_progress)
    return registry.resolve(store, reference)


def trainable() -> list[str]:
    """Names of the models that can be trained, asked of ``python -m models list`` in a child.

    This room may not import the one above it; what it needs to know, it asks as anybody would.
    """
    done = _ask_models("list", "--json")
    if done.returncode:
        raise CrumbtrailError(f"The catalogue of models cannot be read: {done.stderr.strip()}")
    return [entry["name"] for entry in json.loads(done.stdout)["models"]]


def check_answers(version: Version) -> None:
    """Raise `CrumbtrailError`, with its sentence, unless ``python -m models check`` can load a version and ask it."""
    done = _ask_models("check", version.reference)
    if done.returncode:
        raise CrumbtrailError(
            (done.stderr.strip().splitlines() or [f"{version.reference} cannot be loaded."])[-1]
        )


def _ask_models(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "models", *words],
        cwd=workspace.ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
