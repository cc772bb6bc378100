"""The controls of the workbench: training settings, seed, and the input that is followed.

All of them stand in the URL: settings as ``with.NAME``, the input as ``at.FEATURE``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from models.spec import Definition, ModelSpec, Setting
from pages.common import sliders, url
from pages.workbench.thresholds import CUTS

SEED = "with.seed"
LARGEST_SEED = 2**31 - 1


def starting_state(spec: ModelSpec, settings: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """What every control holds before anything is changed, by its key."""
    row = {f"at.{feature.name}": feature.default for feature in spec.features}
    return {**{f"with.{name}": value for name, value in settings.items()}, SEED: seed, **row, CUTS: {}}


def training_controls(definition: Definition, start: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """Draw a control for each setting and the seed; returns what they hold."""
    settings = {s.name: _setting(s, start[f"with.{s.name}"]) for s in definition.settings}
    seed = st.number_input(
        "Seed",
        0,
        LARGEST_SEED,
        start[SEED],
        key=SEED,
        bind="query-params",
        on_change=sliders.remember,
        help="Decides between questions that are equally good. Often it changes nothing.",
    )
    return settings, int(seed)


def _setting(setting: Setting, value: Any) -> int | float | str:
    given: dict[str, Any] = {
        "key": f"with.{setting.name}",
        "bind": "query-params",
        "help": setting.help,
        "on_change": sliders.remember,
    }
    if setting.kind == "choice":
        url.one_of(given["key"], setting.choices, setting.label.lower())
        chosen = st.segmented_control(setting.label, setting.choices, default=value, required=True, **given)
        return str(chosen)
    low, high = setting.low or 0, setting.high if setting.high is not None else float(value) * 10 + 10
    if setting.kind == "int":
        return int(st.slider(setting.label, int(low), int(high), int(value), **given))
    step = (high - low) / 100
    return float(st.slider(setting.label, float(low), float(high), float(value), step, **given))


def row_controls(spec: ModelSpec) -> np.ndarray:
    """Draw a slider a feature of the input that is followed; returns it."""
    return np.array(
        [
            st.slider(
                f"{feature.label}, {feature.unit}" if feature.unit else feature.label,
                feature.low,
                feature.high,
                feature.default,
                feature.step,
                format=f"%.{feature.decimals}f",
                key=f"at.{feature.name}",
                bind="query-params",
                on_change=sliders.remember,
            )
            for feature in spec.features
        ]
    )
