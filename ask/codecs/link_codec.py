"""A question as what an address says of it, and back.

An input's values stand there as ``in.NAME``: a column may be called as anything else in an address is. Addresses of
before that had the bare name, and are still read, unless the name has a meaning of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from ask.question import Input, PictureInput, Question, RowInput, SceneInput, pairs_of
from data import numerals
from data.failures import UserMistake
from data.features import Feature
from explain.concepts.perturbations import PERTURBATIONS
from models import scene_inputs
from models.spec import ModelSpec

if TYPE_CHECKING:
    from data.bakery import Scene

INPUT, SETTING = "in.", "set."
PHOTO, SCENE = "photo", "scene"
METHOD = "explain"
_LISTS = ("locked", "looks", "along")
# Names with a meaning of their own: of a question's parts here, and of what the what-if pages keep besides.
_OWN = {
    "version",
    METHOD,
    "target",
    "method",
    "background",
    "epoch",
    "other",
    "seed",
    "about",
    PHOTO,
    SCENE,
} | set(_LISTS)
_PAGES = {"view", "x", "y", "look"}
RESERVED = frozenset(_OWN | _PAGES)
"""Bare names that never mean an input's value."""


class LinkMistake(UserMistake):
    """An address asks for what cannot be answered."""


def to_link(question: Question, photo: Callable[[np.ndarray], str] | None = None) -> dict[str, str]:
    """What an address says of a question.

    Parameters
    ----------
    photo : callable (ndarray) -> str, optional
        Keeps the pixels of a photo where `from_link` finds them by this name: an address holds no picture.

    Raises
    ------
    LinkMistake
        If the question is about a photo that is not kept.
    """
    told = {"version": question.version}
    texts = {METHOD: question.method, "target": question.target}
    texts |= {"background": question.background, "other": question.other}
    told |= {name: value for name, value in texts.items() if value is not None}
    told |= {name: json.dumps(getattr(question, name)) for name in _LISTS if getattr(question, name)}
    told |= {} if question.epoch is None else {"epoch": str(question.epoch)}
    told |= {"seed": str(question.seed)} if question.seed else {}
    told |= {f"{SETTING}{name}": json.dumps(value) for name, value in question.settings}
    return told | _input_told(question.input, photo)


def input_link(given: Input) -> dict[str, str]:
    """What an address of a what-if page says of a row or a scene."""
    return _input_told(given, None)


def from_link(
    query: Mapping[str, str], spec: ModelSpec, photo: Callable[[str], np.ndarray] | None = None
) -> Question:
    """The question that an address speaks of.

    Parameters
    ----------
    query : mapping of str to str
        Names that mean nothing here are passed over.
    spec : ModelSpec
        Of the model that is asked.
    photo : callable (str) -> ndarray, optional
        Gives back what ``photo`` of `to_link` kept; raises ValueError where there is nothing of the name.

    Raises
    ------
    LinkMistake
        With what is wrong in the address.
    """
    try:
        return Question(
            version=query.get("version", spec.name),
            input=_input_of(query, spec, photo),
            method=query.get(METHOD) or None,
            target=query.get("target"),
            settings=pairs_of(
                {k.removeprefix(SETTING): json.loads(v) for k, v in query.items() if k.startswith(SETTING)}
            ),
            background=query.get("background"),
            epoch=_whole(query, "epoch"),
            other=query.get("other"),
            seed=_whole(query, "seed") or 0,
            **{name: _list(query, name) for name in _LISTS if name in query},
        )
    except ValueError as error:
        raise LinkMistake(f"The answer in the link cannot be made again. {error}") from error


def prefixed(values: Mapping[str, object], spec: ModelSpec) -> dict[str, object]:
    """What a model's card says of a prepared view, as an address has it: an input's name gets its prefix."""
    names = {feature.name for feature in _movable(spec)} - RESERVED
    return {f"{INPUT}{name}" if name in names else name: value for name, value in values.items()}


def _movable(spec: ModelSpec) -> tuple[Feature, ...]:
    """Everything about a model's input that has a slider."""
    if spec.modality == "tabular":
        return spec.features
    from data.bakery import CONCEPTS

    concepts = CONCEPTS.values() if scene_inputs.fits(spec) else ()
    return (*PERTURBATIONS, *(feature for kind in concepts for feature in kind))


def given(query: Mapping[str, str], name: str) -> str | None:
    """What an address says of an input's value, with its prefix or, as before, without; None where nothing."""
    bare = None if name in RESERVED else query.get(name)
    return query.get(f"{INPUT}{name}", bare)


def _input_told(given: Input | None, photo: Callable[[np.ndarray], str] | None) -> dict[str, str]:
    if given is None:
        return {}
    if isinstance(given, RowInput):
        return {f"{INPUT}{name}": repr(value) for name, value in given.values}
    changes = {f"{INPUT}{name}": repr(value) for name, value in given.changes}
    if isinstance(given, SceneInput):
        return {"about": "Scene", **_scene_told(given.scene), **changes}
    if photo is None:
        raise LinkMistake("A photo never leaves the visit, so no link can ask about it again.")
    return {PHOTO: photo(given.pixels), **changes}


def _scene_told(scene: Scene) -> dict[str, str]:
    """A named scene by its name and concepts, any other in words."""
    from data.bakery import named_scenes

    values = {f"{INPUT}{f.name}": repr(scene.value(f.name)) for f in scene.live_concepts}
    for name, named in named_scenes().items():
        if (named.kind, named.seed, named.traits) != (scene.kind, scene.seed, scene.traits):
            continue
        if named.replace(**{f.name: scene.value(f.name) for f in named.live_concepts}) == scene:
            return {SCENE: name, **values}
    return {SCENE: scene_inputs.in_words(scene)}


def _input_of(
    query: Mapping[str, str], spec: ModelSpec, photo: Callable[[str], np.ndarray] | None
) -> Input | None:
    if spec.modality == "tabular" and PHOTO not in query:
        return _row(query, spec)
    changes = {f.name: value for f in PERTURBATIONS if (value := _number(query, f)) not in (None, f.default)}
    if PHOTO in query and photo is not None:
        return PictureInput(photo(query[PHOTO]), pairs_of(changes))
    if SCENE not in query:
        return None
    scene = scene_inputs.read(query[SCENE])
    if scene is None:
        raise ValueError(f"It names no scene. There are: {', '.join(scene_inputs.names())}.")
    concepts = {f.name: value for f in scene.live_concepts if (value := _number(query, f)) is not None}
    return SceneInput(scene.replace(**concepts), pairs_of(changes))


def _row(query: Mapping[str, str], spec: ModelSpec) -> RowInput | None:
    found = {feature.name: _number(query, feature) for feature in spec.features}
    lacking = [name for name, value in found.items() if value is None]
    if len(lacking) == len(found):
        return None
    if lacking:
        raise ValueError(
            f"It gives no {', '.join(lacking)}. Open the what-if page and follow the answer from there."
        )
    return RowInput(tuple((name, value) for name, value in found.items() if value is not None))


def _number(query: Mapping[str, str], feature: Feature) -> float | None:
    text = given(query, feature.name)
    if text is None:
        return None
    try:
        return numerals.number(text)
    except ValueError:
        raise ValueError(f"It says {feature.name}={text}, which is not a number.") from None


def _whole(query: Mapping[str, str], name: str) -> int | None:
    if name not in query:
        return None
    try:
        return numerals.whole(query[name])
    except ValueError:
        raise ValueError(f"It says {name}={query[name]}, which is not a whole number.") from None


def _list(query: Mapping[str, str], name: str) -> tuple[str, ...]:
    found = json.loads(query[name]) if query[name].startswith("[") else [query[name]]
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ValueError(f"It says {name}={query[name]}, which is no list of names.")
    return tuple(sorted(found)) if name == "locked" else tuple(found)
