"""Live figures of the guides to networks, and to the methods that cover parts of a picture or read maps."""

from __future__ import annotations

import numpy as np
import streamlit as st

from draw.outlines import outlined
from explain.attributions import occlusion, superpixel_shap
from explain.attributions.superpixels import superpixels
from explain.guide_figures import camera, convolution, probes
from explain.numbers import signed
from pages.common.page import fail_clearly, note
from pages.learn import figure_subject
from pages.learn.figure_subject import blank, show, show_map

SHOWN_MAPS, TILE, COALITIONS = 4, 148, 200


def convolution_filter() -> None:
    """A filter of nine weights over a picture."""
    subject = figure_subject.choose()
    if subject is None:
        return
    with st.container(horizontal=True, gap="small"):
        for name, text in convolution.FILTERS.items():
            st.button(name, key=f"_{name}", on_click=_set_filter, args=(text,))
    typed = st.text_input(
        "Nine weights, row by row",
        next(iter(convolution.FILTERS.values())),
        key="fig.weights",
        bind="query-params",
        help="Three rows of three numbers, with a comma between the rows.",
    )
    with fail_clearly():
        found = convolution.response(
            convolution.brightness(subject.picture), convolution.weights(typed or "")
        )
        left, right = st.columns(2)
        with left:
            show(subject.picture, "The picture, as the network gets it.")
        with right:
            show_map(blank(*found.shape), found, "What the filter answers: orange above zero, blue below.")


def _set_filter(text: str) -> None:
    st.session_state["fig.weights"] = text


def grad_cam_steps() -> None:
    """From the maps of the last convolution to the heat map."""
    subject = figure_subject.choose()
    if subject is None:
        return
    found = subject.kept(("camera",), lambda: camera.steps(subject.network, subject.picture, subject.target))
    step = st.segmented_control(
        "Step",
        ["1 · maps and weights", "2 · weighted sum", "3 · heat map"],
        default="1 · maps and weights",
        key="fig.step",
        bind="query-params",
        required=True,
    )
    rows, columns = found.total.shape
    if step.startswith("1"):
        strongest = found.strongest(SHOWN_MAPS)
        # Of a fixed width, so that a telephone shows them two in a row.
        with st.container(horizontal=True, gap="small"):
            for index in strongest:
                with st.container(width=TILE):
                    show_map(
                        blank(rows, columns),
                        found.maps[index] * np.sign(found.weights[index]),
                        f"Map {index + 1}: {signed(float(found.added[index]), 2)} logit.",
                    )
        note(
            f"The {len(strongest)} of {len(found.maps)} maps that count most, {rows} × {columns} cells each. "
            f"Orange speaks for {subject.named}, blue against it."
        )
        return
    left, right = st.columns(2)
    with left:
        show(subject.picture, "The picture.")
    with right:
        if step.startswith("2"):
            show_map(
                blank(rows, columns),
                found.total,
                f"All maps added, each with its weight, {rows} × {columns} cells.",
            )
        else:
            show_map(
                subject.picture, found.heat, f"What speaks for {subject.named}, enlarged: the same cells."
            )


def window() -> None:
    """A window that can be moved over the picture."""
    subject = figure_subject.choose()
    if subject is None:
        return
    size = len(subject.picture)
    across, down, wide = st.columns(3)
    left = across.slider("From left, in pixels", 0, size - 1, size // 3, key="fig.left", bind="query-params")
    top = down.slider("From top, in pixels", 0, size - 1, size // 3, key="fig.top", bind="query-params")
    side = wide.slider("Side, in pixels", 4, size // 2, size // 6, key="fig.side", bind="query-params")
    covered = probes.covered(subject.picture, left, top, side)
    whole, without = probes.logits(subject.network, np.stack([subject.picture, covered]))[:, subject.target]
    st.metric(
        f"Logit of {subject.named}, without the window",
        f"{without:.2f}",
        delta=f"{signed(float(without - whole), 2)} against the whole picture",
        delta_color="off",
        delta_arrow="up" if without > whole else "down",
    )
    one, other = st.columns(2)
    with one:
        show(covered, "The window has the picture's mean colour.")
    with other:
        every = subject.explained(occlusion.METHOD)
        show_map(
            subject.picture, every.values, "All windows of the usual size: orange where the answer falls."
        )


def patches() -> None:
    """A picture cut into more and more superpixels, and what each brings."""
    subject = figure_subject.choose()
    if subject is None:
        return
    wanted = st.slider("Patches to look for", 4, 60, 24, 2, key="fig.patches", bind="query-params")
    parts = superpixels(subject.picture, wanted)
    with st.spinner("Playing the game of the patches …"):
        found = subject.explained(superpixel_shap.METHOD, superpixels=wanted, samples=COALITIONS)
    left, right = st.columns(2)
    with left:
        words = "Where the picture is cut, by colour and place alone."
        st.image(outlined(subject.picture, parts, max(1, 384 // len(parts))), alt=words, width="stretch")
        note(words)
    with right:
        show_map(subject.picture, found.values, f"What each patch brings for {subject.named}.")
    count = int(parts.max()) + 1
    note(
        f"{count} patches can be shown and covered in 2 to the power of {count} ways. The model was asked about "
        f"{found.passes - 2} of them, and the patches add up to {signed(float(found.values.sum()), 2)} logit."
    )
