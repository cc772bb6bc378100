"""Response map over two concepts: scenes are rendered over a grid, finely only where the answer changes.

First a coarse grid is asked. A cell with different answers at its corners or along its edges is cut in
four, and again, down to the finest; a cell whose points all agree is not cut. So a region that is smaller
than a coarse cell and touches none of its corners is not seen. Between the points that were asked the
logarithms of the probabilities are interpolated, linearly along each axis, and the decision line is where
the target's and the best other class's are equal (marching squares, W. Lorensen and H. Cline, "Marching
cubes", SIGGRAPH 1987, in the plane).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from data.features import Feature
from explain.concepts.space import Asking, Concepts
from explain.grid import grid
from explain.numbers import exact, percent
from explain.targets import check_class
from models.spec import Model, ModelSpec, Report

# Values along an axis: 5 coarse cells, each cut at most twice.
COARSE, FINEST = 5, 20
Cell = tuple[int, int, int, int]
Point = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class ConceptMap:
    """A response map.

    Attributes
    ----------
    x, y : Feature
        The concepts.
    target : int
        Position of the class whose decision line is drawn.
    x_values : ndarray of shape (n_x,), y_values : ndarray of shape (n_y,)
        Values of the sliders, ascending, both ends among them.
    probabilities : ndarray of shape (n_y, n_x, n_classes)
        Rows sum to 1; interpolated where `asked` is false.
    asked : ndarray of shape (n_y, n_x), bool
        Where a picture was rendered.
    line : tuple of ndarray of shape (n_points, 2)
        The decision line in pieces, as (x, y) in the concepts' units.
    names : tuple of (class, x, y)
        For each class that is predicted somewhere, where its name has most room.
    now : tuple of float
        The present values of both concepts.
    now_probabilities : ndarray of shape (n_classes,)
    usual : (low, high) of x, (low, high) of y
        Where both lie in the pictures of the training.
    renders : int
        Pictures that were rendered and asked, the present one among them.
    """

    x: Feature
    y: Feature
    target: int
    x_values: np.ndarray
    y_values: np.ndarray
    probabilities: np.ndarray
    asked: np.ndarray
    line: tuple[np.ndarray, ...]
    names: tuple[tuple[int, float, float], ...]
    now: tuple[float, float]
    now_probabilities: np.ndarray
    usual: tuple[tuple[float, float], tuple[float, float]]
    renders: int

    @property
    def classes(self) -> np.ndarray:
        """Predicted class of each point, ndarray of shape (n_y, n_x)."""
        return np.argmax(self.probabilities, axis=2)


def concept_map(
    model: Model,
    concepts: Concepts,
    x: str,
    y: str,
    target: int,
    report: Report | None = None,
    cancelled: Callable[[], bool] | None = None,
    draft: Callable[[ConceptMap], None] | None = None,
) -> ConceptMap:
    """Ask a model over two concepts, all else as it is.

    Parameters
    ----------
    model : Model
        An image model.
    concepts : Concepts
        Of the picture in question.
    x, y : str
        Names of two different concepts.
    target : int
        Position of a class.
    report, cancelled
        See `explain.concepts.space.Asking`.
    draft : callable (ConceptMap), optional
        Given the map so far whenever it is about to be refined: coarse first.

    Raises
    ------
    ValueError
        If a concept cannot change this picture, both are the same, or there is no such class.
    Cancelled
        If `cancelled` said so.
    """
    if x == y:
        raise ValueError(f"A map needs two different concepts, not {x} twice.")
    check_class(model.spec, target)
    across, up = concepts.feature(x), concepts.feature(y)
    xs, ys = (_thinned(grid(feature), FINEST) for feature in (across, up))
    asking = Asking(model, concepts, report, cancelled)
    now = asking({}, "The present picture", 1)
    answers: dict[Point, np.ndarray] = {}

    def ask(points: set[Point], step: str) -> None:
        new, before = sorted(points - answers.keys()), asking.renders
        for i, j in new:
            answers[i, j] = asking({x: float(xs[i]), y: float(ys[j])}, step, before + len(new))

    def drawn(cells: list[Cell]) -> ConceptMap:
        logs = _interpolated(len(xs), len(ys), answers, cells)
        asked = np.zeros(logs.shape[:2], dtype=bool)
        for i, j in answers:
            asked[j, i] = True
        return ConceptMap(
            x=across,
            y=up,
            target=target,
            x_values=xs,
            y_values=ys,
            probabilities=_normalised(logs),
            asked=asked,
            line=_line(logs, target, xs, ys),
            names=_names(np.argmax(logs, axis=2), xs, ys),
            now=(concepts.values[x], concepts.values[y]),
            now_probabilities=now,
            usual=(concepts.usual[x], concepts.usual[y]),
            renders=asking.renders,
        )

    cells = _coarse(len(xs), len(ys))
    ask({corner for cell in cells for corner in _corners(cell)}, "A coarse map")
    while mixed := [cell for cell in cells if _is_mixed(cell, answers)]:
        if draft is not None:
            draft(drawn(cells))
        cells = [cell for cell in cells if cell not in set(mixed)] + [c for cell in mixed for c in _cut(cell)]
        ask({corner for cell in cells for corner in _corners(cell)}, "Refining along the decision line")
    return drawn(cells)


def finding(spec: ModelSpec, found: ConceptMap) -> str:
    """Say how much of the map each answer holds, and what the answer is now."""
    shares = np.bincount(found.classes.ravel(), minlength=len(spec.classes)) / found.classes.size
    regions = ", ".join(
        f"{spec.classes[index]} on {percent(shares[index])}" for index in np.argsort(-shares) if shares[index]
    )
    top = int(np.argmax(found.now_probabilities))
    return (
        f"Map of the answer over {found.x.label} ({exact(found.x, found.x.low)} to {exact(found.x, found.x.high)}) "
        f"and {found.y.label} ({exact(found.y, found.y.low)} to {exact(found.y, found.y.high)}): {regions} of it. "
        f"Now, at {exact(found.x, found.now[0])} and {exact(found.y, found.now[1])}, the answer is "
        f"{spec.classes[top]}, {percent(found.now_probabilities[top])}."
    )


def _thinned(values: np.ndarray, most: int) -> np.ndarray:
    """At most ``most + 1`` of the values, evenly, both ends among them."""
    count = min(most, len(values) - 1) + 1
    return values[np.round(np.linspace(0, len(values) - 1, count)).astype(int)]


def _coarse(n_x: int, n_y: int) -> list[Cell]:
    """Cells (x0, x1, y0, y1) by positions of values, which cover everything."""
    sides = [
        sorted({round(at) for at in np.linspace(0, count - 1, min(COARSE, count - 1) + 1)})
        for count in (n_x, n_y)
    ]
    spans = [list(pairwise(side)) for side in sides]
    return [(*a, *b) for a, b in product(*spans)]


def _corners(cell: Cell) -> list[Point]:
    return list(product(cell[:2], cell[2:]))


def _is_mixed(cell: Cell, answers: dict[Point, np.ndarray]) -> bool:
    """Whether a cell that can be cut has points of different classes, those of finer neighbours too."""
    x0, x1, y0, y1 = cell
    if x1 - x0 < 2 and y1 - y0 < 2:
        return False
    inside = product(range(x0, x1 + 1), range(y0, y1 + 1))
    return len({int(np.argmax(answers[point])) for point in inside if point in answers}) > 1


def _cut(cell: Cell) -> list[Cell]:
    x0, x1, y0, y1 = cell
    xs, ys = (sorted({low, (low + high) // 2, high}) for low, high in ((x0, x1), (y0, y1)))
    # Between neighbours there is no middle: then the cell is cut one way only.
    return [(*a, *b) for a in pairwise(xs) for b in pairwise(ys)]


def _interpolated(n_x: int, n_y: int, answers: dict[Point, np.ndarray], cells: list[Cell]) -> np.ndarray:
    """Logarithms of the probabilities at every point, ndarray of shape (n_y, n_x, n_classes)."""
    floor = np.finfo(np.float64).tiny
    known = {point: np.log(np.maximum(answer, floor)) for point, answer in answers.items()}
    logs = np.empty((n_y, n_x, len(next(iter(answers.values())))))
    # The finest cells come last: where they meet coarser ones, what was asked stands.
    for x0, x1, y0, y1 in cells:
        right = (np.arange(x0, x1 + 1) - x0)[None, :, None] / (x1 - x0)
        above = (np.arange(y0, y1 + 1) - y0)[:, None, None] / (y1 - y0)
        low = known[x0, y0] * (1 - right) + known[x1, y0] * right
        high = known[x0, y1] * (1 - right) + known[x1, y1] * right
        logs[y0 : y1 + 1, x0 : x1 + 1] = low * (1 - above) + high * above
    return logs


def _normalised(logs: np.ndarray) -> np.ndarray:
    shares = np.exp(logs - logs.max(axis=2, keepdims=True))
    return shares / shares.sum(axis=2, keepdims=True)


def _line(logs: np.ndarray, target: int, xs: np.ndarray, ys: np.ndarray) -> tuple[np.ndarray, ...]:
    if logs.shape[2] < 2:
        return ()
    from skimage.measure import find_contours

    margin = logs[:, :, target] - np.delete(logs, target, axis=2).max(axis=2)
    return tuple(
        np.stack(
            [np.interp(piece[:, 1], np.arange(len(xs)), xs), np.interp(piece[:, 0], np.arange(len(ys)), ys)],
            axis=1,
        )
        for piece in find_contours(margin, 0.0)
    )


def _names(classes: np.ndarray, xs: np.ndarray, ys: np.ndarray) -> tuple[tuple[int, float, float], ...]:
    """For each class the point that is farthest from the edge of its region and of the map."""
    from scipy.ndimage import distance_transform_edt

    places = []
    for index in np.unique(classes):
        room = distance_transform_edt(np.pad(classes == index, 1))[1:-1, 1:-1]
        j, i = np.unravel_index(int(np.argmax(room)), room.shape)
        places.append((int(index), float(xs[i]), float(ys[j])))
    return tuple(places)
