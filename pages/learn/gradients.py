"""Live figures of the guides to the methods that add up gradients."""

from __future__ import annotations

import numpy as np
import streamlit as st

from draw.charts.figures import Bar, Line, bars_chart, lines_chart
from explain.attributions import gradient_shap, smooth_grad
from explain.guide_figures import path
from explain.numbers import plural, signed
from explain.pictures import BASELINES, baseline
from explain.trust.checks.similarity import rank_similarity
from pages.common.page import chart, note, palette
from pages.learn import figure_subject
from pages.learn.figure_subject import show, show_map

STEPS = 40
COPIES, SAMPLES = (1, 2, 4, 8, 16, 32), (1, 2, 5, 10, 25, 50, 100)


def gathering() -> None:
    """The way of integrated gradients."""
    subject = figure_subject.choose()
    if subject is None:
        return
    left, right = st.columns([1, 2])
    name = left.selectbox("Baseline", list(BASELINES), key="fig.baseline", bind="query-params")
    share = right.slider(
        "Way from baseline to picture, in %", 0, 100, 50, 5, key="fig.share", bind="query-params"
    )
    start = baseline(subject.picture, name)
    found = subject.kept(
        ("path", name), lambda: path.path(subject.network, subject.picture, start, subject.target, STEPS)
    )
    at = round(share / 100 * STEPS)
    picture = start + found.shares[at] * (subject.picture - start)
    left, right = st.columns(2)
    with left:
        show(picture, f"The picture at {share} % of the way from {BASELINES[name]}.")
    with right:
        scale = float(np.abs(found.maps[-1]).max()) or None
        show_map(subject.picture, found.maps[at], f"Gathered so far, in logit of {subject.named}.", scale)
    percents, climbed = found.shares * 100, found.logits - found.logits[0]
    alt = (
        f"Along the way the logit of {subject.named} changes by {signed(climbed[-1], 2)}, and the pixels gather "
        f"{signed(found.sums[-1], 2)}. At {share} % it is {signed(climbed[at], 2)} and {signed(found.sums[at], 2)}."
    )
    drawn = lines_chart(
        [Line("gathered", percents, found.sums), Line("answer", percents, climbed, "second")],
        ("Way from baseline to picture, in %", "Change in logit"),
        palette(),
        alt,
        now=float(percents[at]),
    )
    chart(drawn, alt, key="figure")
    note(
        f"With {STEPS} steps, what is gathered differs from the change of the answer by {found.gap:.2g} logit."
    )


def smoothed() -> None:
    """More and more noisy copies."""
    subject = figure_subject.choose()
    if subject is None:
        return
    left, right = st.columns(2)
    noise = left.slider("Noise, in % of the range", 0, 40, 14, 2, key="fig.noise", bind="query-params") / 100
    copies = int(right.select_slider("Copies", COPIES, 4, key="fig.copies", bind="query-params"))
    one, few, again = (
        subject.explained(smooth_grad.METHOD, samples=n, noise=noise, seed=seed).values
        for n, seed in ((1, 0), (copies, 0), (copies, 1))
    )
    left, right = st.columns(2)
    with left:
        show_map(subject.picture, one, "The gradients of one noisy copy.")
    with right:
        show_map(subject.picture, few, f"The mean over {copies} of them.")
    note(
        "Another draw of as many copies gives a map whose rank correlation with this one is "
        f"{rank_similarity(few, again):.2f}. At 1 the noise no longer matters."
    )


def sampled() -> None:
    """More and more samples of the way from real pictures."""
    subject = figure_subject.choose()
    if subject is None:
        return
    samples = int(st.select_slider("Samples", SAMPLES, 5, key="fig.samples", bind="query-params"))
    seed = st.slider("Seed", 0, 9, 0, key="fig.seed", bind="query-params")
    others = subject.answer.evidence.background(subject.answer.compared_with)
    found = subject.explained(gradient_shap.METHOD, samples=samples, seed=seed, background=others)
    wanted, reached = found.output - found.base_value, float(found.values.sum())
    left, right = st.columns(2)
    with left:
        show(subject.picture, "The picture.")
    with right:
        show_map(subject.picture, found.values, f"The mean over {plural(samples, 'sample')}.")
    bars = [
        Bar("To be explained", wanted, f"{signed(wanted, 2)} logit"),
        Bar("Sum of the map", reached, f"{signed(reached, 2)} logit", mark=wanted),
    ]
    alt = (
        f"With {plural(samples, 'sample')} the map adds up to {signed(reached, 2)} logit; the difference between "
        f"the answer and the mean answer to {len(others)} real pictures is {signed(wanted, 2)}."
    )
    chart(bars_chart(bars, f"Logit of {subject.named}", palette(), alt), alt, key="figure")
