"""Keeping what was tried: a real training through the queue, with a record of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from governance import jobs, worker
from governance.registry import Version
from models import training
from models.spec import Definition
from pages.common import workspace
from pages.common.job_panel import job_panel
from pages.common.page import fail_clearly, note, subtitle

_KEPT = "_kept_jobs"


def keep(
    definition: Definition, version: Version, settings: Mapping[str, Any], seed: int, edited: bool, same: bool
) -> None:
    """Offer to train a version with these settings.

    Parameters
    ----------
    edited : bool
        Whether thresholds were moved by hand, which no training would do.
    same : bool
        Whether settings and seed are those of the version already.
    """
    subtitle("Keep it?")
    if edited:
        note(
            "Nothing on this page is stored. Thresholds moved by hand cannot be kept at all: a version is what a "
            "training made from data, and no training made this. Put them back to keep the settings."
        )
    elif same:
        note(f"These are the settings of {version.reference}: it is kept already.")
    else:
        note(
            "Nothing on this page is stored. To keep these settings, train a version with them: it gets a "
            "record, and its own judgement on all rows."
        )
    st.button(
        "Train a version with these settings",
        type="primary",
        icon=":material/model_training:",
        disabled=edited or same,
        on_click=_submit,
        args=(definition, version, dict(settings), seed),
        width="stretch",
    )
    for job_id in st.session_state.get(_KEPT, [])[-2:]:
        job_panel(job_id)


def _submit(definition: Definition, version: Version, settings: dict[str, Any], seed: int) -> None:
    name = version.record.data.name
    with fail_clearly():
        request = worker.request(
            training.changed_settings(definition, settings),
            seed,
            data=None if name == definition.dataset else name,
        )
        job, _ = jobs.submit(workspace.store(), "train", definition.spec.name, request, workspace.session())
        # Somebody may have asked for the same a moment ago; then this visitor watches that run.
        kept = st.session_state.setdefault(_KEPT, [])
        if job.id not in kept:
            kept.append(job.id)
