"""Looks at a row of a table: the nearest flip, the answer along features, and what lies near."""

from __future__ import annotations

from typing import Any

import numpy as np

from ask.answer import Answer, of_classes
from ask.looks.base import Finding, Look, Table, always, names_wrong
from ask.looks.picture_neighbours import told_of
from ask.question import Question
from ask.row_answer import RowAnswer, flip_told
from data.failures import UserMistake
from explain.neighbours.neighbours import finding
from explain.numbers import exact, percent, threshold
from explain.rows import nearest_flip, starting_points
from explain.rows import response as responses
from explain.rows import surface as surfaces
from explain.rows.table_rows import Rows
from models.spec import Definition, Report


def rows_for(asked: Answer) -> Rows:
    """The rows of the version's record; raises `UserMistake` where they are gone or no longer the same."""
    rows = asked.evidence.table_rows()
    if rows is None:
        raise UserMistake(
            f"The rows of {asked.version.reference} are gone, or no longer those of its record, so nothing can be "
            "compared with them. Put them back, or train a new version."
        )
    return rows


def _flip(asked: Answer, report: Report) -> Finding:
    assert isinstance(asked, RowAnswer)
    found = asked.flip
    assert found is not None  # the catalogue refuses a model without
    return Finding(
        words=(found.summary, found.margin, *(one.sentence for one in found.changes), *found.as_small),
        values=flip_told(asked, found),
    )


def _refuse_flip(definition: Definition, question: Question) -> str | None:
    return names_wrong(question.locked, definition.spec.features, "--lock")


def _curve(asked: Answer, report: Report) -> Finding:
    along = asked.question.along or tuple(starting_points.telling_features(asked.model)[:1])
    return _surface(asked, *along) if len(along) == 2 else _response(asked, along[0])


def _response(asked: Answer, name: str) -> Finding:
    found = responses.response(asked.model, asked.input, name)
    feature, classes = asked.spec.features[found.feature], asked.spec.classes
    flips = [{"at": f.at, "before": classes[f.before], "after": classes[f.after]} for f in found.flips]
    rows = [(threshold(feature, f.at), classes[f.before], classes[f.after]) for f in found.flips]
    return Finding(
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


def _surface(asked: Answer, x: str, y: str) -> Finding:
    found = surfaces.surface(asked.model, asked.input, x, y)
    classes = asked.spec.classes
    widths, heights = np.diff(found.x_edges), np.diff(found.y_edges)
    areas = np.outer(heights, widths) / (widths.sum() * heights.sum())
    shares = [float(areas[found.classes == index].sum()) for index in range(len(classes))]
    return Finding(
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


def _refuse_curve(definition: Definition, question: Question) -> str | None:
    return names_wrong(question.along, definition.spec.features, "--along")


def _typicality(asked: Answer, report: Report) -> Finding:
    rows_for(asked)  # refuses where they are gone, in a sentence
    assert asked.typicality is not None
    return told_of(asked.typicality)


def _neighbours(asked: Answer, report: Report) -> Finding:
    assert isinstance(asked, RowAnswer)
    rows, spec = rows_for(asked), asked.spec
    x, near = rows.training[0], asked.neighbours
    sentence, against = finding(near, spec.classes, asked.predicted)
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
    return Finding(
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
        "Counterfactual",
        "What is the smallest change that flips the answer?",
        "row",
        lambda definition: nearest_flip.unsupported(definition.spec),
        _flip,
        takes=("lock",),
        refuse=_refuse_flip,
    ),
    Look(
        "curve",
        "Individual conditional expectation",
        "How does the answer change along one feature, or two?",
        "row",
        always,
        _curve,
        takes=("along",),
        refuse=_refuse_curve,
    ),
    Look("typicality", "Typicality", "How usual is this row?", "row", always, _typicality),
    Look(
        "neighbours",
        "Nearest neighbours",
        "Which rows that it learned from are most like this?",
        "row",
        always,
        _neighbours,
    ),
)
