"""Planted shortcut: would the explanations have told that a model is right for the wrong reason?"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data import scenes
from explain.truth import shortcut
from governance import jobs, measurements, registry, worker
from governance.registry import Version
from models import catalogue
from pages.judge import shortcut_view
from pages.kit import workspace
from pages.kit.job_panel import job_panel
from pages.kit.page import cannot_show, fail_clearly, header, link, note


def main() -> None:
    """Draw the page."""
    header(
        "Would the explanations have told?",
        "One version learned from pictures in which every muffin has a tinted background, so it can be right for "
        "the wrong reason. How far does it lean on the tint, and which method's map gives that away?",
    )
    with fail_clearly():
        versions = [v for v in registry.versions(workspace.store()) if _of_scenes(v)]
        planted = [v for v in versions if _data(v) == scenes.SHORTCUT]
        if not planted:
            _offer_training(versions)
        else:
            _draw(
                planted, [v for v in versions if _data(v) != scenes.SHORTCUT and v.model == planted[0].model]
            )
    cannot_show(
        "One shortcut, planted by hand, in drawings. A method that tells of this one may be silent about another, "
        "one inside the object for instance; and nobody who looks at a map of an unknown model has a clean "
        "version to compare it with. The clean version reacts to the tint as well, as to anything it has never "
        "seen, so a map without signs may rightly lie on the background there too. It is one pair of trainings."
    )


def _of_scenes(version: Version) -> bool:
    """Whether a version can be asked about the bakery's scenes."""
    return version.model in catalogue.names() and shortcut_view.fits(catalogue.definition(version.model).spec)


def _data(version: Version) -> str:
    return str(version.record["data"]["name"])


def _offer_training(versions: list[Version]) -> None:
    model = versions[0].model if versions else "muffin_cnn"
    st.info(
        "No version with a planted shortcut is stored yet. Training one takes a minute or two; its record and "
        "its name say what it is, and it never becomes champion by itself.",
        icon=":material/science:",
    )
    running = [job for job in jobs.recent(workspace.store(), unfinished_only=True) if _is_ours(job)]
    if st.button("Train a version with the shortcut", type="primary", disabled=bool(running)):
        job, _ = jobs.submit(
            workspace.store(), "train", model, worker.request(data=scenes.SHORTCUT), workspace.session()
        )
        st.session_state["_shortcut_job"] = job.id
        st.rerun()
    shown = running[0].id if running else st.session_state.get("_shortcut_job")
    if shown is not None:
        job_panel(shown)


def _is_ours(job: jobs.Job) -> bool:
    return job.kind == "train" and job.request.get("data") == scenes.SHORTCUT


def _draw(planted: list[Version], others: list[Version]) -> None:
    if not others:
        st.info("There is no version without the shortcut to compare with. Train one in the catalogue.")
        link("catalogue.py", "Open the catalogue", icon=":material/grid_view:")
        return
    # A version from scenes alone differs from the planted one in the tint and in nothing else.
    others.sort(key=lambda version: _data(version) != scenes.NAME)
    left, right = st.columns(2)
    with_it = _choose(left, "With the shortcut", planted, "planted")
    without = _choose(right, "Without it", others, "clean")
    if _data(without) != scenes.NAME:
        note(
            f"{without.reference} learned from {_data(without)}: it differs in more than the tint. A version trained "
            "on scenes alone, in the catalogue, compares better."
        )
    with st.container(border=True):
        shortcut_view.example(with_it, without)
    found = measurements.newest(workspace.store(), with_it, shortcut.NAME)
    if found is not None and found.body["asked"]["clean"] == without.record_id:
        with st.container(border=True):
            shortcut_view.results(found.body["results"])
    else:
        shortcut_view.offer_measuring(with_it, without)


def _choose(column: DeltaGenerator, label: str, versions: list[Version], key: str) -> Version:
    named = {version.reference: version for version in versions}
    return named[column.selectbox(label, list(named), key=key, bind="query-params")]


main()
