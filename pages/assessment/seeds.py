"""The same training with other seeds: equally accurate models, and how far their explanations part."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import streamlit as st

from draw.charts.ranges import range_chart
from explain.overall import importance, trial
from explain.overall.many_seeds import (
    SEEDS,
    ManySeeds,
    asked_first,
    explained_by_each,
    finding,
    many_seeds,
    most_answer,
    train_seeds,
)
from explain.overall.trial import starting_settings
from governance.registry import Version
from models import catalogue
from models.spec import Definition, Model, ModelSpec
from pages.common import url, workspace
from pages.common.page import chart, note, palette, subtitle
from pages.common.tables import Rows

SAME, OTHER = "Same rows, another seed", "Resampled rows"


def draw(spec: ModelSpec, version: Version, rows: Rows, row: np.ndarray, target: int) -> None:
    """Train, keep those that are as accurate, and show how far they part."""
    definition = catalogue.definition(version.model)
    reason = trial.unsupported(definition)
    if reason is not None:
        st.info(reason)
        return
    url.one_of("rows", [SAME, OTHER], "choice")
    chosen = st.segmented_control(
        "Trained on",
        [SAME, OTHER],
        default=SAME,
        key="rows",
        bind="query-params",
        required=True,
        help="A seed only breaks ties. Resampling asks what other rows of the same kind would have given.",
    )
    settings = json.dumps(starting_settings(definition, version))
    models = _trained(version.record_id, settings, chosen == OTHER, definition, rows)
    stored = workspace.load(version)
    found = _compared(version.record_id, settings, chosen == OTHER, models, rows)
    x, y = rows.held_out
    accuracy = float(np.mean(stored.predict_proba(x).argmax(axis=1) == y))
    equal = found.as_accurate_as(accuracy, definition.tolerance)
    headline, rest = finding(found, equal, version.reference, accuracy, definition.tolerance)
    st.markdown(f"**{headline}** {rest}")
    if not equal.any():
        st.info("None of them is as accurate as the stored version, so there is nothing to compare it with.")
        return
    st.markdown(asked_first(found, equal, stored))
    kept = [model for model, as_good in zip(models, equal, strict=True) if as_good]
    left, right = st.columns(2, gap="medium")
    own = importance.permutation(stored, *rows.held_out).values
    order = importance.common_order({"stored": own, "range": found.reliances[equal].max(axis=0)})
    with left, st.container(border=True, height="stretch"):
        subtitle("What they lean on")
        drawn = range_chart(spec, found.reliances[equal], own, "Points of accuracy lost", order, palette())
        chart(drawn, drawn["description"], key="reliance_ranges")
        note(
            "Permutation importance on the held-out rows. A dot is a model; the diamond is the stored version."
        )
    with right, st.container(border=True, height="stretch"):
        _for_the_input(spec, stored, kept, order, row, target)


def _for_the_input(
    spec: ModelSpec,
    stored: Model,
    models: Sequence[Model],
    order: Sequence[int],
    row: np.ndarray,
    target: int,
) -> None:
    probabilities, attributions = explained_by_each([stored, *models], row)
    subtitle(f"Why {spec.classes[target]}, or why not, for this input")
    title = f"Change of the probability of {spec.classes[target]}, in points"
    values = attributions[..., target]
    drawn = range_chart(spec, values[1:], values[0], title, order, palette())
    chart(drawn, drawn["description"], key="attribution_ranges")
    note(f"TreeSHAP. {most_answer(spec, probabilities[1:])}")


# Shared and never copied: nobody changes a model.
@st.cache_resource(show_spinner=f"Training {SEEDS} models in memory", max_entries=16)
def _trained(
    record_id: str, settings: str, resample: bool, _definition: Definition, _rows: Rows
) -> tuple[Model, ...]:
    return train_seeds(_definition, json.loads(settings), range(SEEDS), *_rows.training, resample)


@st.cache_resource(show_spinner="Comparing them", max_entries=64)
def _compared(
    record_id: str,
    settings: str,
    resample: bool,
    _models: tuple[Model, ...],
    _rows: Rows,
) -> ManySeeds:
    return many_seeds(_models, *_rows.held_out)
