"""Reads a scene that a person gives an image model: in words, or as JSON in a file.

In words it is a kind, and what differs from its defaults: ``muffin,seed=3,bake=30,flavour=chocolate``; or one of
the scenes that the pages begin with, and what differs from that: ``muffin-2,bake=30``. A file holds one scene as
`Scene.to_json` writes it, or many, as ``python -m data bake`` writes them; of those one is named by its position,
as in ``scenes.json#12``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data import numerals
from data.names import did_you_mean
from models.given import InputError, brief, is_file, pairs
from models.spec import ModelSpec

if TYPE_CHECKING:
    from data.bakery import Scene


def fits(spec: ModelSpec) -> bool:
    """Whether a model for pictures knows the classes that scenes show: whatever renders asks here."""
    from data.bakery import KINDS

    return spec.modality == "image" and set(spec.classes) == set(KINDS)


def lacking(spec: ModelSpec, what: str) -> str | None:
    """The reason, in one sentence, that something which renders scenes cannot be done; None where it can.

    Parameters
    ----------
    what : str
        What cannot be done, as the sentence ends: ``no part can be taken away``.
    """
    from data.bakery import KINDS

    if fits(spec):
        return None
    return (
        f"{spec.title} knows {', '.join(spec.classes)}, which no scene shows: scenes are of {' and '.join(KINDS)}, so "
        f"{what}."
    )


def read(text: str) -> Scene | None:
    """The scene that a text names, None where it names none.

    Raises
    ------
    InputError
        For a scene that cannot be: the sentence names the input, the value and what it may be.
    """
    name, mark, position = text.rpartition("#")
    if mark and not is_file(text) and _is_json(name):
        return _of_many(name, position)
    if _is_json(text):
        return _alone(text)
    return _in_words(text)


def _is_json(text: str) -> bool:
    return text.lower().endswith(".json") and is_file(text)


def _in_words(text: str) -> Scene | None:
    from data.bakery import CONCEPTS

    called, _, rest = (part.strip() for part in text.partition(","))
    known = _starts()
    if called not in known and "=" not in rest:
        return None
    given = pairs(rest) if rest else {}
    if called not in known:
        raise InputError(
            f"No scene is called {brief(called)!r}.{did_you_mean(called, known)} There are: {', '.join(known)}."
        )
    start = known[called]
    numbers = {feature.name for feature in CONCEPTS[start.kind]}
    inputs: dict[str, Any] = {
        name: _number(value, numerals.number) if name in numbers else value for name, value in given.items()
    }
    if "seed" in inputs:
        inputs["seed"] = _number(inputs["seed"], numerals.whole)
    try:
        return start.replace(**inputs)
    except ValueError as error:
        raise InputError(str(error)) from error


def in_words(scene: Scene) -> str:
    """A scene as `read` takes it: its kind, its seed, and every concept and trait."""
    values = {name: repr(value) for name, value in scene.concepts} | dict(scene.traits)
    return ",".join(
        [scene.kind, f"seed={scene.seed}", *(f"{name}={value}" for name, value in values.items())]
    )


def names() -> tuple[str, ...]:
    """What a scene in words may begin with: a kind, or the name of a scene that the pages begin with."""
    return tuple(_starts())


def _starts() -> dict[str, Scene]:
    from data.bakery import KINDS, Scene, named_scenes

    return {**{kind: Scene.of(kind) for kind in KINDS}, **named_scenes()}


def _number(value: str, read: Callable[[str], float]) -> float | str:
    """As a number; what is none stays as it is, and the scene says what it may be."""
    try:
        return read(value)
    except ValueError:
        return value


def _alone(name: str) -> Scene:
    document = _document(name)
    if isinstance(document, dict) and isinstance(document.get("scenes"), list):
        raise InputError(
            f"{name} holds {len(document['scenes'])} scenes. Name one by its position, as in {name}#0."
        )
    return _from_json(document, name)


def _of_many(name: str, position: str) -> Scene:
    document = _document(name)
    scenes = document.get("scenes") if isinstance(document, dict) else None
    if not isinstance(scenes, list):
        raise InputError(f"{name} holds no list of scenes, so none is chosen from it by #{position}.")
    if not (position.isascii() and position.isdecimal()) or int(position) >= len(scenes):
        raise InputError(f"{name} holds scenes 0 to {len(scenes) - 1}; {position!r} is none of them.")
    return _from_json(scenes[int(position)], f"{name}#{position}")


def _document(name: str) -> Any:
    try:
        return json.loads(Path(name).read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name} is not JSON ({error}).") from error
    except OSError as error:
        raise InputError(f"{name} cannot be read ({error.strerror}).") from error


def _from_json(document: Any, name: str) -> Scene:
    from data.bakery import Scene

    try:
        return Scene.from_json(document)
    except (ValueError, TypeError) as error:
        raise InputError(f"{name}: {error}") from error
