"""The registry of looks, from which pages and command line are drawn; what cannot be asked is refused at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ask.looks import (
    concept_response,
    many_scenes,
    network,
    picture,
    picture_neighbours,
    row,
    scene,
    whole_model,
)
from ask.looks.base import ASKED_ABOUT, Look
from ask.question import Question
from data.failures import UserMistake
from data.names import did_you_mean
from models.spec import Definition

_LOOKS: tuple[Look, ...] = (
    *picture.LOOKS,
    *picture_neighbours.LOOKS,
    *network.LOOKS,
    *scene.LOOKS,
    *concept_response.LOOKS,
    *many_scenes.LOOKS,
    *row.LOOKS,
    *whole_model.LOOKS,
)


def looks() -> tuple[Look, ...]:
    """All looks: those at pictures first, then at scenes, at rows and at whole models."""
    return _LOOKS


def names() -> list[str]:
    """Names of all looks, in the order of `looks`."""
    return list(dict.fromkeys(one.name for one in _LOOKS))


def looks_at(definition: Definition) -> list[Look]:
    """The looks that a model can be asked."""
    fitting = [one for one in _LOOKS if ASKED_ABOUT[one.about] == definition.spec.modality]
    return [one for one in fitting if one.unsupported(definition) is None]


def look(name: str, definition: Definition) -> Look:
    """The look of a name, or of a name that it had before, that a model can be asked.

    Raises
    ------
    UserMistake
        With the nearest name, or with the reason that it does not fit the model.
    """
    alike = [one for one in _LOOKS if name in (one.name, one.formerly)]
    if not alike:
        hint = did_you_mean(name, names())
        raise UserMistake(f"No look is called {name!r}.{hint} There are: {', '.join(names())}.")
    spec = definition.spec
    for one in alike:
        if ASKED_ABOUT[one.about] == spec.modality:
            reason = one.unsupported(definition)
            if reason is None:
                return one
            raise UserMistake(f"--look {name}: {reason}")
    answers = {"image": "pictures", "tabular": "rows of a table"}[spec.modality]
    fits = ", ".join(one.name for one in looks_at(definition))
    raise UserMistake(
        f"--look {name} is not for {spec.name}, which answers for {answers}. What fits it: {fits}."
    )


def check_options(looks: Iterable[Look], given: Collection[str], has_input: bool) -> None:
    """Refuse looks without their input, and options that no look reads.

    Parameters
    ----------
    given : collection of str
        Names of the options that were given, as in ``Look.takes``.

    Raises
    ------
    UserMistake
    """
    looks = list(looks)
    for one in looks:
        if one.about != "model" and not has_input:
            raise UserMistake(
                f"--look {one.name} is about one input, and none is given. Give INPUT after the model's name."
            )
    taken = {option for one in looks for option in one.takes}
    for option in given:
        if option not in taken:
            readers = ", ".join(dict.fromkeys(one.name for one in _LOOKS if option in one.takes))
            raise UserMistake(
                f"--{option} changes nothing that was asked for. It is read by --look with: {readers}."
            )


def check_question(looks: Sequence[Look], definition: Definition, question: Question, given: str) -> None:
    """Refuse looks at scenes where the input is none, and options that do not fit it.

    Parameters
    ----------
    given : str
        What the input was called.

    Raises
    ------
    UserMistake
    """
    if len(question.along) > 2:
        raise UserMistake(
            f"--along is given {len(question.along)} times. Give it once for a curve, twice for a map."
        )
    for one in looks:
        if one.about == "scene" and question.scene is None:
            raise UserMistake(
                f"--look {one.name} renders a scene again, and {given} is a picture, which cannot be rendered with "
                f"other parts or concepts. Give a scene, as in {definition.spec.classes[-1]},seed=3, or ask "
                "--look regions."
            )
        reason = one.refuse(definition, question)
        if reason is not None:
            raise UserMistake(reason)
