"""Live figures of the guides to stability and randomisation: maps under noise, and of a network that forgets."""

from __future__ import annotations

import numpy as np
import streamlit as st

from draw.charts.figures import Line, lines_chart
from explain import methods
from explain.attributions.image_method import ImageMethod
from explain.guide_figures.wobble import wobble
from explain.numbers import percent, signed
from explain.targets import ClassTarget
from explain.trust.checks import randomisation
from explain.trust.checks.similarity import rank_similarity
from pages.common.page import chart, palette
from pages.learn import figure_subject
from pages.learn.figure_subject import Subject, choose_method, show, show_map

STAGES = 8
# Forward passes of a method whose map is made again and again.
QUICK = 60


def saliency_noise() -> None:
    """What noise does to a saliency map."""
    subject = figure_subject.choose()
    if subject is not None:
        _noise(subject, methods.image_method("saliency"))


def stability_noise() -> None:
    """What noise does to the map of any method."""
    subject = figure_subject.choose()
    if subject is not None:
        _noise(subject, choose_method(subject, QUICK))


def _noise(subject: Subject, method: ImageMethod) -> None:
    left, right = st.columns([2, 1])
    noise = (
        left.slider("Noise, in % of the range", 0.0, 10.0, 2.0, 0.5, key="fig.grain", bind="query-params")
        / 100
    )
    seed = right.slider("Pattern", 0, 9, 0, key="fig.pattern", bind="query-params")
    found = subject.kept(
        ("wobble", method.name, noise, seed),
        lambda: wobble(subject.model, method.name, subject.picture, subject.target, noise, seed),
    )
    moved = float(found.after.output - found.before.output)
    answer, change, like = st.columns(3)
    answer.metric(f"Logit of {subject.named} moved by", signed(moved, 2))
    change.metric("The map moved by", f"{found.change:.0%} of itself".replace("%", " %"))
    like.metric("Rank correlation of the maps", f"{found.similarity:.2f}")
    one, two, three = st.columns(3)
    with one:
        show(found.picture, "The picture with the noise.")
    with two:
        show_map(subject.picture, found.before.values, f"{method.title}, without noise.")
    with three:
        show_map(found.picture, found.after.values, f"{method.title}, with it.")


def cascade() -> None:
    """A network that forgets layer by layer, and the map at each stage."""
    subject = figure_subject.choose()
    if subject is None:
        return
    method = choose_method(subject, QUICK)
    maps = subject.kept(("cascade", method.name), lambda: _cascade(subject, method))
    stage = st.slider("Stage", 0, len(maps) - 1, 0, key="fig.stage", bind="query-params")
    original = maps[0][1]
    left, right = st.columns(2)
    with left:
        show_map(subject.picture, original, f"{method.title} of the trained network.")
    with right:
        share, values = maps[stage]
        show_map(
            subject.picture,
            values,
            f"After stage {stage}: {percent(share)} of the layers hold random weights.",
        )
    alike = np.array([rank_similarity(original, one) for _, one in maps])
    alt = (
        f"Rank correlation of the {method.title} map with the original one, from the trained network to a "
        f"random one: {', '.join(f'{one:.2f}' for one in alike)}."
    )
    drawn = lines_chart(
        [Line(method.title, np.arange(len(maps)), alike)],
        ("Stage: from the trained network to a random one", "Rank correlation with the first map"),
        palette(),
        alt,
        now=stage,
        y_range=(min(-0.2, float(alike.min())), 1.0),
    )
    chart(drawn, alt, key="figure")


def _cascade(subject: Subject, method: ImageMethod) -> list[tuple[float, np.ndarray]]:
    def explain(model: object) -> np.ndarray:
        return method.attribute(model, subject.picture, ClassTarget(subject.target)).values  # type: ignore[arg-type]

    found = [(0.0, explain(subject.model))]
    for _, share, redrawn in randomisation.cascade(subject.model, subject.picture, STAGES, seed=0):
        found.append((share, explain(redrawn)))
    return found
