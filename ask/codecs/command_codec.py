"""A question as the words after ``python -m explain``, and from what that command was given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ask.question import Input, PictureInput, Question, RowInput, SceneInput, pairs_of
from data.failures import UserMistake
from explain import methods
from explain.attributions.image_method import ImageMethod
from explain.concepts import perturbations
from models import inputs, scene_inputs
from models.spec import ModelSpec


def to_command(question: Question, file: str | None = None) -> list[str]:
    """The words that ask the same on the command line.

    Parameters
    ----------
    file : str, optional
        Path of the picture's file, where the question is about one that was not rendered.

    Raises
    ------
    UserMistake
        If the question is about a picture and no file is named.
    """
    words = [question.version, *_input_words(question.input, file)]
    texts = {"method": question.method, "target": question.target, "background": question.background}
    texts |= {"other": question.other, "epoch": None if question.epoch is None else str(question.epoch)}
    texts |= {"seed": str(question.seed) if question.seed else None}
    for name, value in texts.items():
        words += [] if value is None else [f"--{name}", value]
    for name, values in (("look", question.looks), ("lock", question.locked), ("along", question.along)):
        words += [word for value in values for word in (f"--{name}", value)]
    for name, pairs in (("change", question.changes.items()), ("set", question.settings)):
        words += [word for key, value in pairs for word in (f"--{name}", f"{key}={value}")]
    return words


def changes_of(spec: ModelSpec, given: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """Changes of the pixels, given as ``NAME=VALUE``; raises UserMistake where they cannot be, also of a row."""
    if given and spec.modality != "image":
        raise UserMistake(
            f"--change changes the pixels of a picture, and {spec.name} answers for rows. Give INPUT other values."
        )
    return pairs_of(perturbations.read(given))


def input_of(spec: ModelSpec, given: str | None, changes: tuple[tuple[str, float], ...] = ()) -> Input | None:
    """The input that a command was given: in words, as a file, or none; raises UserMistake for more than one."""
    if given is None:
        return None
    found = inputs.read(spec, [given])
    if len(found.x) != 1:
        raise UserMistake(f"{given} holds {len(found.x)} inputs; an explanation is of one. Give that one.")
    return inputs_of(spec, found, changes)[0]


def inputs_of(
    spec: ModelSpec, found: inputs.Inputs, changes: tuple[tuple[str, float], ...] = ()
) -> list[Input]:
    """Inputs that were read, each as a question takes it."""
    if spec.modality == "tabular":
        return [RowInput.of(spec, row) for row in found.x]
    return [
        PictureInput(x, changes) if scene is None else SceneInput(scene, changes)
        for x, scene in zip(found.x, found.scenes, strict=True)
    ]


def settings_of(spec: ModelSpec, method: str | None, given: dict[str, str]) -> tuple[tuple[str, Any], ...]:
    """Settings of a method, given as text, with the values that they mean.

    Raises
    ------
    UserMistake
        For settings without a method, one that the method does not have, and a value that it cannot have.
    """
    if not given:
        return ()
    if method is None:
        raise UserMistake("--set is a setting of an attribution. Choose one by --method.")
    asked = methods.method(method)
    if not isinstance(asked, ImageMethod):
        raise UserMistake(f"{asked.title} takes no settings, but was given {', '.join(sorted(given))}.")
    asked.passes(spec, given)  # refuses what cannot be
    return pairs_of(
        {one.name: one.parse(given[one.name]) for one in asked.choices(spec) if one.name in given}
    )


def _input_words(given: Input | None, file: str | None) -> list[str]:
    if given is None:
        return []
    if isinstance(given, RowInput):
        return [",".join(f"{name}={value!r}" for name, value in given.values)]
    if isinstance(given, SceneInput):
        return [scene_inputs.in_words(given.scene)]
    if file is None:
        raise UserMistake("A command reads a photo from its file. Say where that is.")
    return [file]
