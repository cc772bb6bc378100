"""The nearest change of a row that flips the predicted class, exact on the grid of slider steps.

A counterfactual explanation (S. Wachter et al., "Counterfactual explanations without opening the
black box", Harvard Journal of Law & Technology 31, 2018) with the smallest number of steps in total.
The search is exhaustive in ascending number of steps, so "nothing smaller flips it" is a fact about
the model, not a wish.

A feature that stays keeps its exact value, on the grid or off it. A feature that moves lands on a
grid value inside its range; from between two grid values, either neighbour is one step away.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from data.features import Feature
from explain.grid import as_row, feature_index, flip_classes
from explain.numbers import exact, inside_sentence, moving, plural, threshold
from explain.rows.flip_search import Move, Moves, search_forest, search_tree
from explain.trees.boxes import trees_of
from models.spec import Model, ModelSpec

BUDGET = 200_000
# More ways than these are counted in the sentence, and listed in the document alone.
NAMED = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One feature of the nearest flip.

    Attributes
    ----------
    feature : int
        Position of the feature.
    before, after : float
    steps : int
        Steps between them.
    threshold : float
        Where it flips: for a tree the bound of the leaf's box, for a forest the last threshold of any
        tree that lies between both values.
    span : str
        ``from 1.3 cm to 1.7 cm``.
    sentence : str
    """

    feature: int
    before: float
    after: float
    steps: int
    threshold: float
    span: str
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class EqualFlip:
    """Another change of as few steps.

    Attributes
    ----------
    after : int
        Position of the class that it leads to.
    row : ndarray of shape (n_features,)
    probabilities : ndarray of shape (n_classes,)
    changes : tuple of Change
    words : str
        ``petal width from 1.3 cm to 1.7 cm, to virginica``.
    """

    after: int
    row: np.ndarray
    probabilities: np.ndarray
    changes: tuple[Change, ...]
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class NearestFlip:
    """What the search found.

    Attributes
    ----------
    found : bool
    before : int
        Position of the class that is predicted now.
    after : int or None
        The class after the change; None, like the next two, where nothing was found.
    row : ndarray of shape (n_features,) or None
        The changed row.
    probabilities : ndarray of shape (n_classes,) or None
        What the model answers for it.
    changes : tuple of Change
        In the features' order; empty where nothing was found.
    steps : int or None
        In total.
    searched_steps : int
        No change of fewer steps flips it, and none of so many where nothing was found.
    complete : bool
        False where the budget ended before everything in reach was tried.
    summary : str
        The finding, or why there is none; it names what was locked.
    margin : str
        What is certain: "Nothing smaller than 5 steps flips it."
    equal : tuple of EqualFlip
        Every other change of as few steps into another leaf of a tree, or another cell between a forest's thresholds.
    """

    found: bool
    before: int
    after: int | None
    row: np.ndarray | None
    probabilities: np.ndarray | None
    changes: tuple[Change, ...]
    steps: int | None
    searched_steps: int
    complete: bool
    summary: str
    margin: str
    equal: tuple[EqualFlip, ...] = ()

    @property
    def as_small(self) -> tuple[str, ...]:
        """One sentence that names what is as small; none where nothing is."""
        if not self.equal:
            return ()
        named = "; ".join(one.words for one in self.equal[:NAMED])
        more = f"; and {len(self.equal) - NAMED} more" if len(self.equal) > NAMED else ""
        return (f"As small is: {named}{more}.",)


def unsupported(spec: ModelSpec) -> str | None:
    """The reason that no exact flip can be searched; None where it can."""
    if spec.capabilities & {"tree", "trees"}:
        return None
    return f"The exact nearest flip needs the thresholds of decision trees, and {spec.title} has none."


def nearest_flip(
    model: Model,
    row: np.ndarray,
    to_class: str | None = None,
    locked: Collection[str] = (),
    budget: int = BUDGET,
) -> NearestFlip:
    """Find the change of fewest steps after which the model predicts another class.

    Of equally small changes the first is the one of fewer changed features, then by the features' order, then of
    lower values; the others are named beside it.

    Parameters
    ----------
    model : Model
        With capability ``tree`` or ``trees``.
    row : ndarray of shape (n_features,)
        The row in question.
    to_class : str, optional
        Accept only this class; any other than the present one by default.
    locked : collection of str
        Names of features that must stay.
    budget : int
        For a forest: most combinations of values to try. A single tree needs none.

    Raises
    ------
    ValueError
        If the model has no trees, a name is unknown, the row does not fit, or `to_class` is what the
        model predicts already.
    """
    spec, start = model.spec, as_row(model.spec, row)
    reason = unsupported(spec)
    if reason is not None:
        raise ValueError(reason)
    held = {feature_index(spec, name) for name in locked}
    free = [index for index in range(len(start)) if index not in held]
    before = int(np.argmax(model.predict_proba(start[None])[0]))
    wanted = flip_classes(spec, before, to_class)
    moves: list[Moves] = []
    searched, complete = 0, True
    if free and wanted:
        trees = trees_of(model)
        if len(trees) == 1:
            moves = search_tree(trees[0], spec, start, free, wanted)
        else:
            moves, searched, complete = search_forest(model, trees, start, free, wanted, budget)
    if not moves:
        return _nothing(spec, before, to_class, bool(free), searched, complete)
    return _flip(model, start, before, moves, [spec.features[index].label for index in sorted(held)])


def _flip(
    model: Model, start: np.ndarray, before: int, ways: Sequence[Moves], held: Sequence[str]
) -> NearestFlip:
    spec = model.spec
    first, *others = (_made(model, start, moves) for moves in ways)
    steps = sum(change.steps for change in first.changes)
    return NearestFlip(
        found=True,
        before=before,
        after=first.after,
        row=first.row,
        probabilities=first.probabilities,
        changes=first.changes,
        steps=steps,
        searched_steps=steps,
        complete=True,
        summary=f"{moving(held)} {_listed(spec, first.changes)} flips {spec.classes[before]} "
        f"to {spec.classes[first.after]}.",
        margin=f"Nothing smaller than {plural(steps, 'step')} flips it{' then' if held else ''}.",
        equal=tuple(others),
    )


def _made(model: Model, start: np.ndarray, moves: Moves) -> EqualFlip:
    """What the model answers after some moves."""
    spec, row = model.spec, start.copy()
    for move in moves:
        row[move.feature] = move.after
    probabilities = model.predict_proba(row[None])[0]
    after = int(np.argmax(probabilities))
    changes = tuple(_change(spec.features[move.feature], start[move.feature], move) for move in moves)
    return EqualFlip(
        after, row, probabilities, changes, f"{_listed(spec, changes)}, to {spec.classes[after]}"
    )


def _listed(spec: ModelSpec, changes: Sequence[Change]) -> str:
    return " and ".join(
        f"{inside_sentence(spec.features[change.feature].label)} {change.span}" for change in changes
    )


def _change(feature: Feature, before: float, move: Move) -> Change:
    way = "up" if move.after > before else "down"
    span = f"from {exact(feature, before)} to {exact(feature, move.after)}"
    return Change(
        feature=move.feature,
        before=float(before),
        after=move.after,
        steps=move.steps,
        threshold=move.threshold,
        span=span,
        sentence=f"{feature.label} {way} {span} "
        f"({plural(move.steps, 'step')} of {exact(feature, feature.step)}), "
        f"across the threshold {threshold(feature, move.threshold)}.",
    )


def _nothing(
    spec: ModelSpec, before: int, to_class: str | None, free: bool, searched: int, complete: bool
) -> NearestFlip:
    other = "another class" if to_class is None else to_class
    if len(spec.classes) < 2:
        summary = f"{spec.title} knows one class only, so its answer cannot flip."
    elif not free:
        summary = "Every feature is locked, so the answer cannot flip. Unlock one to search."
    elif complete:
        summary = f"No values of the free features, within their ranges, make {spec.title} answer {other}."
    else:
        summary = f"The search stopped at its limit before it found a change to {other}."
    margin = (
        "Nothing that may be changed flips it."
        if complete
        else f"No change of up to {plural(searched, 'step')} flips it; larger ones were not tried."
    )
    return NearestFlip(
        found=False,
        before=before,
        after=None,
        row=None,
        probabilities=None,
        changes=(),
        steps=None,
        searched_steps=searched,
        complete=complete,
        summary=summary,
        margin=margin,
    )
