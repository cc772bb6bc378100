"""What the concept sections share: the scene's concepts, what was computed in this visit, and progress."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from data.features import Feature
from explain.concepts.space import Concepts, of_scene
from models.spec import Progress, Report
from pages.pictures.shown import Shown

MOST_KEPT = 32
# The bar is drawn again at most so often in a computation: a message to the browser costs a millisecond.
_EVERY = 4


def concepts_of(shown: Shown) -> Concepts:
    """The concepts of the scene that is shown, with the changes of its pixels."""
    assert shown.asked.scene is not None and shown.spec.image_size is not None
    return of_scene(shown.asked.scene, shown.spec.image_size, shown.asked.pixels)


def key_of(shown: Shown, *more: Hashable, without: tuple[str, ...] = ()) -> tuple[Hashable, ...]:
    """What decides a finding about the scene that is shown.

    Parameters
    ----------
    without : tuple of str
        Concepts whose present values do not take part.
    """
    scene = shown.asked.scene
    assert scene is not None
    rest = scene.replace(**{f.name: f.default for f in scene.live_concepts if f.name in without})
    return (shown.version.weights_digest, rest.digest, *sorted(shown.asked.pixels.items()), *without, *more)


def kept(name: str, key: tuple[Hashable, ...], compute: Callable[[Report], Any]) -> Any:
    """A finding of this visit: computed once, under a bar that says how far it is.

    The script stops at the bar when the visitor changes something, and so does the computation.
    """
    memory = st.session_state.setdefault(f"_kept_{name}", {})
    if key not in memory:
        with progress() as report:
            memory[key] = compute(report)
        while len(memory) > MOST_KEPT:
            memory.pop(next(iter(memory)))
    return memory[key]


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
