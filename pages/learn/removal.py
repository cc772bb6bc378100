"""Live figure of the guide to deletion and insertion: a picture that vanishes in the order of a map."""

from __future__ import annotations

import numpy as np
import streamlit as st

from draw.charts.figures import Line, lines_chart
from explain.numbers import percent, points
from explain.pictures import baseline
from explain.targets import ClassTarget
from explain.trust.checks.pixel_removal import POINTS, PixelRemoval, order
from pages.common.page import chart, note, palette
from pages.learn import figure_subject
from pages.learn.figure_subject import Subject, choose_method, show

# Forward passes of a method whose map is shown once.
SLOWEST = 600


def deletion() -> None:
    """A picture that vanishes in the order of a map, and the competition."""
    subject = figure_subject.choose()
    if subject is None:
        return
    method = choose_method(subject, SLOWEST)
    found = subject.explained(method)
    removal = subject.kept(
        ("removal",), lambda: PixelRemoval(subject.model, subject.picture, ClassTarget(subject.target))
    )
    way = st.segmented_control(
        "Way",
        ["Deletion", "Insertion"],
        default="Deletion",
        key="fig.way",
        bind="query-params",
        required=True,
    )
    step = st.slider(f"Step, of {POINTS - 1}", 0, POINTS - 1, 2, key="fig.removed", bind="query-params")
    own, blob = removal.curves(found.values), removal.blob
    others = removal.random
    first = way == "Deletion"
    mine, centre = (one.deletion if first else one.insertion for one in (own, blob))
    chance = np.mean([one.deletion if first else one.insertion for one in others], axis=0)
    shares = np.linspace(0, 100, POINTS)
    left, right = st.columns([1, 1.6])
    with left:
        show(
            _removed(subject, found.values, step, first),
            f"{shares[step]:.0f} % of the pixels {'gone' if first else 'back'}.",
        )
    alt = (
        f"{way}: with {shares[step]:.0f} % of the pixels in the order of {method.title}, {subject.named} has "
        f"{percent(float(mine[step]))}; in random order {percent(float(chance[step]))}, from the centre outwards "
        f"{percent(float(centre[step]))}."
    )
    drawn = lines_chart(
        [
            Line(method.title, shares, mine * 100),
            Line("centre blob", shares, centre * 100, "other"),
            Line("random", shares, chance * 100, "second"),
        ],
        ("Pixels, in %", f"Probability of {subject.named}, in %"),
        palette(),
        alt,
        now=float(shares[step]),
        y_range=(0, 100),
    )
    with right:
        chart(drawn, alt, key="figure")
    note(
        f"Insertion minus deletion, the areas under both curves: {points(own.difference)} for {method.title}, "
        f"{points(float(np.mean([one.difference for one in others])))} for random orders, "
        f"{points(blob.difference)} for the blob."
    )


def _removed(subject: Subject, values: np.ndarray, step: int, first: bool) -> np.ndarray:
    """The picture at a step, as `PixelRemoval` asks about it."""
    gone = order(values, 0) < round(step / (POINTS - 1) * values.size)
    other = baseline(subject.picture, "mean" if first else "blurred")
    return np.where(gone[..., None], other if first else subject.picture, subject.picture if first else other)
