"""Response curve along a concept: the scene is rendered again for every value, and the model asked.

The flips are located by bisection between the values of the curve, down to one step of the concept's
slider. Where the answer changes twice between two neighbouring values of the curve and is the same
again at the second, that is not seen; more values see more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from data.features import Feature
from explain.cancelling import Cancelled
from explain.grid import ON_GRID, grid
from explain.rows.response import FlipPoint, Response, Segment
from explain.rows.response import finding as feature_finding
from models.spec import Model, ModelSpec, Progress, Report

Render = Callable[[float], np.ndarray]


@dataclass(frozen=True, slots=True, eq=False)
class ConceptResponse:
    """A response curve along a concept.

    Attributes
    ----------
    feature : Feature
        The concept.
    response : Response
        Its feature 0 is the concept. ``values`` are the slider's values that were asked, ascending, those
        of the bisection among them; a flip stands at the first value with the new class, and the
        slider's value before it, one step below, still has the old one.
    renders : int
        Pictures that were rendered.
    """

    feature: Feature
    response: Response
    renders: int


def concept_response(
    model: Model,
    render: Render,
    feature: Feature,
    current: float,
    n: int = 21,
    report: Report | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> ConceptResponse:
    """Ask a model along a concept.

    Parameters
    ----------
    model : Model
        An image model.
    render : callable (float) -> ndarray of shape (height, width, 3)
        The picture, in [0, 1] and of the model's size, with the concept at this value and all else as
        it is. Called with values of the slider, and with `current`.
    feature : Feature
        The concept: its range and step.
    current : float
        Where the concept is now, inside its range.
    n : int
        Values of the curve before the flips are located, spread evenly, both ends among them; at least
        2. A slider with fewer has all of its values asked.
    report : callable (Progress), optional
        Told after every picture.
    cancelled : callable () -> bool, optional
        Asked before every picture.

    Raises
    ------
    Cancelled
        If `cancelled` said so.
    ValueError
        If `n` is below 2 or `current` outside the concept's range.
    """
    if n < 2 or not feature.low <= current <= feature.high:
        raise ValueError(
            f"A curve along {feature.label} needs at least 2 values and a present value from "
            f"{feature.low:g} to {feature.high:g}; it was given {n} and {current}."
        )
    now = feature.snap(current) if abs(feature.snap(current) - current) <= ON_GRID * feature.step else current
    values, answers = grid(feature), dict[float, np.ndarray]()

    def ask(step: str, wanted: Iterable[float]) -> None:
        new = list(dict.fromkeys(value for value in map(float, wanted) if value not in answers))
        for done, value in enumerate(new, start=1):
            if cancelled is not None and cancelled():
                raise Cancelled(f"The curve along {feature.label} was cancelled.")
            answers[value] = model.predict_proba(render(value)[None])[0]
            if report is not None:
                report(Progress(step, done, len(new)))

    ask(f"Rendering along {feature.label}", [now, *values[_spread(len(values), n)]])
    while middles := _between_unlike(values, answers):
        ask(f"Locating where {feature.label} flips the answer", middles)
    return ConceptResponse(feature, _curve(values, answers, now), len(answers))


def finding(spec: ModelSpec, found: ConceptResponse) -> str:
    """Say what the answer is now, and where along the concept it flips."""
    return feature_finding(replace(spec, features=(found.feature,)), found.response)


def _spread(count: int, n: int) -> list[int]:
    """At most n of the positions 0 to count - 1, evenly, both ends among them."""
    return sorted({round(position) for position in np.linspace(0, count - 1, min(n, count))})


def _between_unlike(values: np.ndarray, answers: dict[float, np.ndarray]) -> list[float]:
    """The middles between neighbours that were asked, have not the same class, and are more than a step apart."""
    known = [position for position, value in enumerate(values) if value in answers]
    return [
        float(values[(below + above) // 2])
        for below, above in pairwise(known)
        if above - below > 1 and _class(answers[values[below]]) != _class(answers[values[above]])
    ]


def _class(answer: np.ndarray) -> int:
    return int(np.argmax(answer))


def _curve(values: np.ndarray, answers: dict[float, np.ndarray], now: float) -> Response:
    asked = np.array([value for value in values if value in answers])
    line = np.array(sorted(answers))
    probabilities = np.stack([answers[value] for value in asked])
    classes = [_class(answer) for answer in probabilities]
    flips = tuple(
        FlipPoint(float(asked[i]), classes[i - 1], classes[i])
        for i in range(1, len(asked))
        if classes[i] != classes[i - 1]
    )
    begins = [float(asked[0]), *(flip.at for flip in flips)]
    ends = [*begins[1:], float(asked[-1])]
    found = [classes[0], *(flip.after for flip in flips)]
    return Response(
        feature=0,
        values=asked,
        probabilities=probabilities,
        line_values=line,
        line_probabilities=np.stack([answers[value] for value in line]),
        flips=flips,
        segments=tuple(Segment(*one) for one in zip(begins, ends, found, strict=True)),
        peaks=np.array([(asked[int(np.argmax(column))], column.max()) for column in probabilities.T]),
        exact=False,
        current=now,
        current_probabilities=answers[now],
    )
