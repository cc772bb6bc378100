"""What the iris tree and forest share, and any other scikit-learn tree: arrays, file, model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from data.dataset_types import TableDataset
from governance.metrics import ACCURACY, TEST_ACCURACY
from models import evaluation
from models.spec import Fitted, ModelSpec, Progress, Report, TreeArrays

# The only types beyond NumPy's that a tree's file may name; skops refuses every other.
TRUSTED_TYPES = ["sklearn.tree._tree.Tree"]


class SklearnTreeModel:
    """A scikit-learn decision tree or random forest as a `Model` with `HasTrees`."""

    def __init__(self, spec: ModelSpec, estimator: Any) -> None:
        self.spec = spec
        self.estimator = estimator
        members = getattr(estimator, "estimators_", [estimator])
        self.trees = tuple(tree_arrays(member.tree_) for member in members)

    def predict_proba(self, batch: np.ndarray) -> np.ndarray:
        """Probabilities, ndarray of shape (n, n_classes); see `Model`."""
        return np.asarray(self.estimator.predict_proba(np.asarray(batch, dtype=np.float64)))


def learn(
    spec: ModelSpec,
    train: Callable[[np.ndarray, np.ndarray, int], Any],
    dataset: TableDataset,
    seed: int,
    report: Report,
    describe: Callable[[Any], tuple[Mapping[str, Any], Mapping[str, Any]]],
) -> Fitted:
    """Judge a training procedure by cross-validation, then run it on the training split.

    The cross-validation judges the procedure on all rows, and repeats every choice inside each of
    its folds; nothing is chosen by it. The model itself is made from the training split alone.

    Parameters
    ----------
    train : callable (x, y, seed) -> estimator
        The whole procedure, choices included.
    describe : callable (estimator) -> (settings as they were chosen, further metrics)
    """
    rows, test = dataset.split.train, dataset.split.test
    x, y = dataset.x[rows], dataset.y[rows]
    accuracy = evaluation.repeated_cross_validation(
        lambda x, y, seed: train(x, y, seed).predict, dataset.x, dataset.y, seed, report
    )
    report(Progress("training", 0, 1))
    estimator = train(x, y, seed)
    model = SklearnTreeModel(spec, estimator)
    report(Progress("training", 1, 1))
    chosen, further = describe(estimator)
    test_accuracy = evaluation.accuracy_on(model.predict_proba(dataset.x[test]), dataset.y[test])
    return Fitted(
        model=model,
        artefact=dump(estimator),
        artefact_name="model.skops",
        chosen=dict(chosen),
        metrics={ACCURACY.name: accuracy, TEST_ACCURACY: test_accuracy, **further},
        curve=[],
        probe=probe_set(x.min(axis=0), x.max(axis=0)),
    )


def train(
    spec: ModelSpec,
    grown: Callable[[Mapping[str, Any], np.ndarray, np.ndarray, int], Any],
    x: np.ndarray,
    y: np.ndarray,
    settings: Mapping[str, Any],
    seed: int,
) -> SklearnTreeModel:
    """The training of `learn` alone, in the form of `Definition.train`.

    Parameters
    ----------
    grown : callable (settings, x, y, seed) -> estimator
        The whole procedure, choices included.
    """
    return SklearnTreeModel(spec, grown(settings, x, y, seed))


def tree_arrays(tree: Any) -> TreeArrays:
    """Copy scikit-learn's ``tree_`` into `TreeArrays`, class counts turned into shares."""
    value = np.asarray(tree.value[:, 0, :], dtype=np.float64)
    return TreeArrays(
        left=tree.children_left.astype(np.int64),
        right=tree.children_right.astype(np.int64),
        feature=tree.feature.astype(np.int64),
        threshold=tree.threshold.astype(np.float64),
        value=value / value.sum(axis=1, keepdims=True),
        samples=tree.n_node_samples.astype(np.int64),
        impurity=tree.impurity.astype(np.float64),
    )


def named_arrays(model: SklearnTreeModel) -> dict[str, np.ndarray]:
    """Arrays of all trees, one after another, by name; ``nodes`` says how many each tree has."""
    trees = model.trees
    joined = {
        name: np.concatenate([getattr(tree, name) for tree in trees])
        for name in ("left", "right", "feature", "threshold", "value", "samples", "impurity")
    }
    return {"nodes": np.array([tree.n_nodes for tree in trees], dtype=np.int64), **joined}


def dump(estimator: Any) -> bytes:
    """The estimator as a skops file: no pickle inside."""
    from models import skops_files

    return skops_files.dumps(estimator)


def restore(spec: ModelSpec, artefact: bytes) -> SklearnTreeModel:
    """Make the model from a skops file, whose digest the caller has compared.

    Raises
    ------
    ValueError
        If it holds no trees that answer as the spec says; the message is half a sentence.
    Exception
        Whatever skops raises for a file that it cannot read.
    """
    from models import skops_files

    estimator = skops_files.loads(artefact, trusted=TRUSTED_TYPES)
    _check(spec, estimator)
    return SklearnTreeModel(spec, estimator)


def _check(spec: ModelSpec, estimator: Any) -> None:
    """Raise `ValueError` for what is no tree or forest of this spec.

    scikit-learn's compiled code follows the indices in a tree wherever they lead: out of range they end the process,
    in a ring they never end.
    """
    from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
    from sklearn.tree import DecisionTreeClassifier
    from sklearn.tree._tree import Tree

    one = "tree" in spec.capabilities
    kinds = (DecisionTreeClassifier,) if one else (RandomForestClassifier, ExtraTreesClassifier)
    if not isinstance(estimator, kinds):
        raise ValueError(f"it holds a {type(estimator).__name__}, and no {'tree' if one else 'forest'}")
    members = [estimator] if one else list(estimator.estimators_)
    if not members or not all(
        isinstance(member, DecisionTreeClassifier) and type(member.tree_) is Tree for member in members
    ):
        raise ValueError("it holds a forest without trees")
    n_features, n_classes = len(spec.features), len(spec.classes)
    for member in (estimator, *members):
        if (member.n_features_in_, member.n_outputs_, member.n_classes_) != (n_features, 1, n_classes):
            raise ValueError(f"its trees do not tell {n_classes} classes apart by {n_features} columns")
        if not np.array_equal(member.classes_, np.arange(n_classes)):
            raise ValueError("its trees name other classes")
    for member in members:
        _check_tree(member.tree_, n_features, n_classes)


def _check_tree(tree: Any, n_features: int, n_classes: int) -> None:
    left, right, feature = tree.children_left, tree.children_right, tree.feature
    here, leaf = np.arange(tree.node_count), left == -1
    inside = ~leaf
    # Children stand after their parent however a tree is grown, so that every path ends.
    forward = all(np.all(child[inside] > here[inside]) for child in (left, right))
    within = all(np.all(child[inside] < tree.node_count) for child in (left, right))
    known = np.all((feature[inside] >= 0) & (feature[inside] < n_features))
    if not (tree.node_count and forward and within and known and np.array_equal(leaf, right == -1)):
        raise ValueError("it holds a tree whose nodes lead nowhere")
    if tree.value.shape != (tree.node_count, 1, n_classes) or not np.all(np.isfinite(tree.value)):
        raise ValueError("it holds a tree whose leaves give no shares of the classes")


def probe_set(low: np.ndarray, high: np.ndarray, n_rows: int = 4096) -> np.ndarray:
    """Scrambled Sobol points over the box, half its width wider on each side; the same every time.

    Parameters
    ----------
    low, high : ndarray of shape (n_features,)
        Ends of the training rows' range.

    Returns
    -------
    ndarray of shape (n_rows, n_features), float64
    """
    from scipy.stats import qmc

    margin = (high - low) / 2
    points = qmc.Sobol(d=len(low), scramble=True, rng=np.random.default_rng(0)).random(n_rows)
    return qmc.scale(points, low - margin, high + margin)
