"""What features do together that none of them does alone: SHAP interaction values.

The Shapley interaction index (K. Fujimoto, I. Kojadinovic and J.-L. Marichal, "Axiomatic
characterizations of probabilistic and cardinal-probabilistic interaction indices", Games and Economic
Behavior 55, 2006), exact for trees (Lundberg et al., "From local explanations to global understanding
with explainable AI for trees", Nature Machine Intelligence 2, 2020). Friedman's H would need the model
at rows that no feature combination of the data has; these values need none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explain.attributions.tree_shap import interactions_of_rows
from explain.numbers import inside_sentence, percent
from models.spec import Model, ModelSpec

# Of the size of rounding: sums of leaves' shares are not exactly 0 where they should be.
_NOTHING = 1e-12
# Rows beyond this many change a mean little, and a forest takes a while for each.
MOST_ROWS = 300


@dataclass(frozen=True, slots=True, eq=False)
class Interactions:
    """Interaction values of many rows.

    Attributes
    ----------
    x : ndarray of shape (n_rows, n_features)
        The rows.
    values : ndarray of shape (n_rows, n_features, n_features, n_classes)
        Probability; see `explain.attributions.tree_shap.interactions_of_rows`.
    """

    x: np.ndarray
    values: np.ndarray

    def strengths(self, target: int) -> np.ndarray:
        """Mean size of each effect for a class, ndarray of shape (n_features, n_features), probability.

        On the diagonal what a feature does alone; elsewhere what a pair does together, both halves, so
        the array is symmetric.
        """
        together = self.values[..., target] + self.values[..., target].transpose(0, 2, 1)
        sizes = np.abs(together).mean(axis=0)
        np.fill_diagonal(sizes, np.diag(sizes) / 2)
        return sizes

    def together(self, first: int, second: int, target: int) -> np.ndarray:
        """What a pair does together in each row, ndarray of shape (n_rows,), probability."""
        pair = self.values[:, first, second, target] + self.values[:, second, first, target]
        return np.asarray(pair)


def interactions(model: Model, x: np.ndarray, seed: int = 0) -> Interactions:
    """Interaction values of rows, of `MOST_ROWS` drawn ones where there are more.

    Raises
    ------
    MethodError
        If the model is not made of decision trees.
    """
    if len(x) > MOST_ROWS:
        x = x[np.sort(np.random.default_rng(seed).permutation(len(x))[:MOST_ROWS])]
    return Interactions(x, interactions_of_rows(model, x))


def strongest_pair(strengths: np.ndarray) -> tuple[int, int]:
    """The two features, in their order, that do most together; (0, 1) where no pair does anything."""
    pairs = np.triu(strengths, k=1)
    first, second = np.unravel_index(int(np.argmax(pairs)), pairs.shape)
    return (int(first), int(second)) if pairs.max() > 0 else (0, 1)


def share_together(strengths: np.ndarray) -> float:
    """How much of all effects is interaction, from 0 (every feature acts alone) to 1; 0 where there are none."""
    pairs, alone = float(np.triu(strengths, k=1).sum()), float(np.trace(strengths))
    return pairs / (pairs + alone) if pairs > _NOTHING else 0.0


def finding(spec: ModelSpec, strengths: np.ndarray, target: int) -> tuple[str, str]:
    """Say how much of all effects on a class is of features together, and which two do most.

    Parameters
    ----------
    strengths : ndarray of shape (n_features, n_features)
        As `Interactions.strengths` gives them for the target.
    """
    name, share = spec.classes[target], share_together(strengths)
    if strengths.max() <= _NOTHING:
        return (
            f"For {name}, no feature does anything on these rows.",
            "The answer is the same for all of them.",
        )
    if share == 0:
        return (
            f"For {name}, every feature acts alone.",
            "What one does never depends on another.",
        )
    pair = strongest_pair(strengths)
    first, second = (inside_sentence(spec.features[index].label) for index in pair)
    return (
        f"For {name}, {percent(share)} of all effects are of features together.",
        f"Most is done by {first} with {second}: {strengths[pair] * 100:.1f} points on average.",
    )
