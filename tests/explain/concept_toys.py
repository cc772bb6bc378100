"""Pictures whose pixels are their concepts, and models that read them: every flip can be worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from data.features import Feature
from explain.concepts.space import Concepts
from models.spec import ModelSpec

SIDE = 4
SPEC = ModelSpec("toy", "Toy", "image", ("no", "yes"), (), SIDE)


class Shop:
    """Renders values of concepts into the first row of pixels, scaled to [0, 1]; keeps what was asked."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self.features = tuple(features)
        self.rendered: list[dict[str, float]] = []

    def __call__(self, values: Mapping[str, float]) -> np.ndarray:
        self.rendered.append(dict(values))
        picture = np.zeros((SIDE, SIDE, 3))
        for column, feature in enumerate(self.features):
            picture[0, column] = (values[feature.name] - feature.low) / (feature.high - feature.low)
        return picture

    def read(self, batch: np.ndarray) -> np.ndarray:
        """Values back from pictures, ndarray of shape (n, n_features), in the concepts' units."""
        low = np.array([f.low for f in self.features])
        width = np.array([f.high - f.low for f in self.features])
        return batch[:, 0, : len(self.features), 0] * width + low


class Scored:
    """Says yes where a function of the values is above 0, with the function as its logit."""

    spec = SPEC

    def __init__(self, shop: Shop, score) -> None:
        self.shop, self.score = shop, score

    def predict_proba(self, batch: np.ndarray) -> np.ndarray:
        # Rounded: what is worked out by hand has no last bits.
        logit = np.round(self.score(self.shop.read(batch)), 6)
        yes = 1 / (1 + np.exp(-logit))
        return np.stack([1 - yes, yes], axis=1)


def concept(name: str, low: float = 0.0, high: float = 10.0, step: float = 1.0, unit: str = "cm") -> Feature:
    return Feature(name, name.capitalize(), unit, low, high, step, low)


def concepts(shop: Shop, usual: Mapping[str, tuple[float, float]] | None = None, **values: float) -> Concepts:
    """Every concept is usual over its whole range unless it is said otherwise."""
    ranges = {feature.name: (feature.low, feature.high) for feature in shop.features}
    return Concepts(shop.features, values, {**ranges, **(usual or {})}, shop)
