"""A question as a JSON document, and back; what is at its default is left out."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from ask.question import Input, PictureInput, Question, RowInput, SceneInput, pairs_of
from data.failures import UserMistake
from data.names import did_you_mean
from models import inputs
from models.spec import ModelSpec

if TYPE_CHECKING:
    from data.bakery import Scene

_LISTS = ("locked", "looks", "along")
_NUMBERS = ("epoch", "seed")
_PIXELS = np.dtype("<f4")


def to_json(question: Question) -> dict[str, Any]:
    """The document, JSON values only.

    Returns
    -------
    dict
        The fields of `Question`; ``input`` holds ``row`` (values by name), or ``scene`` (`Scene.to_json`) or
        ``picture`` (``shape`` and ``float32``, little-endian values in C order as Base64) with ``changes``.
    """
    told: dict[str, Any] = {}
    for field in fields(Question):
        value = getattr(question, field.name)
        if field.default is MISSING or value != field.default:
            told[field.name] = list(value) if field.name in _LISTS else value
    if question.input is not None:
        told["input"] = _input_told(question.input)
    if question.settings:
        told["settings"] = dict(question.settings)
    return told


def from_json(document: Any, spec: ModelSpec) -> Question:
    """The question that `to_json` wrote.

    Parameters
    ----------
    document : JSON value
    spec : ModelSpec
        Of the model that is asked, for which the input is checked.

    Raises
    ------
    UserMistake
        With what is wrong, where, and what may stand there.
    """
    if not isinstance(document, Mapping):
        raise UserMistake(f"A question must be a JSON object, not {document!r}.")
    known = [field.name for field in fields(Question)]
    for name in document:
        if name not in known:
            raise UserMistake(
                f"A question has no {name!r}.{did_you_mean(str(name), known)} It has {', '.join(known)}."
            )
    given = {name: _checked(name, value) for name, value in document.items() if name != "input"}
    if "version" not in given:
        raise UserMistake("A question must name its version, as in iris_tree@1.")
    if "input" in document:
        given["input"] = _input_of(document["input"], spec)
    return Question(**given)


def _checked(name: str, value: Any) -> Any:
    if name in _LISTS:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise UserMistake(f"{name} must be a list of names, not {value!r}.")
        return tuple(sorted(value)) if name == "locked" else tuple(value)
    if name in _NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int):
            raise UserMistake(f"{name} must be a whole number, not {value!r}.")
        return value
    if name == "settings":
        if not isinstance(value, Mapping):
            raise UserMistake(f"settings must be a JSON object, not {value!r}.")
        return pairs_of(value)
    if not isinstance(value, str):
        raise UserMistake(f"{name} must be a text, not {value!r}.")
    return value


def _input_told(given: Input) -> dict[str, Any]:
    if isinstance(given, RowInput):
        return {"row": dict(given.values)}
    changes = {"changes": dict(given.changes)} if given.changes else {}
    if isinstance(given, SceneInput):
        return {"scene": given.scene.to_json(), **changes}
    content = np.ascontiguousarray(given.pixels, dtype=_PIXELS).tobytes()
    coded = base64.b64encode(content).decode("ascii")
    return {"picture": {"shape": list(given.pixels.shape), "float32": coded}, **changes}


def _input_of(told: Any, spec: ModelSpec) -> Input:
    kinds = ("row", "scene", "picture")
    if not isinstance(told, Mapping) or sum(kind in told for kind in kinds) != 1:
        raise UserMistake(f"input must be a JSON object with one of {', '.join(kinds)}.")
    if "row" in told:
        if not isinstance(told["row"], Mapping):
            raise UserMistake(f"input: row must be a JSON object, not {told['row']!r}.")
        return RowInput.of(spec, inputs.row(spec, told["row"], "input: row"))
    changes = _changes(told.get("changes", {}))
    if "scene" in told:
        return SceneInput(_scene(told["scene"]), changes)
    return PictureInput(_pixels(told["picture"]), changes)


def _changes(told: Any) -> tuple[tuple[str, float], ...]:
    if not isinstance(told, Mapping):
        raise UserMistake(f"input: changes must be a JSON object, not {told!r}.")
    from explain.concepts import perturbations

    return pairs_of(perturbations.read(f"{name}={value}" for name, value in told.items()))


def _scene(told: Any) -> Scene:
    from data.bakery import Scene

    try:
        return Scene.from_json(told)
    except (ValueError, TypeError) as error:
        raise UserMistake(f"input: {error}") from error


def _pixels(told: Any) -> np.ndarray:
    try:
        content = base64.b64decode(told["float32"], validate=True)
        return np.frombuffer(content, _PIXELS).reshape(told["shape"]).astype(np.float32)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise UserMistake(
            "input: picture must hold its shape and its values, float32 as Base64; this cannot be read "
            f"({error})."
        ) from error
