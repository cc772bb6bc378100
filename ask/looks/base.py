"""What a look is: what it is asked about, what it tells, and when it has to be refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ask.answer import Answer
from ask.question import Question
from data.features import Feature
from data.names import did_you_mean
from models.spec import Definition, Modality, Report

About = Literal["picture", "scene", "row", "model"]
ASKED_ABOUT: dict[About, Modality] = {
    "picture": "image",
    "scene": "image",
    "row": "tabular",
    "model": "tabular",
}
"""Models of which modality can be asked such a look."""


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers for the terminal, printed already; each row has a cell for each column."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look found.

    Attributes
    ----------
    words : tuple of str
        Plain sentences, the page's own.
    values : dict
        JSON values.
    table : Table or None
        The values in brief.
    """

    words: tuple[str, ...]
    values: dict[str, Any]
    table: Table | None = None


def nothing_to_refuse(definition: Definition, question: Question) -> str | None:
    """Of a look that takes no options."""
    return None


@dataclass(frozen=True, slots=True)
class Look:
    """One question that can be asked of an answer, or of a whole model.

    Attributes
    ----------
    name : str
        On the command line and in addresses; looks about different things may share one.
    title : str
        Its heading, in the field's words.
    asks : str
        The same as a question in plain words.
    about : str
        What it takes: a picture, a scene, a row, or the model alone.
    unsupported : callable (Definition) -> str or None
        The reason, in one sentence, that a model cannot be asked; None where it can.
    tell : callable (Answer, Report) -> Finding
    takes : tuple of str
        Options that it reads, as on the command line.
    refuse : callable (Definition, Question) -> str or None
        The reason that a question does not fit; asked before anything is trained, loaded or computed.
    formerly : str, optional
        A name that it had before, by which it is still found.
    """

    name: str
    title: str
    asks: str
    about: About
    unsupported: Callable[[Definition], str | None]
    tell: Callable[[Answer, Report], Finding]
    takes: tuple[str, ...] = ()
    refuse: Callable[[Definition, Question], str | None] = nothing_to_refuse
    formerly: str | None = None


def always(definition: Definition) -> str | None:
    """Of a look that every model of its modality can be asked."""
    return None


def names_wrong(names: Sequence[str], movable: Sequence[Feature], option: str) -> str | None:
    """What is wrong about names that were given to an option, in one sentence; None where nothing is."""
    known = [feature.name for feature in movable]
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known)
            return f"{option} {name}: there is nothing of that name to move here.{hint} There are: {', '.join(known)}."
        if list(names).count(name) > 1:
            return f"{option} {name} is given twice. Give it once."
    return None
