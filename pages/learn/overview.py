"""Live figures of the guides to what looks at many inputs at once: toy functions with known answers."""

from __future__ import annotations

import numpy as np
import streamlit as st

from draw.charts.figures import Bar, Line, bars_chart, lines_chart
from explain.guide_figures import overview
from explain.numbers import points, signed
from pages.common.page import chart, note, palette

REPEATS = 10


def shuffling() -> None:
    """Columns that are shuffled, again and again."""
    seed = st.slider("Shuffle number", 0, 20, 0, key="fig.shuffle", bind="query-params")
    lost = _shuffled(seed) * 100
    means, low, high = lost.mean(axis=1), lost.min(axis=1), lost.max(axis=1)
    bars = [
        Bar(name.capitalize(), float(mean), points(float(mean) / 100), (float(a), float(b)))
        for name, mean, a, b in zip(overview.COLUMNS, means, low, high, strict=True)
    ]
    listed = ", ".join(f"{bar.name} {bar.figure}" for bar in bars)
    alt = f"Accuracy lost by shuffling a column: {listed}."
    chart(bars_chart(bars, "Accuracy lost, in points", palette(), alt), alt, key="figure")
    note(
        f"Mean of {REPEATS} shuffles on points that the forest never saw; the thin line runs from the least "
        "to the most."
    )


@st.cache_data(show_spinner="Shuffling …", max_entries=32)
def _shuffled(seed: int) -> np.ndarray:
    return overview.shuffled(REPEATS, seed)


def individual_curves() -> None:
    """Single curves and their mean."""
    opposed = st.slider(
        "How much the two halves disagree, in %", 0, 100, 100, 10, key="fig.opposed", bind="query-params"
    )
    found = overview.individual(opposed / 100)
    faint = [Line("one row", found.at, curve, "faint") for curve in found.curves]
    slope = float(found.mean[-1] - found.mean[0]) / 2
    alt = (
        f"{len(found.curves)} single curves with slopes of 1 and {signed(1 - 2 * opposed / 100, 1)}, and their mean "
        f"with a slope of {signed(slope, 1)}."
    )
    drawn = lines_chart(
        [*faint, Line("mean", found.at, found.mean)],
        ("Value of the column", "Answer"),
        palette(),
        alt,
        y_range=(-1.5, 1.5),
    )
    chart(drawn, alt, key="figure")
    note(
        f"The mean has a slope of {signed(slope, 1)}; half of the single curves have +1.0, the other half "
        f"{signed(1 - 2 * opposed / 100, 1)}."
    )


def sobol() -> None:
    """Shares of a variance, estimated and exact."""
    x, y, both = st.columns(3)
    a = x.slider("x alone", 0.0, 3.0, 1.0, 0.5, key="fig.a", bind="query-params")
    b = y.slider("y alone", 0.0, 3.0, 0.5, 0.5, key="fig.b", bind="query-params")
    c = both.slider("x and y together", 0.0, 3.0, 2.0, 0.5, key="fig.c", bind="query-params")
    found = _sobol(a, b, c)
    if found is None:
        st.info("The answer never moves, so there is nothing to share out. Raise one of the three.")
        return
    single, together = np.array([a**2, b**2]) / 3, c**2 / 9
    whole = single.sum() + together
    rows = [
        ("x, alone", found.first[0], found.first_interval, 0, single[0]),
        ("x, in total", found.total[0], found.total_interval, 0, single[0] + together),
        ("y, alone", found.first[1], found.first_interval, 1, single[1]),
        ("y, in total", found.total[1], found.total_interval, 1, single[1] + together),
    ]
    bars = [
        Bar(
            name,
            float(value) * 100,
            f"{value * 100:.0f} %",
            (float(ends[0][i]) * 100, float(ends[1][i]) * 100),
            float(exact / whole) * 100,
        )
        for name, value, ends, i, exact in rows
    ]
    listed = ", ".join(f"{bar.name} {bar.figure}" for bar in bars)
    alt = f"Sobol indices of {a:g} x + {b:g} y + {c:g} x y, in per cent of the variance: {listed}."
    chart(bars_chart(bars, "Share of the variance, in %", palette(), alt), alt, key="figure")
    note("Bar and thin line: estimate and 95 % interval. Tick: the exact value.")


@st.cache_data(show_spinner=False, max_entries=64)
def _sobol(a: float, b: float, c: float) -> overview.Indices | None:
    return overview.sobol(a, b, c)
