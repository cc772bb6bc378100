"""Records: what was written about each version, and whether it can be made reproduction."""

from __future__ import annotations

import streamlit as st

from governance import audit, jobs, registry, stored_records
from governance.registry import Version
from pages.common import fact_table, url, workspace
from pages.common.job_panel import job_panel
from pages.common.page import cannot_show, fail_clearly, header, link, note
from pages.govern import measured, record_table, record_view, reproduction, verification
from pages.govern.record_table import Choice

ALL = "all models"


def main() -> None:
    """Draw the page."""
    title, choice = st.columns([3, 1], vertical_alignment="bottom")
    with title:
        header(
            "Records and reproduction",
            "Can this model be made again? "
            "What was written down when a version was made, and what comes out when it is made once more.",
        )
    with fail_clearly():
        store = workspace.store()
        models = registry.models(store)
        if not models:
            _nothing_yet()
        else:
            url.one_of("model", [ALL, *models], "model")
            scope = choice.selectbox("Show", [ALL, *models], key="model", bind="query-params")
            records = stored_records.list_records(store)
            verifications = record_table.by_subject(records)
            versions = registry.versions(store, None if scope == ALL else scope)
            versions.sort(key=lambda version: version.created, reverse=True)
            chosen = record_table.choose(versions, verifications, scope)
            with fail_clearly():
                _draw(chosen, verifications.get(chosen.version.record_id, []))
        _log()
    cannot_show(
        "A model that can be made again is the same model, right or wrong. The same bits are promised on the "
        "same kind of machine only: another processor may round the last digit otherwise. Who can rewrite the "
        "whole store can rewrite its digests too, unless one was noted elsewhere."
    )


def _draw(chosen: Choice, verifications: list[stored_records.StoredRecord]) -> None:
    version, verdict = chosen.version, chosen.verdict
    _heading(version)
    for shown in (version.record_id, verdict.id if verdict else version.record_id):
        # Read once more by its identity: that compares its content with its digest.
        stored_records.get_record(workspace.store(), shown)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        reproduction.work(version)
    with left, st.container(border=True):
        verification.headline(verdict)
        if verdict is not None:
            verification.figures(verdict)
            verification.differences(verdict)
            verification.arrays(verdict)
        verification.history(verifications, verdict)
    with right, st.container(border=True):
        reproduction.offer(version)
    st.header("What was recorded", anchor=False)
    record_view.parts(version)
    record_view.download(version)
    measured.draw(version)


def _heading(version: Version) -> None:
    name, ways = st.columns([3, 2], vertical_alignment="center")
    name.header(version.reference, anchor=False)
    with name.container(horizontal=True, gap="small"):
        for alias in version.aliases:
            st.badge(alias, icon=":material/bookmark:", color="gray")
        st.badge(f"record {version.record_id[:12]}", icon=":material/fingerprint:", color="gray")
    with ways.container(horizontal=True):
        link("lineage.py", "Its lineage", icon=":material/account_tree:", **url.of_answer(version.reference))


def _nothing_yet() -> None:
    running = jobs.recent(workspace.store(), unfinished_only=True)
    if running:
        st.info("Nothing is recorded yet. The first training is on its way; its record will be here.")
    else:
        st.info("Nothing is recorded yet. Train a model in the catalogue: every training leaves a record.")
        link("catalogue.py", "Open the catalogue", icon=":material/grid_view:")
    for job in reversed(running):
        job_panel(job.id)


def _log() -> None:
    """What holds together: the log's chain, every record, every stored file."""
    st.header("Audit log", anchor=False)
    result = audit.verify(workspace.store())
    if result.problems:
        st.error(
            "**Something does not hold.**\n" + "".join(f"\n- {fact_table.plain(p)}" for p in result.problems),
            icon=":material/gpp_bad:",
        )
    else:
        st.markdown(
            ":green[:material/verified_user:] Everything holds: the chain of the log, every record, every file."
        )
    st.markdown(
        f"The log holds **{result.entries} entries**, with **{result.records} records** and **{result.files} files** "
        "beside it. Its head is"
    )
    st.code(result.head, language=None, wrap_lines=True)
    note(
        "Entries cut off at the end leave no trace here: only a head that was noted elsewhere shows that. "
        "Note this one, on paper or in another system."
    )


main()
