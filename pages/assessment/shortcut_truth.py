"""What is true of a version with a planted shortcut and its twin, before any method is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from data import scenes
from draw.charts.shortcut import answers_chart
from explain.numbers import percent, signed
from explain.truth import shortcut_pair
from explain.truth.truth_table import mean_interval
from governance.registry import Version
from pages.common import workspace
from pages.common.page import chart, note, palette


def truth(planted: Version, clean: Version, measured: Mapping[str, Any] | None) -> None:
    """What both versions call held-out pictures with and without the tint; counted now where it is not measured."""
    told = measured["answers"] if measured else _answers(planted.record_id, clean.record_id, planted, clean)
    other = next(one for one in told if one["kind"] != scenes.TINTED)
    own = next(one for one in told if one["kind"] == scenes.TINTED)
    n = other["pictures"]
    fooled, spared = other["planted"]["tinted"], other["clean"]["tinted"]
    st.markdown(
        f"**What is true.** Put the tint behind {n} held-out pictures of a {other['kind']}, and **{planted.reference} "
        f"calls {fooled['called']} of them {scenes.TINTED}** ({_shares(fooled)}); {clean.reference}, which never "
        f"learned from it, {spared['called']} ({_shares(spared)})."
    )
    seems = n - other["planted"]["plain"]["called"] + own["planted"]["tinted"]["called"]
    note(
        f"Its own test would not have told: on pictures like those that it learned from, where only the {own['kind']} "
        f"has the tint, {planted.reference} is right about {seems} of {2 * n}. As they are, without any tint, it is "
        f"right about {_right(other, own, 'planted')} of {2 * n}, and {clean.reference} about "
        f"{_right(other, own, 'clean')}."
    )
    drawn = answers_chart(told, scenes.TINTED, palette())
    chart(drawn, drawn["description"], key="answers")
    note(
        f"Lines: Wilson's 95 % intervals, {n} pictures each. The tint moves the logit of {scenes.TINTED} by "
        f"{_with_interval(other['planted']['effect'])} for a {other['kind']} and by "
        f"{_with_interval(own['planted']['effect'])} for a {own['kind']} in {planted.reference}; in {clean.reference} "
        f"by {_with_interval(other['clean']['effect'])} and {_with_interval(own['clean']['effect'])}."
    )


@st.cache_data(show_spinner="Asking both versions about held-out pictures", max_entries=16)
def _answers(_first: str, _second: str, _planted: Version, _clean: Version) -> list[dict[str, Any]]:
    random = np.random.default_rng(0)
    return shortcut_pair.answers(
        {"planted": workspace.load(_planted), "clean": workspace.load(_clean)},
        shortcut_pair.PICTURES,
        lambda values: mean_interval(values, random),
        lambda progress: None,
    )


def _shares(one: Mapping[str, Any]) -> str:
    low, high = one["interval"]
    return f"{percent(one['share'])}, 95 % interval {percent(low)} to {percent(high)}"


def _right(other: Mapping[str, Any], own: Mapping[str, Any], which: str) -> int:
    """Pictures without the tint that a version calls what they are."""
    right: int = other["pictures"] - other[which]["plain"]["called"] + own[which]["plain"]["called"]
    return right


def _with_interval(one: Mapping[str, Any]) -> str:
    low, high = one["interval"]
    return f"{signed(one['value'], 2)} ({signed(low, 2)} to {signed(high, 2)})"
