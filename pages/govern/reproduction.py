"""Making a version again from its page: what to change, the button, and the work while it runs."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from governance import jobs, reproduce
from governance.registry import Version
from models import catalogue
from models.catalogue import UnknownModel
from models.spec import Definition
from pages.common import workspace
from pages.common.job_panel import job_panel
from pages.common.page import fail_clearly, note, subtitle
from pages.common.setting_widget import setting_widget

LARGEST_SEED = 2**31 - 1


def offer(version: Version) -> None:
    """The button, and above it what can be changed on purpose."""
    subtitle("Make it again, now")
    definition = _definition(version)
    if definition is None:
        note(f"The catalogue no longer has {version.model}, so nothing here can train it.")
        return
    note(
        "Trains in a fresh process that cannot see the stored model, with the recorded settings, and "
        "compares everything that was recorded."
    )
    with st.expander("Change something on purpose"):
        overrides = _changes(definition, version)
    label = f"Reproduce now, with {_said(overrides)}" if overrides else "Reproduce now"
    pressed = st.button(
        label, type="primary", icon=":material/replay:", key=f"reproduce_{version.reference}", width="stretch"
    )
    if pressed:
        with fail_clearly():
            _submit(version, overrides)


def work(version: Version) -> None:
    """Reproductions of this version that are not finished, and what this visitor started and is no verdict."""
    store = workspace.store()
    mine = st.session_state.get("_reproductions", [])
    for job in reversed(jobs.recent(store, limit=50)):
        of_this = job.kind == "reproduce" and job.request.get("record") == version.record_id
        if of_this and (not job.finished or (job.id in mine[-3:] and job.status != "done")):
            job_panel(job.id)


def changes_in_words(overrides: Mapping[str, str]) -> str:
    """``with seed 3 and max_depth 2``, or that nothing was changed."""
    return f"with {_said(overrides)}" if overrides else "with everything as recorded"


def _submit(version: Version, overrides: Mapping[str, str]) -> None:
    store = workspace.store()
    request = reproduce.job_request(version, overrides)
    job, _joined = jobs.submit(store, "reproduce", version.model, request, workspace.session())
    mine = st.session_state.setdefault("_reproductions", [])
    if job.id not in mine:
        mine.append(job.id)
    # The URL may name an older verification; the newest verdict is what this visitor waits for.
    st.query_params["record"] = version.record_id[:12]
    # The work is shown above the button, where this run of the page has drawn already.
    st.rerun()


def _changes(definition: Definition, version: Version) -> dict[str, str]:
    """What is asked for that differs from the record."""
    recorded = version.record.parameters
    key = f"again_{version.reference}"
    seed = st.number_input(
        "Seed",
        0,
        LARGEST_SEED,
        recorded.seed,
        key=f"{key}_seed",
        help="Another seed shows how much of the model is chance. It is named in the verdict.",
    )
    found = {"seed": str(seed)} if seed != recorded.seed else {}
    for setting in definition.settings:
        before = recorded.settings.get(setting.name, setting.default)
        after = setting_widget(setting, before, f"{key}_{setting.name}")
        if after != before:
            found[setting.name] = str(after)
    return found


def _said(overrides: Mapping[str, str]) -> str:
    return " and ".join(f"{name} {value}" for name, value in overrides.items())


def _definition(version: Version) -> Definition | None:
    try:
        return catalogue.definition(version.model)
    except UnknownModel:
        return None
