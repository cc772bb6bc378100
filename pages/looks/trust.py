"""The trust pack in full: what each check of the map found, the placebos beside it, and a blind round."""

from __future__ import annotations

import streamlit as st

from ask.picture_answer import PictureAnswer
from draw.charts.trust import randomisation_chart, removal_chart
from draw.overlay import blend, overlay
from explain.numbers import percent, signed
from explain.trust import trust_thresholds
from explain.trust.placebos import Placebo
from explain.trust.report import TrustReport
from explain.trust.trust_verdict import REMOVAL
from pages.common import measuring
from pages.common.page import cannot_show, chart, note, palette, subtitle
from pages.looks import blind_round
from pages.pictures import trust_badge

CARD = 132


def draw(shown: PictureAnswer) -> None:
    """Draw the section for what the page shows."""
    place = st.empty()
    found = shown.trust(trust_badge.progress_in(place))
    trust_badge.badge(found, place)
    st.markdown(found.verdict.sentence)
    if found.limits.measured_on is None:
        measuring.offer(
            shown.version,
            [trust_thresholds.NAME],
            "The map was compared with the placebos on this one picture, which is a thin standard. Measured over "
            f"{trust_thresholds.measured_over(shown.spec)}, the limits are kept with the version.",
        )
    _removal(found)
    _randomisation(found)
    _localisation(found)
    _placebos(shown, found)
    blind_round.draw(shown)
    cannot_show(
        "The checks say whether a map hangs on this model and this answer, not whether the model is right. Deletion "
        "and insertion show the model pictures that it never saw, with grey or blurred pixels, and favour methods "
        "that start from the same grey. A badge of 'strong' is better than the placebos, and no proof."
    )


def _removal(found: TrustReport) -> None:
    subtitle("Does the answer hang on these pixels?")
    note(
        "Pixels go in the map's order, the strongest first: out of the picture (deletion), or into its blur "
        "(insertion). A good map lets the probability fall sooner and rise sooner than random order does. Both count "
        "together, because an empty map can win either."
    )
    for column, which in zip(st.columns(2, gap="medium"), ("deletion", "insertion"), strict=True):
        with column:
            drawn = removal_chart(
                which,  # type: ignore[arg-type]
                found.curves,
                found.random,
                found.blob,
                found.target,
                palette(),
            )
            chart(drawn, drawn["description"], key=f"trust_{which}")
    blob = found.curves.evidence - found.blob.evidence
    st.markdown(
        f"Insertion less deletion: {signed(found.curves.evidence, 2)} in log-odds, which is "
        f"{signed(found.scores[REMOVAL], 2)} over random order and {signed(blob, 2)} over a blob in the centre."
    )
    note(
        "It is taken in log-odds, the logarithm of the class's probability over that of all others: a probability "
        f"near 100 % hides what is taken away. In probability it is {signed(found.curves.difference, 2)}."
    )


def _randomisation(found: TrustReport) -> None:
    subtitle("Does the map change when the model forgets?")
    note(
        "Layer by layer, from the head down, the weights are replaced by random ones in a copy of the network, and "
        "the map is made again. A map that stays the same shows the picture, not what was learned."
    )
    if found.randomisation is None:
        st.info(
            "This model only answers: it has no network whose weights could be replaced, so nobody can see."
        )
        return
    drawn = randomisation_chart(found.randomisation, palette())
    chart(drawn, drawn["description"], key="trust_randomisation")
    rise = found.randomisation.complexity_rise
    complexity = (
        "" if rise is None else f" The map's complexity (entropy) changes by {signed(100 * rise, 0)} %."
    )
    draws = len(found.randomisation.draws)
    st.markdown(
        f"With every layer random, over {draws} draws, the likeness is {found.randomisation.similarity:.2f} on "
        f"average; 1 would be the same map.{complexity}"
    )


def _localisation(found: TrustReport) -> None:
    if found.localisation is None:
        return
    where = found.localisation
    subtitle("Does it lie on the object?")
    note("The object is everything but the background, pixel by pixel. It decides nothing in the badge.")
    rows = (
        ("Share of the weight", where.map.mass, where.blob.mass),
        ("Share of the strongest pixels, as many as the object has", where.map.rank, where.blob.rank),
        ("The strongest pixel", where.map.pointing, where.blob.pointing),
    )
    st.table([{"On the object": n, "This map": percent(a), "Centre blob": percent(b)} for n, a, b in rows])


def _placebos(shown: PictureAnswer, found: TrustReport) -> None:
    subtitle("Beside its placebos")
    attribution = shown.attribution
    note(
        "None of the others knows what the model learned. The figure is insertion less deletion over random "
        "order, in log-odds: what a placebo reaches, a map has to beat. Colours are scaled to each map's strongest "
        "pixel."
    )
    title = shown.method.title
    real = Placebo("real", f"{title} (this map)", "", attribution.values)
    with st.container(horizontal=True, gap="small"):
        for one in (real, *found.placebos):
            scores = found.scores if one is real else found.placebo_scores[one.name]
            with st.container(width=CARD):
                mixed = blend(shown.input, overlay(one.values, palette()).rgba)
                st.image(mixed, alt=f"{one.title}.", width="stretch")
                st.markdown(f"**{one.title}**  \n{signed(scores[REMOVAL], 2)}", help=one.sentence or None)
