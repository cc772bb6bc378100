"""What a look is: what it is asked about, what it tells, and when it has to be refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ask.row_answer import named
from data.features import Feature
from data.names import did_you_mean
from explain.attributions.attribution import Attribution
from explain.concepts import perturbations
from explain.targets import ClassTarget, Target
from governance.registry import Version
from governance.store import Store
from models.spec import Definition, Modality, Model, ModelSpec, Report

if TYPE_CHECKING:
    from data.bakery import Scene

About = Literal["picture", "scene", "row", "model"]
ASKED_ABOUT: dict[About, Modality] = {
    "picture": "image",
    "scene": "image",
    "row": "tabular",
    "model": "tabular",
}
"""Models of which modality can be asked such a look."""


@dataclass(frozen=True, slots=True)
class Options:
    """What else was said on the command line.

    Attributes
    ----------
    locked : tuple of str
        Names that a flip must not move.
    along : tuple of str
        One name for a curve, two for a map; empty for the page's own choice.
    other : str or None
        Reference of another version, for a second opinion.
    background : str or None
        Dataset to compare with, for methods that need one; the model's own by default.
    seed : int
        Which rows, examples or trainings are drawn; the pages' own is 0.
    changes : mapping of str to float
        What is changed about the pixels of a picture, for `explain.concepts.perturbations.apply`.
    """

    locked: tuple[str, ...] = ()
    along: tuple[str, ...] = ()
    other: str | None = None
    background: str | None = None
    seed: int = 0
    changes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a look is asked about.

    Attributes
    ----------
    store : Store
    version : Version
    model : Model
        The version, loaded.
    definition : Definition
    options : Options
    report : callable (Progress)
    x : ndarray of shape (n_features,) or (image_size, image_size, 3), or None
        The input as it was given, before any change of its pixels; None where only the whole model is asked about.
    scene : Scene or None
        What `x` was rendered from.
    target : int or None
        Position of the class in question: the one that was asked for, else the predicted one.
    evidence : Target or None
        What an attribution is asked for, where that was said; evidence for `target` by default.
    maps : dict of str to Attribution
        Methods' maps of `x` for the target that were made already.
    """

    store: Store
    version: Version
    model: Model
    definition: Definition
    options: Options
    report: Report
    x: np.ndarray | None = None
    scene: Scene | None = None
    target: int | None = None
    evidence: Target | None = None
    maps: dict[str, Attribution] = field(default_factory=dict)

    @property
    def spec(self) -> ModelSpec:
        return self.model.spec

    @property
    def input(self) -> np.ndarray:
        """The input of a look that is about one, with its pixels changed as was asked for."""
        assert self.x is not None
        changes = self.options.changes
        return perturbations.apply(self.x, changes) if changes else self.x

    @property
    def compared_with(self) -> str:
        """The dataset for a method that needs one."""
        chosen = self.options.background
        return self.definition.dataset if chosen is None else chosen

    @property
    def evidence_words(self) -> str:
        """What an attribution of the input is asked for, as `explain.targets.parse` reads it."""
        return (self.evidence or ClassTarget(self.target_of_input)).name(self.spec)

    @property
    def target_of_input(self) -> int:
        """The class in question of a look that is about an input."""
        assert self.target is not None
        return self.target


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers for the terminal, printed already; each row has a cell for each column."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Told:
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


def nothing_to_refuse(definition: Definition, scene: Scene | None, options: Options) -> str | None:
    """Of a look that takes no options."""
    return None


@dataclass(frozen=True, slots=True)
class Look:
    """One question.

    Attributes
    ----------
    name : str
        On the command line; looks about different things may share one.
    title : str
        The question, as a heading.
    about : str
        What it takes: a picture, a scene, a row, or the model alone.
    unsupported : callable (Definition) -> str or None
        The reason, in one sentence, that a model cannot be asked; None where it can.
    tell : callable (Asked) -> Told
    takes : tuple of str
        Options that it reads, as on the command line.
    refuse : callable (Definition, Scene or None, Options) -> str or None
        The reason that options do not fit; asked before anything is trained, loaded or computed.
    """

    name: str
    title: str
    about: About
    unsupported: Callable[[Definition], str | None]
    tell: Callable[[Asked], Told]
    takes: tuple[str, ...] = ()
    refuse: Callable[[Definition, Scene | None, Options], str | None] = nothing_to_refuse


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


def of_classes(spec: ModelSpec, probabilities: np.ndarray) -> dict[str, Any]:
    """An answer as JSON: the class, and every class's probability."""
    top = spec.classes[int(np.argmax(probabilities))]
    return {"class": top, "probabilities": named(spec.classes, probabilities)}
