"""What an explanation is evidence for: one class, or one class rather than another.

A target is read off what a model gives, so that every method that is linear in that explains both alike: a
margin's gradient is the difference of two gradients, and its SHAP values are the difference of two classes'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explain.grid import class_index
from models.spec import ModelSpec

_OVER = " over "


@dataclass(frozen=True, slots=True)
class ClassTarget:
    """Evidence for a class; ``index`` is its position."""

    index: int

    def of(self, outputs: Any) -> Any:
        """The target's value of outputs with classes along the last axis, an array or a tensor without that axis."""
        return outputs[..., self.index]

    def sides(self, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Probability for the target and against it, each of shape (n,): the class, and all others together."""
        # The others' sum, because 1 - p would lose its digits where p is nearly 1.
        return probabilities[:, self.index], np.delete(probabilities, self.index, axis=1).sum(axis=1)

    def name(self, spec: ModelSpec) -> str:
        """As in receipts and on the command line; `parse` reads it."""
        return spec.classes[self.index]

    def words(self, spec: ModelSpec) -> str:
        """As a sentence names what the evidence is for."""
        return spec.classes[self.index]

    def quantity(self, spec: ModelSpec) -> str:
        """What a method for rows shares among the features, in words."""
        return f"probability of {spec.classes[self.index]}"

    def check(self, spec: ModelSpec) -> None:
        """Refuse what is no position of a class, by a ValueError."""
        check_class(spec, self.index)


@dataclass(frozen=True, slots=True)
class MarginTarget:
    """Evidence for a class rather than another; ``index`` and ``against`` are their positions.

    Its value is the difference of both classes' values; of logits that is the logarithm of the two probabilities'
    ratio, whatever other classes there are.
    """

    index: int
    against: int

    def of(self, outputs: Any) -> Any:
        """As `ClassTarget.of`."""
        return outputs[..., self.index] - outputs[..., self.against]

    def sides(self, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Probability of the one class and of the other, each of shape (n,)."""
        return probabilities[:, self.index], probabilities[:, self.against]

    def name(self, spec: ModelSpec) -> str:
        """As in ``versicolor over virginica``; `parse` reads it."""
        return f"{spec.classes[self.index]}{_OVER}{spec.classes[self.against]}"

    def words(self, spec: ModelSpec) -> str:
        """As in ``versicolor rather than virginica``."""
        return f"{spec.classes[self.index]} rather than {spec.classes[self.against]}"

    def quantity(self, spec: ModelSpec) -> str:
        """As `ClassTarget.quantity`."""
        return f"probability of {spec.classes[self.index]} less that of {spec.classes[self.against]}"

    def check(self, spec: ModelSpec) -> None:
        """Refuse what is no position of a class, and a class against itself, by a ValueError."""
        check_class(spec, self.index)
        check_class(spec, self.against)
        if self.index == self.against:
            raise ValueError(
                f"{spec.classes[self.index]} over itself is no question. Name two different classes of {spec.title}."
            )


Target = ClassTarget | MarginTarget


def check_class(spec: ModelSpec, index: int) -> None:
    """Refuse a number that is no position of a class, by a ValueError."""
    if not 0 <= index < len(spec.classes):
        raise ValueError(f"Target {index} is not a position among the {len(spec.classes)} classes.")


def parse(spec: ModelSpec, text: str) -> Target:
    """The target that `Target.name` calls so: a class, or two as in ``versicolor over virginica``.

    Raises
    ------
    ValueError
        With the nearest name, for a class that is unknown; and for a class over itself.
    """
    if text in spec.classes or _OVER not in text:
        return ClassTarget(class_index(spec, text))
    one, other = _two(spec.classes, text)
    target = MarginTarget(class_index(spec, one), class_index(spec, other))
    target.check(spec)
    return target


def _two(classes: Sequence[str], text: str) -> tuple[str, str]:
    """Both names; a class may have the word between them in its own."""
    parts = text.split(_OVER)
    splits = [(_OVER.join(parts[:end]), _OVER.join(parts[end:])) for end in range(1, len(parts))]
    return next((pair for pair in splits if set(pair) <= set(classes)), splits[0])
