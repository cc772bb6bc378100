"""Planted shortcut: would the explanations have told that a model is right for the wrong reason?"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data import bakery, scenes
from explain.truth import shortcut, shortcut_pair
from governance import measurements, registry
from governance.registry import Version
from models import catalogue
from pages.assessment import shortcut_training, shortcut_truth, shortcut_view
from pages.common import workspace
from pages.common.page import cannot_show, fail_clearly, header, note


def main() -> None:
    """Draw the page."""
    header(
        "Planted shortcut",
        "Would the explanations have told? "
        "One version learned from pictures in which every muffin has pink mixed into its background, its twin from the "
        "same pictures as they are. Does the first lean on the pink, and which method's map gives that away?",
    )
    check = None
    with fail_clearly():
        versions = [v for v in registry.versions(workspace.store()) if _of_scenes(v)]
        planted = [v for v in versions if shortcut_pair.is_planted(v.record)]
        running = shortcut_training.under_way()
        if planted:
            check = _draw(planted, versions, running)
        elif not running:
            shortcut_training.offer_pair(versions)
    cannot_show(
        "One shortcut, planted by hand, in drawings, and taken on purpose: the pair that is trained here sees pictures "
        "as they are and for a short time, because a longer training that changes colours unlearns it. A method that "
        "tells of this one may be silent about another, one inside the object for instance; and nobody who looks at "
        "a map of an unknown model has a twin to compare it with. It is one pair of trainings; another seed may "
        "come out otherwise."
    )
    if check is not None:
        check()


def _of_scenes(version: Version) -> bool:
    """Whether a version can be asked about the bakery's scenes."""
    known = version.model in catalogue.names()
    return known and shortcut.unsupported(catalogue.definition(version.model).spec) is None


def _draw(planted: list[Version], versions: list[Version], running: bool) -> Callable[[], None] | None:
    """Everything about a pair; returns what says how far the two maps can be trusted, where there are two."""
    left, right = st.columns(2)
    with_it = _choose(left, "With the shortcut", planted, "planted")
    others = [v for v in versions if v.model == with_it.model and v.record.data.name != scenes.SHORTCUT]
    differing = {v.reference: shortcut_pair.differences(with_it.record, v.record) for v in others}
    # What differs in the tint and in nothing else comes first, then what differs least.
    others.sort(key=lambda version: len(differing[version.reference]))
    if not running and all(differing.values()):
        shortcut_training.offer_twin(with_it)
    if not others:
        return None
    without = _choose(right, "Without it", others, "clean")
    if differing[without.reference]:
        note(
            f"{without.reference} differs from {with_it.reference} in more than the tint: "
            f"{', '.join(differing[without.reference])}. What follows cannot be put down to the tint alone."
        )
    asked = {"clean": without.record_id}
    found = measurements.newest(workspace.store(), with_it, shortcut.NAME, asked)
    measured = found.measurement.results if found else None
    with st.container(border=True):
        shortcut_truth.truth(with_it, without, measured)
    kind = st.segmented_control(
        "Asked about",
        bakery.KINDS,
        default=bakery.KINDS[0],
        required=True,
        key="kind",
        bind="query-params",
        format_func=lambda kind: f"{kind} with the tint",
    )
    with st.container(border=True):
        check = shortcut_view.example(with_it, without, kind)
    if measured is None:
        shortcut_view.offer_measuring(with_it, without)
    else:
        with st.container(border=True):
            shortcut_view.verdicts(measured, kind)
    return check


def _choose(column: DeltaGenerator, label: str, versions: list[Version], key: str) -> Version:
    named = {version.reference: version for version in versions}
    return named[column.selectbox(label, list(named), key=key, bind="query-params")]


main()
