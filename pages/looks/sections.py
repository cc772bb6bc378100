"""Closer looks at an image what-if: one at a time, so that only what is asked for is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from ask.looks import catalogue
from ask.picture_answer import PictureAnswer
from pages.common import url
from pages.common.page import note, subtitle
from pages.looks import (
    adversarial,
    concepts,
    examples,
    methods,
    parts,
    regions,
    temperature,
    training,
    trust,
)


@dataclass(frozen=True, slots=True)
class Section:
    """Where looks of the registry are drawn.

    Attributes
    ----------
    looks : tuple of str
        Their names; the first one gives title and question, unless the section has its own.
    draw : callable (PictureAnswer)
    formerly : str
        What the section was called in addresses before.
    title, asks : str, optional
    """

    looks: tuple[str, ...]
    draw: Callable[[PictureAnswer], None]
    formerly: str
    title: str = ""
    asks: str = ""

    @property
    def name(self) -> str:
        """In addresses."""
        return self.looks[0]


SECTIONS = (
    Section(("trust",), trust.draw, "Can I trust this map?"),
    Section(("parts",), parts.draw, "What the parts really do"),
    Section(("methods",), methods.draw, "All methods"),
    Section(
        ("flip", "curve", "ice", "concept_importance"),
        concepts.draw,
        "Concepts",
        title="Concepts",
        asks="What does the answer hang on, in terms that mean something?",
    ),
    Section(("neighbours", "typicality"), examples.draw, "Nearest examples"),
    Section(("regions",), regions.draw, "Cover regions"),
    Section(("calibration",), temperature.draw, "How sure is it?"),
    Section(("training",), training.draw, "How it learned this"),
    Section(("adversarial",), adversarial.draw, "How thin is the answer?"),
)


def draw(shown: PictureAnswer) -> None:
    """Draw the choice, and the section that was chosen; none at first."""
    st.header("Look closer", anchor=False)
    note("Choose a question about this answer. It opens below, and is computed only then.")
    found = {one.name: one for one in _fitting(shown)}
    titles = {name: title(one) for name, one in found.items()}
    url.renamed("look", {one.formerly: one.name for one in SECTIONS})
    chosen = st.pills(
        "Look closer",
        list(found),
        format_func=titles.__getitem__,
        key="look",
        bind="query-params",
        label_visibility="collapsed",
    )
    if chosen is not None:
        with st.container(border=True):
            subtitle(titles[chosen])
            note(asks(found[chosen]))
            found[chosen].draw(shown)


def title(section: Section) -> str:
    """Its heading, in the field's words."""
    return section.title or _look(section).title


def asks(section: Section) -> str:
    """The question that it answers, in plain words."""
    return section.asks or _look(section).asks


def _fitting(shown: PictureAnswer) -> list[Section]:
    """The sections; that of a map's checks only where there is a map."""
    return [one for one in SECTIONS if one.name != "trust" or shown.question.method is not None]


def _look(section: Section) -> catalogue.Look:
    return next(one for one in catalogue.looks() if one.name == section.name)
