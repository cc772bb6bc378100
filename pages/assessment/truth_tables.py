"""The tables of the methods against the truth: what the parts do, and how well each map agrees with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from explain.numbers import percent, signed
from pages.common.page import note


def parts(measured: Sequence[Mapping[str, Any]]) -> None:
    """What each change of a part really does to the answer."""
    st.dataframe(
        {
            "Scene": [one["kind"] for one in measured],
            "Change": [one["title"] for one in measured],
            "Effect, logits": [_number(one["effect"]) for one in measured],
            "Scenes": [str(one["scenes"]) for one in measured],
        },
        hide_index=True,
        width="stretch",
    )
    note(
        "The mean over scenes, in brackets its 95 % interval. Above 0: without the part, the predicted class loses."
    )


def methods(lines: Sequence[Mapping[str, Any]]) -> None:
    """Every map's agreement with that, one line each."""
    st.dataframe(
        {
            # Without what a title adds in brackets, which the column has no room for.
            "Map": [line["title"].partition(" (")[0] for line in lines],
            "Rank correlation": [_number(line["correlation"]) for line in lines],
            "Over the best placebo": [_number(line["over_placebo"]) for line in lines],
            # What was measured by an earlier version has no such bar.
            "Over the lookup table": [_number(line.get("over_lookup")) for line in lines],
            "Finds the main part": [_share(line["top"]) for line in lines],
            "Contradicted": [_share(line["contradicted"]) for line in lines],
            "Right sign": [_share(line["signs"]) for line in lines],
            "Passes": [_passes(line["passes"]) for line in lines],
        },
        hide_index=True,
        width="stretch",
        # All rows at once: a table that scrolls inside the page hides its last ones.
        height=38 + 35 * len(lines),
        column_config={"Passes": st.column_config.TextColumn(help="Forward + backward, for one map.")},
    )
    note(
        "Means with 95 % intervals in brackets. Contradicted: the share of scenes in which the map says otherwise."
    )


def _number(mean: Mapping[str, Any] | None) -> str:
    if mean is None:
        return "–"
    low, high = mean["interval"]
    return f"{signed(mean['value'], 2)} ({signed(low, 2)} to {signed(high, 2)})"


def _share(mean: Mapping[str, Any] | None) -> str:
    if mean is None:
        return "–"
    low, high = mean["interval"]
    return f"{percent(mean['value'])} ({percent(low)} to {percent(high)})"


def _passes(passes: Mapping[str, int] | None) -> str:
    return "none" if passes is None else f"{passes['forward']:,} + {passes['backward']:,}"
