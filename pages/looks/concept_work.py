"""What the concept sections share: progress, and the choice of a concept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from data.features import Feature
from models.spec import Progress, Report

# The bar is drawn again at most so often in a computation: a message to the browser costs a millisecond.
_EVERY = 4


@contextmanager
def progress() -> Iterator[Report]:
    """A bar for the time of a computation, gone afterwards."""
    place = st.empty()

    def report(told: Progress) -> None:
        if told.done % _EVERY == 0 or told.done >= told.total:
            share = min(told.done / max(told.total, 1), 1.0)
            place.progress(share, f"{told.step}: {told.done} of at most {told.total} pictures")

    yield report
    place.empty()


def choose(label: str, features: tuple[Feature, ...], key: str, default: str) -> Feature:
    """Let the visitor choose a concept; what the URL says of another kind's concept is not kept."""
    named = {feature.name: feature for feature in features}
    if st.session_state.get(key) not in named:
        st.session_state[key] = default
    # The default comes first: only another choice stands in the URL.
    options = [default, *(name for name in named if name != default)]
    name = st.selectbox(
        label, options, key=key, bind="query-params", format_func=lambda name: named[name].label
    )
    return named[name]
