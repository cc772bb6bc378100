"""What a version answers for a row of a table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ask.answer import Answer, named, of_classes, typicality_told, values_digest
from ask.evidence import TrainingRows
from ask.question import RowInput
from explain.attributions.attribution import Attribution
from explain.attributions.background import of_rows
from explain.attributions.decision_path import DecisionPath, decision_path
from explain.grid import as_row
from explain.neighbours.neighbours import Neighbour, nearest, standardised
from explain.rows import nearest_flip, ranges
from explain.rows.nearest_flip import Change, NearestFlip
from explain.rows.ranges import Outside
from explain.trees.boxes import trees_of
from explain.typicality.typicality import Typicality, of_row
from explain.words import answer_words, finding
from models.spec import ModelSpec

NEAREST = 5


class RowAnswer(Answer):
    """An answered row; see `ask.answer.Answer`."""

    @cached_property
    def input(self) -> np.ndarray:
        """The row, ndarray of shape (n_features,), float64; raises ValueError where it does not fit the model."""
        assert isinstance(self.question.input, RowInput)
        return as_row(self.spec, self.question.input.array())

    @cached_property
    def input_digest(self) -> str:
        """SHA-256 of the row's values, in hexadecimal."""
        return values_digest(self.input)

    @cached_property
    def training(self) -> TrainingRows | None:
        """The rows that the version learned from; None where they are gone."""
        return self.evidence.training_rows()

    @cached_property
    def attribution(self) -> Attribution:
        """See `ask.answer.Answer.attribution`."""
        method, settings = self.method, dict(self.question.settings)
        if method.needs_background and self.training is not None:
            settings["background"] = of_rows(self.training.x, self.training.y)
        return self.kept(
            "attribution",
            (method.name, self.question.settings, self.explained),
            lambda: method.attribute(self.model, self.input, self.explained, **settings),
        )

    @cached_property
    def path(self) -> DecisionPath | None:
        """The way through a model that is one readable tree; None for any other."""
        if "tree" not in self.spec.capabilities:
            return None
        return decision_path(trees_of(self.model)[0], self.spec, self.input)

    @cached_property
    def flip(self) -> NearestFlip | None:
        """The smallest change that flips the answer; None where it cannot be searched, see `flip_unsupported`."""
        if self.flip_unsupported is not None:
            return None
        locked = self.question.locked
        return self.kept(
            "flip", locked, lambda: nearest_flip.nearest_flip(self.model, self.input, locked=locked)
        )

    @property
    def flip_unsupported(self) -> str | None:
        """The reason, in one sentence, that no flip can be searched; None where it can."""
        return nearest_flip.unsupported(self.spec)

    @cached_property
    def outside(self) -> tuple[Outside, ...]:
        """The values beyond what the version saw in training; empty where its rows are gone."""
        rows = self.training
        return () if rows is None else ranges.outside_training(self.spec, self.input, rows.low, rows.high)

    @cached_property
    def typicality(self) -> Typicality | None:
        """How usual the row is among the training rows; None where they are gone."""
        rows = self.training
        if rows is None:
            return None
        return self.kept("typicality", (), lambda: of_row(self.model, self.input, rows.x))

    @cached_property
    def neighbours(self) -> tuple[Neighbour, ...]:
        """The training rows that are most like this one, the nearest first; empty where they are gone."""
        rows = self.training
        if rows is None:
            return ()
        known, here = standardised(rows.x, rows.x), standardised(self.input[None], rows.x)[0]
        return self.kept("neighbours", (), lambda: nearest(known, rows.y, here, NEAREST))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """See `ask.answer.Answer.words`."""
        warnings = [*self.unknown, *(one.sentence for one in self.outside)]
        if self.question.method is None:
            return answer_words(self.spec, self.probabilities, warnings)
        return finding(self.spec, self.input, self.probabilities, self.attribution, self.flip, warnings)

    def document(self, out: str | None = None) -> dict[str, Any]:
        """See `ask.answer.Answer.document`."""
        attribution = self.attribution
        return {
            **({} if out is None else {"out": out}),
            "method": attribution.method,
            "target": attribution.target.name(self.spec),
            "version": self.version.reference,
            **of_classes(self.spec, self.probabilities),
            "values": named([feature.name for feature in self.spec.features], attribution.values),
            "base_value": attribution.base_value,
            "output": attribution.output,
            "units": attribution.units,
            "trust": {"completeness_gap": attribution.completeness_gap},
            "typicality": typicality_told(self.typicality),
            "outside": [self._outside_told(one) for one in self.outside],
            "flip": None if self.flip is None else flip_told(self, self.flip),
            "words": list(self.words),
            "receipt": {"id": self.receipt_id, **self.receipt},
        }

    def _outside_told(self, found: Outside) -> dict[str, Any]:
        name = self.spec.features[found.feature].name
        return {"name": name, "value": found.value, "low": found.low, "high": found.high}

    def _input_told(self) -> dict[str, Any]:
        return named([feature.name for feature in self.spec.features], self.input)

    def _held_against(self) -> dict[str, Any]:
        return {
            "locked": list(self.question.locked) or None,
            "training_rows": "gone" if self.training is None else None,
        }


def flip_told(asked: Answer, found: NearestFlip) -> dict[str, Any]:
    """The smallest change that flips a row's answer, as JSON values; with every other one that is as small."""
    spec = asked.spec
    others = [_way_told(spec, one.row, one.probabilities, one.changes) for one in found.equal]
    return {
        "found": found.found,
        "locked": list(asked.question.locked),
        "before": spec.classes[found.before],
        **_way_told(spec, found.row, found.probabilities, found.changes),
        "steps": found.steps,
        "searched_steps": found.searched_steps,
        "complete": found.complete,
        **({"equally_small": others} if others else {}),
    }


def _way_told(
    spec: ModelSpec, row: np.ndarray | None, probabilities: np.ndarray | None, changes: Sequence[Change]
) -> dict[str, Any]:
    after = None
    if row is not None and probabilities is not None:
        names = [feature.name for feature in spec.features]
        after = {"row": named(names, row), **of_classes(spec, probabilities)}
    return {
        "after": after,
        "changes": [
            {
                "name": spec.features[one.feature].name,
                "before": one.before,
                "after": one.after,
                "steps": one.steps,
                "threshold": one.threshold,
            }
            for one in changes
        ],
    }
