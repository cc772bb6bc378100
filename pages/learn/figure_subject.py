"""What a live figure about pictures shows: a model, a picture and the model's answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np
import streamlit as st

from ask.asking import instead
from ask.picture_answer import PictureAnswer
from ask.question import PictureInput, Question, SceneInput
from data import bakery
from data.bakery import Scene
from draw.overlay import blend, overlay
from draw.palette import LIGHT
from explain import methods
from explain.attributions.attribution import Attribution
from explain.attributions.image_method import ImageMethod
from explain.levels import offers
from explain.numbers import percent
from explain.targets import ClassTarget
from governance import registry
from models import scene_inputs
from models.spec import HasNetwork, Model, ModelSpec
from pages.common import workspace
from pages.common.page import link, note, palette
from pages.common.visit import ask
from pages.pictures.maps import enlarged

T = TypeVar("T")
MOST_PICTURES = 6


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A picture and who is asked about it: an answer, and what figures keep of it."""

    answer: PictureAnswer

    @property
    def spec(self) -> ModelSpec:
        return self.answer.spec

    @property
    def model(self) -> Model:
        return self.answer.model

    @property
    def picture(self) -> np.ndarray:
        """Of shape (height, width, 3), float32 in [0, 1]."""
        return self.answer.input

    @property
    def scene(self) -> Scene | None:
        """Where the picture was rendered from one."""
        return self.answer.scene

    @property
    def target(self) -> int:
        """Position of the class that the model predicts."""
        return self.answer.predicted

    @property
    def network(self) -> HasNetwork:
        """The model as one with a network."""
        return cast(HasNetwork, self.model)

    @property
    def named(self) -> str:
        """The target's class."""
        return self.spec.classes[self.target]

    def kept(self, what: tuple[Any, ...], compute: Callable[[], T]) -> T:
        """A value of this subject, computed once in this visit; `what` says which, settings among them."""
        return self.answer.kept("figure", (self.target, *what), compute)

    def explained(self, method: ImageMethod, **settings: Any) -> Attribution:
        """A method's map, for the predicted class."""
        told = {name: value for name, value in settings.items() if not isinstance(value, np.ndarray)}
        return self.kept(
            (method.name, *sorted(told.items())),
            lambda: method.attribute(self.model, self.picture, ClassTarget(self.target), **settings),
        )


def choose() -> Subject | None:
    """Let the visitor choose a picture; None, with what to do, where no network for pictures has a version."""
    references = [
        ref
        for ref in workspace.references("image")
        if offers(workspace.spec_of(registry.split_reference(ref)[0]), "layers")
    ]
    if not references:
        st.info(
            "This figure asks a network, and none for pictures has a version yet. Train one in the catalogue; "
            "the text below can be read meanwhile.",
            icon=":material/image_search:",
        )
        link("catalogue.py", "Open the catalogue", icon=":material/grid_view:")
        return None
    whole = ask(Question(references[0]))
    scenes = bakery.named_scenes() if scene_inputs.fits(whole.spec) else {}
    others = () if scenes else whole.evidence.background(whole.definition.dataset)[:MOST_PICTURES]
    names = list(scenes) or [f"picture {number}" for number in range(1, len(others) + 1)]
    name = st.selectbox("Picture", names, key="fig.picture", bind="query-params")
    scene = scenes.get(name)
    asked = instead(
        whole, input=PictureInput(others[names.index(name)]) if scene is None else SceneInput(scene)
    )
    assert isinstance(asked, PictureAnswer)
    share = percent(float(asked.probabilities[asked.predicted]))
    note(f"{asked.version.reference} answers {asked.spec.classes[asked.predicted]}, {share}.")
    return Subject(asked)


def choose_method(subject: Subject, most: int) -> ImageMethod:
    """Let the visitor choose among the methods that need the picture alone, and at most so many passes."""
    fits = [
        methods.image_method(fit.method.name) for fit in methods.for_spec(subject.spec) if fit.reason is None
    ]
    titles = {
        one.name: one.title
        for one in fits
        if not one.needs_background and one.passes(subject.spec).forward <= most
    }
    return methods.image_method(
        st.selectbox("Map", list(titles), key="fig.map", bind="query-params", format_func=titles.__getitem__)
    )


def show(picture: np.ndarray, caption: str) -> None:
    """A picture with values in [0, 1], and what it is below it."""
    st.image(enlarged(np.clip(picture, 0, 1)), alt=caption, width="stretch")
    note(caption)


def blank(height: int, width: int) -> np.ndarray:
    """Nothing, for a map that stands alone: near the colour of the page."""
    return np.full((height, width, 3), float(palette() is LIGHT))


def show_map(picture: np.ndarray, values: np.ndarray, caption: str, scale: float | None = None) -> None:
    """A map over a picture in grey, with its scale in the caption.

    Parameters
    ----------
    scale : float, optional
        So that maps can be compared; the largest size in the map by default.
    """
    drawn = overlay(values, palette(), scale)
    st.image(enlarged(blend(picture, drawn.rgba)), alt=caption, width="stretch")
    note(f"{caption} Strongest colour: {drawn.scale:.2g}.")
