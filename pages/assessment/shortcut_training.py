"""Trains what the page of the planted shortcut needs: a version that learns from the tint, and its twin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from data import scenes
from explain.truth import shortcut, shortcut_pair
from governance import jobs, worker
from governance.record import Record
from governance.registry import Version
from models import catalogue
from pages.common import workspace
from pages.common.job_panel import job_panel

_JOBS = "_shortcut_jobs"


def under_way() -> bool:
    """Show how the trainings go that matter here, whoever asked for them; whether there are any."""
    unfinished = [job for job in jobs.recent(workspace.store(), unfinished_only=True) if _is_ours(job)]
    asked_for = [jobs.get(workspace.store(), number) for number in st.session_state.get(_JOBS, ())]
    # A version that is there shows itself; what went wrong would be gone without a word.
    failed = [job for job in asked_for if job.finished and job.status != "done"]
    for job in [*failed, *reversed(unfinished)]:
        job_panel(job.id)
    return bool(unfinished)


def _is_ours(job: jobs.Job) -> bool:
    return job.kind == "train" and job.request.get("data") in (scenes.SHORTCUT, scenes.NAME)


def offer_pair(versions: Sequence[Version]) -> None:
    """Train the version with the shortcut and, unless one is stored, a twin of it.

    Parameters
    ----------
    versions : sequence of Version
        All that can be asked about scenes.
    """
    model = next(d.spec.name for d in catalogue.definitions() if shortcut.unsupported(d.spec) is None)
    settings = shortcut_pair.training(catalogue.definition(model))
    told = ", ".join(f"{name} {value}" for name, value in settings.items())
    st.info(
        "No version with a planted shortcut is stored yet. Training one and its twin takes some minutes for both. "
        f"Both are trained in the same way ({told}; the rest is the default) on the same pictures, but for the "
        "tint. Their records say what they are, and neither becomes champion by itself.",
        icon=":material/science:",
    )
    if st.button("Train the pair", type="primary", icon=":material/play_arrow:"):
        asked = worker.request(settings)
        requests = [asked | {"data": scenes.SHORTCUT}, asked | {"data": scenes.NAME}]
        stored = [version for version in versions if version.model == model]
        _submit(model, requests[:1] if _holds_twin(stored, asked) else requests)


def _holds_twin(stored: Sequence[Version], asked: Mapping[str, Any]) -> bool:
    """Whether one of these was trained as is asked for here, without the tint."""
    if not stored:
        return False
    defaults = {one.name: one.default for one in catalogue.definition(stored[0].model).settings}
    planned = Record({"parameters": {**asked, "settings": defaults | asked["settings"]}})
    return not all(shortcut_pair.differences(planned, version.record) for version in stored)


def offer_twin(planted: Version) -> None:
    """Train a version just as this one was, on the pictures without the tint."""
    st.info(
        f"No twin of {planted.reference} is stored: a version trained with the same settings and seed on the same "
        "pictures without the tint. Only beside a twin is a difference due to the tint.",
        icon=":material/science:",
    )
    if st.button("Train its twin", type="primary", icon=":material/play_arrow:"):
        asked = planted.record.parameters
        request = worker.request(asked.settings, asked.seed, asked.threads, scenes.NAME)
        _submit(planted.model, [request])


def _submit(model: str, requests: Sequence[Mapping[str, Any]]) -> None:
    store, session = workspace.store(), workspace.session()
    st.session_state[_JOBS] = [
        jobs.submit(store, "train", model, request, session)[0].id for request in requests
    ]
    st.rerun()
