"""A live view of one piece of long work, for every page that starts some.

The job is in the store, and what is shown here is read from there each second: whoever leaves the
page, closes the browser or comes with a second one sees the same.
"""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from draw.markdown import plain
from governance import job_table, jobs
from governance.jobs import Job
from governance.store import Store
from pages.common import url, workspace
from pages.common.levels import level_badge, look
from pages.common.page import fail_clearly, link, note

SECONDS_BETWEEN = 1.0


def job_panel(job_id: int) -> Job | None:
    """Show how a job goes until it is finished, and then how it ended.

    Renews itself about once a second while the job is unfinished. When it ends, the whole page is
    drawn once more, so that a new version or verification is seen everywhere on it.

    Parameters
    ----------
    job_id : int
        As `governance.jobs.submit` gives it.

    Returns
    -------
    Job or None
        The job as it was when the page was drawn; None, and a sentence on the page, if there is none.
    """
    with fail_clearly():
        job = jobs.get(workspace.store(), job_id)
        every = None if job.finished else SECONDS_BETWEEN
        st.fragment(_panel, run_every=every)(job_id, not job.finished)
        return job
    return None


def _panel(job_id: int, live: bool) -> None:
    with fail_clearly():
        store = workspace.store()
        job = jobs.get(store, job_id)
        if live and job.finished:
            st.rerun()
        # What ended badly comes in a frame of its own colour.
        with st.container(border=not job.finished or job.status == "done"):
            if job.finished:
                _outcome(job)
            else:
                _under_way(store, job)


def _under_way(store: Store, job: Job) -> None:
    kind = job_table.kind(job.kind)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{kind.doing} {job_table.about(job)}** · {_elapsed(job)}", width="stretch")
        st.button(
            "Stopping…" if job.cancel_requested else "Cancel",
            icon=":material/close:",
            key=f"cancel_job_{job.id}",
            disabled=job.cancel_requested,
            on_click=_cancel,
            args=[job.id],
        )
    share, words = _progress(store, job)
    st.progress(share, text=words)
    figures = job.progress.get("figures", {})
    if figures:
        note(
            "So far: "
            + " · ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in figures.items())
        )
    note("You can leave this page: the work goes on, and this view is here when you come back.")


def _progress(store: Store, job: Job) -> tuple[float, str]:
    """How much of the present step is done, from 0 to 1, and what it is in words."""
    if job.status == "queued":
        before = sum(other.id < job.id for other in jobs.recent(store, limit=100, unfinished_only=True))
        return 0.0, f"In the queue: {before} before it" if before else "In the queue: it is next"
    if not job.progress:
        return 0.0, "Starting a fresh process"
    done, total = job.progress["done"], job.progress["total"]
    step = str(job.progress["step"]).capitalize()
    # Between two steps there is no news for a while: a full bar beside "1 of 1" would look stuck.
    words = f"{step}: {done} of {total}" if done < total else f"{step}: done, going on to the next step"
    return min(1.0, done / total) if total else 0.0, words


def _outcome(job: Job) -> None:
    kind = job_table.kind(job.kind)
    if job.status != "done":
        show = st.info if job.status == "cancelled" else st.error
        ended = {"failed": "failed", "broken": "was broken off"}.get(job.status, "was stopped")
        show(f"**{kind.doing} {plain(job_table.about(job))} {ended}.** {plain(job.message or '')}")
        return
    outcome = job_table.outcome(job)
    words_column, link_column = st.columns([3, 2], vertical_alignment="center")
    with words_column:
        # Where there is a level, it says how well it went.
        sign = "" if outcome.level else ":green[:material/check_circle:] "
        st.markdown(f"{sign}**{outcome.words}** · {_elapsed(job)}")
        if outcome.level:
            level_badge(outcome.level)
            note(look(outcome.level).meaning)
    with link_column:
        if outcome.record is None:
            link("records.py", "Open its records", ":material/receipt_long:", model=job.model)
        else:
            link("records.py", "Open its record", ":material/receipt_long:", record=outcome.record[:12])
        if outcome.version is not None:
            way = url.of_answer(outcome.version)
            link("lineage.py", "Follow it to the data", ":material/account_tree:", **way)


def _elapsed(job: Job) -> str:
    start = datetime.fromisoformat(job.started or job.created)
    end = datetime.fromisoformat(job.ended) if job.ended else datetime.now(UTC)
    seconds = max(0.0, (end - start).total_seconds())
    minutes, rest = divmod(int(seconds), 60)
    took = f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
    if job.finished:
        return f"took {took}"
    return f"waiting for {took}" if job.status == "queued" else f"{took} so far"


def _cancel(job_id: int) -> None:
    with fail_clearly():
        jobs.cancel(workspace.store(), job_id)
