"""Measuring a version over many inputs, from whichever page lacks it: through the queue, so that one can leave."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from governance import jobs, measuring
from governance.jobs import Job
from governance.registry import Version
from pages.kit import workspace
from pages.kit.job_panel import job_panel
from pages.kit.page import fail_clearly, note


def offer(version: Version, names: Sequence[str], sentence: str) -> None:
    """Offer to measure, and show how it goes; the page is drawn again when it is done.

    Parameters
    ----------
    names : sequence of str
        As in `explain.measurements`.
    sentence : str
        What is lacking as long as it is not measured.
    """
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
    note(f"Or on the command line: `python -m explain.measure {version.reference} {' '.join(names)}`")
    if pressed:
        with fail_clearly():
            asked = measuring.request(version, names)
            job, _ = jobs.submit(store, "measure", version.model, asked, workspace.session())
            st.session_state.setdefault("_measuring", {})[version.reference, *names] = job.id
            st.rerun()
    shown = (
        going_on[0].id
        if going_on
        else st.session_state.get("_measuring", {}).get((version.reference, *names))
    )
    if shown is not None:
        job_panel(shown)


def _is_of(job: Job, version: Version, names: Sequence[str]) -> bool:
    return (
        job.kind == "measure"
        and job.request["version"] == version.reference
        and bool(set(names) & set(job.request["names"]))
    )
