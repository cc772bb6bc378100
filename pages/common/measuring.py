"""Measuring a version over many inputs, from whichever page lacks it: through the queue, so that one can leave."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explain.job_kinds import MEASURE, measuring
from governance import jobs
from governance.jobs import Job
from governance.registry import Version
from pages.common import workspace
from pages.common.job_panel import job_panel
from pages.common.page import fail_clearly, note


def offer(
    version: Version,
    names: Sequence[str],
    sentence: str,
    command: str | None = None,
    n: int | None = None,
    beside: Version | None = None,
) -> None:
    """Offer to measure, and show how it goes; the page is drawn again when it is done.

    Parameters
    ----------
    names : sequence of str
        As in `explain.measurement_catalogue`.
    sentence : str
        What is lacking as long as it is not measured.
    command : str, optional
        What does the same on the command line, where that is not ``explain.measure``.
    n, beside
        See `explain.job_kinds.measuring`.
    """
    command = command or f"explain.measure {version.reference} {' '.join(names)}"
    store = workspace.store()
    going_on = [job for job in jobs.recent(store, unfinished_only=True) if _is_of(job, version, names)]
    st.info(sentence, icon=":material/straighten:")
    pressed = st.button(
        "Measure it now",
        icon=":material/play_arrow:",
        key=f"_measure_{'_'.join(names)}",
        disabled=bool(going_on),
        help="Some minutes on a laptop. You can leave the page meanwhile; it is then kept with the version.",
    )
    note(f"Or on the command line: `python -m {command}`")
    if pressed:
        with fail_clearly():
            asked = measuring(version, names, n, beside)
            job, _ = jobs.submit(store, MEASURE.name, version.model, asked, workspace.session())
            st.session_state.setdefault("_measuring", []).append(job.id)
            st.rerun()
    shown = going_on or _asked_here(version, names)
    if shown:
        drawn = job_panel(shown[0].id)
        if going_on and drawn is not None and drawn.finished:
            # It ended while this was drawn: what it found belongs on the page.
            st.rerun()


def _asked_here(version: Version, names: Sequence[str]) -> list[Job]:
    """What this visitor asked for of the same, the newest first: by then some of the names may be measured."""
    mine = st.session_state.get("_measuring", [])
    recent = jobs.recent(workspace.store(), limit=50)
    return [job for job in recent if job.id in mine and _is_of(job, version, names)]


def _is_of(job: Job, version: Version, names: Sequence[str]) -> bool:
    return (
        job.kind == MEASURE.name
        and job.request.get("version") == version.reference
        and bool(set(names) & set(job.request.get("names", ())))
    )
