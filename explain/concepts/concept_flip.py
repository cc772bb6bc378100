"""The smallest meaningful flip of an image model: concepts are moved, and the picture is rendered again.

A counterfactual explanation (S. Wachter et al., "Counterfactual explanations without opening the black
box", Harvard Journal of Law & Technology 31, 2018) among pictures that mean something: no pixel is
nudged, and what is shown as the other class is a picture that could have been taken.

Fewest concepts come first, because one cause is easier to follow than three; among changes of equally
many concepts the smallest counts. Sizes are summed over the concepts, each in widths of its usual range:
the range that the training's pictures are drawn from, so that one centimetre and one degree compare.

With one concept the search is exhaustive: every value of every slider, the nearest first, is rendered
and asked. Several concepts together are searched from where each has the most effect alone, and drawn
back until nothing can be left out or made smaller; another combination may be smaller still.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from data.failures import CrumbtrailError
from explain.concepts.concept_flip_search import Found, Search
from explain.concepts.space import Asking, Concepts
from explain.grid import flip_classes
from explain.numbers import exact, inside_sentence, moving, plural
from models.spec import Model, ModelSpec, Report

BUDGET = 1500


@dataclass(frozen=True, slots=True)
class ConceptChange:
    """One concept of a flip.

    Attributes
    ----------
    name : str
    label : str
    before, after : float
        In the concept's unit; ``after`` is a value of its slider.
    distance : float
        Between them, in widths of the usual range.
    usual : bool
        Whether ``after`` occurs in the pictures of the training.
    span : str
        ``from 2.0 cm to 1.3 cm``.
    """

    name: str
    label: str
    before: float
    after: float
    distance: float
    usual: bool
    span: str


@dataclass(frozen=True, slots=True, eq=False)
class ConceptFlip:
    """What the search found.

    Attributes
    ----------
    found : bool
        The other fields that may be None are None where it is not.
    before, after : int, int or None
        Positions of the classes.
    probabilities_before, probabilities : ndarray of shape (n_classes,), the second or None
    picture_before, picture : ndarray of shape (height, width, 3), the second or None
        ``picture`` was rendered again from the values of ``changes`` after the search, and asked.
    changes : tuple of ConceptChange
        In the concepts' order; empty where nothing was found.
    distance : float or None
        Of all changes together.
    renders : int
        Pictures that were rendered and asked.
    complete : bool
        False where the budget ended the search.
    summary : str
        The finding, or why there is none.
    margin : str
        What is certain about it, and what is not.
    """

    found: bool
    before: int
    after: int | None
    probabilities_before: np.ndarray
    probabilities: np.ndarray | None
    picture_before: np.ndarray
    picture: np.ndarray | None
    changes: tuple[ConceptChange, ...]
    distance: float | None
    renders: int
    complete: bool
    summary: str
    margin: str


def concept_flip(
    model: Model,
    concepts: Concepts,
    to_class: str | None = None,
    locked: Collection[str] = (),
    budget: int = BUDGET,
    report: Report | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> ConceptFlip:
    """Find the smallest change of concepts after which the model predicts another class.

    Parameters
    ----------
    model : Model
        An image model.
    concepts : Concepts
        Of the picture in question.
    to_class : str, optional
        Accept only this class; any other than the present one by default.
    locked : collection of str
        Names of concepts that must stay.
    budget : int
        Most pictures to make.
    report, cancelled
        See `explain.concepts.space.Asking`.

    Raises
    ------
    ValueError
        If a name is unknown, or `to_class` is what the model predicts already.
    Cancelled
        If `cancelled` said so.
    CrumbtrailError
        If the flip does not hold when its picture is made again.
    """
    spec = model.spec
    held = {concepts.feature(name).name for name in locked}
    free = [feature.name for feature in concepts.features if feature.name not in held]
    start = concepts.render(concepts.values)
    answer = model.predict_proba(start[None])[0]
    before = int(np.argmax(answer))
    wanted = flip_classes(spec, before, to_class)
    asking = Asking(model, concepts, report, cancelled)
    search = Search(asking, concepts, free, wanted, budget)
    found = search.run() if free and wanted else Found(None, True, True)
    picture, after = None, None
    if found.moves is not None:
        picture = concepts.render({**concepts.values, **found.moves})
        after = model.predict_proba(picture[None])[0]
        if int(np.argmax(after)) not in wanted:
            raise CrumbtrailError(
                f"{spec.title} answers otherwise when the picture of the flip is made again, so it is not "
                "shown. Ask again; if it happens twice, the model or the renderer is not deterministic."
            )
    changes = tuple(_changes(concepts, found))
    other = "another class" if to_class is None else to_class
    return ConceptFlip(
        found=found.moves is not None,
        before=before,
        after=None if after is None else int(np.argmax(after)),
        probabilities_before=answer,
        probabilities=after,
        picture_before=start,
        picture=picture,
        changes=changes,
        distance=None if found.moves is None else search.distance(found.moves),
        renders=asking.renders,
        complete=found.complete,
        summary=_flips(spec, changes, before, after, [f.label for f in concepts.features if f.name in held])
        if after is not None
        else _stays(spec, found, other, bool(free)),
        margin=_margin(found, asking.renders, "free concept" if held else "concept"),
    )


def _changes(concepts: Concepts, found: Found) -> list[ConceptChange]:
    moves = found.moves or {}
    return [
        ConceptChange(
            name=feature.name,
            label=feature.label,
            before=concepts.values[feature.name],
            after=moves[feature.name],
            distance=concepts.distance(feature.name, moves[feature.name]),
            usual=concepts.is_usual(feature.name, moves[feature.name]),
            span=f"from {exact(feature, concepts.values[feature.name])} to {exact(feature, moves[feature.name])}",
        )
        for feature in concepts.features
        if feature.name in moves
    ]


def _flips(
    spec: ModelSpec, changes: tuple[ConceptChange, ...], before: int, after: np.ndarray, held: Sequence[str]
) -> str:
    listed = " and ".join(f"{inside_sentence(change.label)} {change.span}" for change in changes)
    said = f"{moving(held)} {listed} flips {spec.classes[before]} to {spec.classes[int(np.argmax(after))]}."
    beyond = [inside_sentence(change.label) for change in changes if not change.usual]
    if beyond:
        verb = "lies" if len(beyond) == 1 else "lie"
        said += f" There {' and '.join(beyond)} {verb} beyond what the scenes of the training show."
    return said


def _stays(spec: ModelSpec, found: Found, other: str, free: bool) -> str:
    if len(spec.classes) < 2:
        return f"{spec.title} knows one class only, so its answer cannot flip."
    if not free:
        return "Every concept is locked, so the answer cannot flip. Unlock one to search."
    if not found.complete:
        return f"The search stopped at its limit before it found a change to {other}."
    return f"No flip within the ranges: no change that was tried makes {spec.title} answer {other}."


def _margin(found: Found, renders: int, concept: str) -> str:
    made = f"{plural(renders, 'picture')} {'was' if renders == 1 else 'were'} rendered and asked."
    if found.moves is not None and not found.complete:
        return f"The search stopped at its limit; a smaller change may do it. {made}"
    if found.moves is not None and len(found.moves) == 1:
        return f"No smaller move of any one {concept} flips it: every nearer value was tried. {made}"
    if found.moves is not None:
        return (
            f"No {concept} flips it alone. Of this change nothing can be left out or made smaller; another "
            f"combination may be smaller, because not all were tried. {made}"
        )
    if found.alone and renders:
        return (
            f"No value of any one {concept} flips it: all were tried. Of the combinations only the most "
            f"promising were. {made}"
        )
    return made
