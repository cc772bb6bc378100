"""Looks at a row of a table: the nearest flip, the answer along features, and what lies near."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ask.questions.base import Asked, Look, Options, Table, Told, always, names_wrong, of_classes
from ask.questions.near_picture import told_of
from data.datasets import DatasetError, UnknownDataset
from data.failures import UserMistake
from explain.neighbours.neighbours import finding, nearest, standardised
from explain.numbers import exact, percent, threshold
from explain.rows import nearest_flip, starting_points
from explain.rows import response as responses
from explain.rows import surface as surfaces
from explain.rows.table_rows import Rows, rows_of
from explain.typicality.typicality import of_row
from models.spec import Definition

if TYPE_CHECKING:
    from data.bakery import Scene

NEAREST = 5


def rows_for(asked: Asked) -> Rows:
    """The rows of the version's record; raises `UserMistake` where they are gone or no longer the same."""
    try:
        return rows_of(asked.version)
    except (DatasetError, UnknownDataset) as error:
        raise UserMistake(
            f"The rows of {asked.version.reference} are gone, or no longer those of its record, so nothing can be "
            "compared with them. Put them back, or train a new version."
        ) from error


def _flip(asked: Asked) -> Told:
    locked = tuple(sorted(asked.options.locked))
    found = nearest_flip.nearest_flip(asked.model, asked.input, locked=locked)
    changes = [
        {
            "name": asked.spec.features[one.feature].name,
            "before": one.before,
            "after": one.after,
            "steps": one.steps,
            "threshold": one.threshold,
        }
        for one in found.changes
    ]
    after = None
    if found.row is not None and found.probabilities is not None:
        named = {f.name: float(v) for f, v in zip(asked.spec.features, found.row, strict=True)}
        after = {"row": named, **of_classes(asked.spec, found.probabilities)}
    return Told(
        words=(found.summary, found.margin, *(one.sentence for one in found.changes)),
        values={
            "found": found.found,
            "locked": list(locked),
            "before": asked.spec.classes[found.before],
            "after": after,
            "changes": changes,
            "steps": found.steps,
            "searched_steps": found.searched_steps,
            "complete": found.complete,
        },
    )


def _refuse_flip(definition: Definition, scene: Scene | None, options: Options) -> str | None:
    return names_wrong(options.locked, definition.spec.features, "--lock")


def _curve(asked: Asked) -> Told:
    along = asked.options.along or tuple(starting_points.telling_features(asked.model)[:1])
    return _surface(asked, *along) if len(along) == 2 else _response(asked, along[0])


def _response(asked: Asked, name: str) -> Told:
    found = responses.response(asked.model, asked.input, name)
    feature, classes = asked.spec.features[found.feature], asked.spec.classes
    flips = [{"at": f.at, "before": classes[f.before], "after": classes[f.after]} for f in found.flips]
    rows = [(threshold(feature, f.at), classes[f.before], classes[f.after]) for f in found.flips]
    return Told(
        words=(
            responses.finding(asked.spec, found),
            "What the model would answer for this row if this one feature alone were different.",
        ),
        values={
            "along": name,
            "unit": feature.unit,
            "values": found.values.tolist(),
            "probabilities": {
                one: found.probabilities[:, index].tolist() for index, one in enumerate(classes)
            },
            "flips": flips,
            "exact": found.exact,
            "now": {"value": found.current, **of_classes(asked.spec, found.current_probabilities)},
        },
        table=Table((f"{feature.label}, {'above' if found.exact else 'from'}", "Before", "After"), rows)
        if rows
        else None,
    )


def _surface(asked: Asked, x: str, y: str) -> Told:
    found = surfaces.surface(asked.model, asked.input, x, y)
    classes = asked.spec.classes
    widths, heights = np.diff(found.x_edges), np.diff(found.y_edges)
    areas = np.outer(heights, widths) / (widths.sum() * heights.sum())
    shares = [float(areas[found.classes == index].sum()) for index in range(len(classes))]
    return Told(
        words=(surfaces.finding(asked.spec, found), "All other features stay as they are."),
        values={
            "across": x,
            "up": y,
            "x_edges": found.x_edges.tolist(),
            "y_edges": found.y_edges.tolist(),
            "classes": [[classes[index] for index in line] for line in found.classes.tolist()],
            "borders": [list(one) for one in found.borders],
            "exact": found.exact,
            "now": of_classes(asked.spec, found.row_probabilities),
        },
        table=Table(
            ("Answer", "Share of the surface"),
            [(classes[i], percent(shares[i])) for i in np.argsort(shares)[::-1] if shares[i]],
        ),
    )


def _refuse_curve(definition: Definition, scene: Scene | None, options: Options) -> str | None:
    return names_wrong(options.along, definition.spec.features, "--along")


def _typicality(asked: Asked) -> Told:
    return told_of(of_row(asked.model, asked.input, rows_for(asked).training[0]))


def _neighbours(asked: Asked) -> Told:
    rows, spec = rows_for(asked), asked.spec
    x, y = rows.training
    near = nearest(standardised(x, x), y, standardised(asked.input[None], x)[0], NEAREST)
    answer = int(np.argmax(asked.model.predict_proba(asked.input[None])[0]))
    sentence, against = finding(near, spec.classes, answer)
    found: list[dict[str, Any]] = [
        {
            "example": rows.ids[rows.train[one.position]],
            "class": spec.classes[one.label],
            "distance": one.distance,
            "row": {f.name: float(v) for f, v in zip(spec.features, x[one.position], strict=True)},
        }
        for one in near
    ]
    shown = [
        (
            spec.classes[one.label],
            *(exact(f, v) for f, v in zip(spec.features, x[one.position], strict=True)),
            f"{one.distance:.2f}",
        )
        for one in near
    ]
    return Told(
        words=(
            sentence,
            "Distances are taken in standard deviations of each feature among the training rows.",
        ),
        values={"against": against, "neighbours": found},
        table=Table(("Class", *(f.label for f in spec.features), "Distance"), shown),
    )


LOOKS = (
    Look(
        "flip",
        "The smallest change that flips the answer",
        "row",
        lambda definition: nearest_flip.unsupported(definition.spec),
        _flip,
        takes=("lock",),
        refuse=_refuse_flip,
    ),
    Look("curve", "How the answer changes", "row", always, _curve, takes=("along",), refuse=_refuse_curve),
    Look("typicality", "How usual is it?", "row", always, _typicality),
    Look("neighbours", "What it learned from that is most like this", "row", always, _neighbours),
)
