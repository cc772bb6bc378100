"""The right column of a tabular what-if: why this answer, in words and figures, and what would flip it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from ask.asking import instead
from ask.row_answer import RowAnswer
from draw.charts import waterfall_chart
from draw.waterfall import waterfall
from explain import methods
from explain.methods import Fit
from explain.numbers import plural
from explain.rows.nearest_flip import NAMED, Change, NearestFlip
from models.spec import ModelSpec
from pages.common import sliders, url
from pages.common.page import chart, link, note, palette, subtitle

PREDICTED = "the predicted class"


def draw(asked: RowAnswer) -> RowAnswer:
    """Draw the column; returns the answer with what was chosen in it: method, class, features that must stay."""
    with st.container(border=True):
        words, locked = st.container(), _locked(asked)
    with st.container(border=True):
        name, target = _choose(asked)
        chosen = instead(asked, method=name, target=target, locked=locked)
        assert isinstance(chosen, RowAnswer)
        if name is not None:
            _show(chosen)
            title = methods.method(name).title
            link("how_it_works.py", f"How {title} works", icon=":material/school:", guide=name)
    with words:
        _tell(chosen)
    return chosen


def _tell(asked: RowAnswer) -> None:
    flip = asked.flip
    nearest = () if flip is None else (f"{flip.summary} {flip.margin}", *flip.as_small)
    subtitle("Why")
    for sentence in asked.words:
        if sentence not in nearest:
            st.markdown(sentence)
    subtitle("Counterfactual")
    note("What is the smallest change that flips the answer?")
    for sentence in nearest:
        st.markdown(sentence)
    if flip is not None and flip.found:
        _offer(asked.spec, flip)
    elif asked.flip_unsupported is not None:
        note(asked.flip_unsupported)


def _choose(asked: RowAnswer) -> tuple[str | None, str | None]:
    """The method and the class that the visitor chose; None where no method fits, and for the predicted class."""
    spec = asked.spec
    fits = [_with_rows(asked, fit) for fit in methods.for_spec(spec)]
    titles = {fit.method.name: fit.method.title for fit in fits if fit.reason is None}
    if not titles:
        st.info("  \n".join(fit.reason or "" for fit in fits), icon=":material/block:")
        return None, None
    url.one_of("method", list(titles.values()), "method")
    name = st.segmented_control(
        "Method",
        list(titles),
        default=next(iter(titles)),
        key="method",
        bind="query-params",
        required=True,
        format_func=titles.__getitem__,
        help="  \n".join(f"{fit.method.title}: {fit.reason or fit.method.cost}" for fit in fits),
    )
    url.one_of("target", [PREDICTED, *spec.classes], "class")
    target = st.selectbox("Evidence for", [PREDICTED, *spec.classes], key="target", bind="query-params")
    return name, None if target == PREDICTED else target


def _with_rows(asked: RowAnswer, fit: Fit) -> Fit:
    """A method beside the model, with what it lacks where the rows that it compares with are gone."""
    if fit.reason is None and fit.method.needs_background and asked.training is None:
        return replace(
            fit, reason=f"{fit.method.title} compares with the training rows, and they are gone or others."
        )
    return fit


def _show(asked: RowAnswer) -> None:
    attribution, colours = asked.attribution, palette()
    if asked.is_far:
        # An answer that has little to stand on is explained in grey; why is said beside the nearest rows.
        colours = replace(colours, positive=colours.muted, negative=colours.muted)
        note(":material/warning: Grey, because nothing in the training was like this.")
    drawn = waterfall_chart(asked.spec, asked.input, attribution, waterfall(attribution), colours)
    chart(drawn, drawn["description"], key="waterfall")
    note(
        f"The steps add up to the answer, but for {attribution.completeness_gap:.0e} of rounding. "
        f"Took {plural(attribution.passes, 'pass')} and {attribution.milliseconds:.1f} ms."
    )


def _offer(spec: ModelSpec, flip: NearestFlip) -> None:
    _apply(spec, flip.changes, "Apply this change", "The smallest change that flips the answer.")
    for one in flip.equal[:NAMED]:
        _apply(spec, one.changes, f"Or {one.words}", "As small as the first.")


def _apply(spec: ModelSpec, changes: Sequence[Change], label: str, what: str) -> None:
    """A button that makes some changes."""
    moved = {spec.features[one.feature].name: spec.features[one.feature].snap(one.after) for one in changes}
    st.button(
        label,
        icon=":material/swap_horiz:",
        on_click=sliders.apply,
        args=(sliders.keyed(moved),),
        width="stretch",
        help=f"{what} Undo brings you back.",
    )


def _locked(asked: RowAnswer) -> tuple[str, ...]:
    """The features that the visitor holds; none where no flip can be searched."""
    if asked.flip_unsupported is not None:
        return ()
    with st.expander("Features that must not change"):
        labels = {feature.name: feature.label for feature in asked.spec.features}
        chosen = st.pills(
            "Keep these as they are",
            list(labels),
            format_func=labels.__getitem__,
            selection_mode="multi",
            key="locked",
            bind="query-params",
            help="The nearest flip is searched among the others.",
        )
    return tuple(sorted(chosen))
