"""Which features matter to a model overall, asked in three ways that mean three things.

*Permutation*: how much accuracy is lost on held-out rows when a feature's value comes from another row
(L. Breiman, "Random forests", Machine Learning 45, 2001). Usually a feature is shuffled a few times; here
every row gets every row's value once, which is the mean over all shuffles and has no luck in it. Taken as a
difference, that is the model reliance of A. Fisher, C. Rudin and F. Dominici, "All models are wrong, but many
are useful", Journal of Machine Learning Research 20, 2019, who leave out each row's own value. Two features
that say the same cover for each other and both look unimportant.

*TreeSHAP*: how far a feature moves the probabilities on average, whether the answers are right or wrong.

*Impurity*: how much a feature tidies up the training rows while the trees grow. It favours features with
many different values, even noise (C. Strobl et al., "Bias in random forest variable importance
measures", BMC Bioinformatics 8, 2007), and knows nothing of held-out rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explain.attributions.tree_shap import METHOD as TREE_SHAP
from explain.attributions.tree_shap import values_of_rows
from explain.numbers import inside_sentence
from explain.rows.table_rows import Rows
from models.spec import HasTrees, Model, ModelSpec

# Every row with every row's value: beyond this many, rows are drawn.
MOST_ROWS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Measures:
    """What can be asked of a model: permutation of any, the two others of trees alone.

    Attributes
    ----------
    reliance : Reliance
    shap_values : ndarray of shape (n_rows, n_features, n_classes), or None
        TreeSHAP values of all rows.
    impurity : ndarray of shape (n_features,), or None
    lacking : str or None
        Why two of them are missing, in one sentence; None where they are not.
    """

    reliance: Reliance
    shap_values: np.ndarray | None = None
    impurity: np.ndarray | None = None
    lacking: str | None = None

    @property
    def named(self) -> dict[str, np.ndarray]:
        """An importance for each feature, by the measure's title."""
        found = {"permutation": self.reliance.values}
        if self.shap_values is not None:
            found["TreeSHAP"] = mean_size(self.shap_values)
        if self.impurity is not None:
            found["impurity"] = self.impurity
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Reliance:
    """Permutation importance.

    Attributes
    ----------
    values : ndarray of shape (n_features,)
        Accuracy lost, from -1 to 1; below 0 where the model does better without the feature.
    low, high : ndarray of shape (n_features,)
        95 % interval for other rows from the same source (delete-one jackknife, Student's t).
    accuracy : float
        On the rows as they are.
    rows : int
        Rows that were used.
    """

    values: np.ndarray
    low: np.ndarray
    high: np.ndarray
    accuracy: float
    rows: int


def measures(model: Model, rows: Rows, seed: int = 0) -> Measures:
    """Every measure that fits a model.

    Parameters
    ----------
    model : Model
        For rows of a table.
    rows : Rows
        Those of its record: held-out ones for permutation, all of them for TreeSHAP.
    seed : int
        Of `permutation`.

    Raises
    ------
    ValueError
        If there are fewer than 3 held-out rows.
    """
    reliance = permutation(model, *rows.held_out, seed=seed)
    if TREE_SHAP.unsupported(model.spec) is not None:
        return Measures(
            reliance,
            lacking=f"TreeSHAP and impurity need a model made of decision trees, and {model.spec.title} is not.",
        )
    return Measures(reliance, values_of_rows(model, rows.x)[0], impurity(model))


def permutation(model: Model, x: np.ndarray, y: np.ndarray, seed: int = 0) -> Reliance:
    """Mean loss of accuracy over all shuffles of each feature.

    Parameters
    ----------
    model : Model
        For rows of a table.
    x : ndarray of shape (n_rows, n_features)
        Held-out rows.
    y : ndarray of shape (n_rows,)
        Their classes, as positions.
    seed : int
        Which `MOST_ROWS` rows are drawn where there are more.

    Raises
    ------
    ValueError
        If there are fewer than 3 rows.
    """
    if len(x) < 3:
        raise ValueError(f"Permutation importance needs at least 3 held-out rows; there are {len(x)}.")
    if len(x) > MOST_ROWS:
        drawn = np.sort(np.random.default_rng(seed).permutation(len(x))[:MOST_ROWS])
        x, y = x[drawn], y[drawn]
    found = [_lost(_right(model, x, y, index)) for index in range(x.shape[1])]
    values, half = (np.array(column) for column in zip(*found, strict=True))
    accuracy = float(np.mean(model.predict_proba(x).argmax(axis=1) == y))
    return Reliance(values, values - half, values + half, accuracy, len(x))


def _right(model: Model, x: np.ndarray, y: np.ndarray, feature: int) -> np.ndarray:
    """Whether row i is answered rightly with row j's value, float ndarray of shape (n_rows, n_rows)."""
    rows = np.repeat(x, len(x), axis=0)
    rows[:, feature] = np.tile(x[:, feature], len(x))
    answers = model.predict_proba(rows).argmax(axis=1)
    return (answers == np.repeat(y, len(x))).reshape(len(x), len(x)).astype(float)


def _lost(right: np.ndarray) -> tuple[float, float]:
    """Loss of accuracy, and the half-width of its 95 % interval by the jackknife over rows."""
    from scipy.stats import t

    n, own = len(right), np.diag(right)
    without = (right.sum() - right.sum(axis=0) - right.sum(axis=1) + own) / (n - 1) ** 2
    left_out = (own.sum() - own) / (n - 1) - without
    deviation = np.sqrt((n - 1) / n * np.sum((left_out - left_out.mean()) ** 2))
    return float(own.mean() - right.mean()), float(t.ppf(0.975, n - 1) * deviation)


def impurity(model: Model) -> np.ndarray:
    """Share of the impurity that each feature removes, ndarray of shape (n_features,), sums to 1.

    As scikit-learn computes it; 0 everywhere where the trees ask nothing.

    Raises
    ------
    ValueError
        If the model is not made of trees.
    """
    if not isinstance(model, HasTrees):
        raise ValueError(f"{model.spec.title} is not made of trees, so no impurity is removed.")
    return np.asarray(model.estimator.feature_importances_, dtype=np.float64)


def mean_size(shap_values: np.ndarray, target: int | None = None) -> np.ndarray:
    """Mean absolute SHAP value of each feature, ndarray of shape (n_features,), probability.

    Parameters
    ----------
    shap_values : ndarray of shape (n_rows, n_features, n_classes)
    target : int, optional
        Position of a class; the mean over all classes by default.
    """
    sizes = np.abs(shap_values).mean(axis=0)
    return sizes.mean(axis=1) if target is None else sizes[:, target]


def ranks(values: np.ndarray) -> np.ndarray:
    """1 for the largest, int ndarray of shape (n_features,); what is equal (to 1e-12) shares a rank."""
    rounded = np.round(values, 12)
    return np.array([1 + int(np.sum(rounded > one)) for one in rounded])


def common_order(measures: Mapping[str, np.ndarray]) -> list[int]:
    """Positions of the features by their mean rank over all measures, the most important first."""
    mean = np.mean([ranks(values) for values in measures.values()], axis=0)
    return [int(index) for index in np.argsort(mean, kind="stable")]


def agreement(spec: ModelSpec, measures: Mapping[str, np.ndarray]) -> str:
    """Say in a sentence or two whether measures put the features in the same order.

    Parameters
    ----------
    measures : mapping of str to ndarray of shape (n_features,)
        Importances by the measure's title. One without any above 0 puts no feature first.
    """
    if len(measures) == 1:
        return _alone(spec, *measures.items())
    matters = {title: np.round(values, 12) > 0 for title, values in measures.items()}
    if not any(some.any() for some in matters.values()):
        return f"By none of the {len(measures)} does any feature matter."
    ordered = {title: ranks(values) for title, values in measures.items()}
    firsts = {
        title: [int(i) for i in np.flatnonzero((rank == 1) & matters[title])]
        for title, rank in ordered.items()
    }
    labels = [inside_sentence(feature.label) for feature in spec.features]
    common = set.intersection(*(set(first) for first in firsts.values()))
    if not common:
        said = "; ".join(
            f"{title} puts {' and '.join(labels[i] for i in first) or 'none'} first"
            for title, first in firsts.items()
        )
        return (
            f"They disagree on what matters most: {said}. Say which question you asked before you quote one."
        )
    first = labels[min(common)]
    if len({tuple(rank) for rank in ordered.values()}) == 1:
        return f"They agree: the same order in all {len(ordered)}, with {first} first."
    moved = [
        f"{labels[i]} ({', '.join(str(rank[i]) for rank in ordered.values())})"
        for i in common_order(measures)
        if len({int(rank[i]) for rank in ordered.values()}) > 1
    ]
    return (
        f"They agree that {first} matters most, but not on the rest. Ranks differ for {', '.join(moved)}, "
        f"in the order {', '.join(ordered)}."
    )


def _alone(spec: ModelSpec, measure: tuple[str, np.ndarray]) -> str:
    """What one measure says where there is no other."""
    title, values = measure
    first = common_order(dict([measure]))[0]
    matters = round(float(values[first]), 12) > 0
    what = f"{inside_sentence(spec.features[first].label)} matters most" if matters else "no feature matters"
    return f"By {title}, which alone can be asked of this model, {what}."
