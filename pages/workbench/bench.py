"""The left column of the workbench: its controls, and the tree that they ask for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from explain.overall import trial
from explain.overall.trial import Trial, starting_settings
from explain.trees.edited_tree import edited_tree
from governance.registry import Version
from models.spec import Definition, HasTrees, Model
from pages.common import sliders
from pages.common.page import subtitle
from pages.common.tables import Rows
from pages.workbench import controls, thresholds, views


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """What the controls ask for: settings and seed, the tree that they give, and the input to follow.

    ``tree`` is that of ``tried``, with the thresholds that were moved by hand if `edited`.
    """

    settings: dict[str, Any]
    seed: int
    tried: Trial
    tree: Model
    edited: bool
    row: np.ndarray
    unchanged: bool


def start(definition: Definition, version: Version) -> dict[str, Any]:
    """What every control holds before anything is changed, by its key: as the version was trained."""
    settings = starting_settings(definition, version)
    return controls.starting_state(definition.spec, settings, version.record.parameters.seed)


def draw(definition: Definition, version: Version, rows: Rows, begin: Mapping[str, Any]) -> Bench:
    """Draw the column.

    Parameters
    ----------
    begin : mapping
        What the controls hold before anything is changed; see `start`.
    """
    spec = definition.spec
    with st.container(border=True):
        subtitle("Change the training")
        # On a telephone the answer itself lies below the screen.
        now = st.container()
        settings, seed = controls.training_controls(definition, begin)
        undo = st.container()
    tried = _trained(definition, version, rows, settings, seed)
    assert isinstance(tried.model, HasTrees)
    (learned,) = tried.model.trees
    with st.container(border=True):
        # The sliders of the input stand below, but its path decides which questions come first.
        cuts = st.container()
        with st.expander("The input that is followed"):
            row = controls.row_controls(spec)
    with cuts:
        subtitle("Move a threshold by hand")
        moved = thresholds.threshold_controls(tried.model, learned, row)
    held: dict[str, Any] = {f"with.{name}": value for name, value in settings.items()}
    held[controls.SEED] = seed
    unchanged = all(held[key] == begin[key] for key in held)
    held |= {f"at.{f.name}": float(value) for f, value in zip(spec.features, row, strict=True)}
    held[thresholds.CUTS] = thresholds.put_in_url(moved, learned)
    with undo:
        sliders.buttons(begin)
    sliders.hold(held)
    tree: Model = edited_tree(tried.model, moved, *rows.training) if moved else tried.model
    with now:
        views.answer_in_short(spec, tree, row)
    return Bench(settings, seed, tried, tree, bool(moved), row, unchanged)


def trial_of_start(definition: Definition, version: Version, rows: Rows, begin: Mapping[str, Any]) -> Trial:
    """The version's own training, done again in memory, so that both are judged alike."""
    named = {key.removeprefix("with."): value for key, value in begin.items() if key.startswith("with.")}
    seed = named.pop(controls.SEED.removeprefix("with."))
    return _trained(definition, version, rows, named, seed)


def _trained(
    definition: Definition, version: Version, rows: Rows, settings: Mapping[str, Any], seed: int
) -> Trial:
    return _trial(version.record_id, json.dumps(settings, sort_keys=True), seed, definition, rows)


# Shared and never copied: nobody changes a trial. The settings are text, so that the key is exact.
@st.cache_resource(show_spinner=False, max_entries=256)
def _trial(record_id: str, settings: str, seed: int, _definition: Definition, _rows: Rows) -> Trial:
    read: Mapping[str, Any] = json.loads(settings)
    return trial.trial(_definition, read, seed, *_rows.training)
