"""The way of a row through one decision tree, with the numbers compared at each node.

As an attribution: at every split the target's share among the training rows changes, and the change
is credited to the feature that was asked (A. Saabas, "Interpreting random forests", 2014). The
changes add up exactly to the leaf's share, because each step starts where the last one ended. A
feature that is asked early gets the credit for what later ones only refine; TreeSHAP averages that
out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explain.attributions.row_method import RowMethod, RowQuestion, Shares
from explain.grid import as_row
from explain.numbers import as_compared, comparison, percent, plural
from explain.trees.boxes import trees_of
from models.spec import ModelSpec, TreeArrays


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One comparison on the way.

    Attributes
    ----------
    node, child : int
        Where the question stands and where the answer leads, positions in the tree's arrays.
    feature : int
        Position of the feature asked.
    value : float
        The row's value, as given.
    compared : float
        The same rounded to float32, which is what the tree compares.
    threshold : float
    went_left : bool
        Whether ``compared <= threshold``.
    shares_before, shares_after : ndarray of shape (n_classes,)
        Shares of the classes among the training rows at the node and at the child.
    samples_before, samples_after : int
        Training rows there.
    sentence : str
    """

    node: int
    child: int
    feature: int
    value: float
    compared: float
    threshold: float
    went_left: bool
    shares_before: np.ndarray
    shares_after: np.ndarray
    samples_before: int
    samples_after: int
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class DecisionPath:
    """All comparisons from the root to a leaf.

    Attributes
    ----------
    leaf : int
        Position in the tree's arrays.
    shares : ndarray of shape (n_classes,)
        Shares of the classes in the leaf: the tree's answer.
    samples : int
        Training rows in the leaf.
    closing : str
        A sentence on the leaf.
    """

    steps: tuple[Step, ...]
    leaf: int
    shares: np.ndarray
    samples: int
    closing: str

    @property
    def nodes(self) -> tuple[int, ...]:
        """Positions of the visited nodes, root first and leaf last."""
        return (*(step.node for step in self.steps), self.leaf)

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence a step and the closing one."""
        return (*(step.sentence for step in self.steps), self.closing)


def decision_path(tree: TreeArrays, spec: ModelSpec, row: np.ndarray) -> DecisionPath:
    """Follow a row through a tree.

    Parameters
    ----------
    tree : TreeArrays
        One tree of the model.
    spec : ModelSpec
        Names the features and classes.
    row : ndarray of shape (n_features,)
        The row in question.

    Raises
    ------
    ValueError
        If the row does not fit the spec.
    """
    values = as_row(spec, row)
    steps, node = [], 0
    while not tree.is_leaf(node):
        step = _step(tree, spec, values, node)
        steps.append(step)
        node = step.child
    shares, samples = tree.value[node], int(tree.samples[node])
    top = int(np.argmax(shares))
    closing = _closing(spec.classes[top], float(shares[top]), samples)
    return DecisionPath(tuple(steps), node, shares, samples, closing)


def _closing(name: str, share: float, samples: int) -> str:
    if samples == 0:
        return f"No training row reaches this leaf. It answers {name} because the question above it would."
    if samples == 1:
        return f"This leaf holds 1 training row, and it is {name}."
    part = "all" if share == 1 else percent(share)
    return f"This leaf holds {plural(samples, 'training row')}, and {part} of them are {name}."


def _step(tree: TreeArrays, spec: ModelSpec, values: np.ndarray, node: int) -> Step:
    index, limit = int(tree.feature[node]), float(tree.threshold[node])
    feature, value = spec.features[index], float(values[index])
    compared = float(as_compared(values)[index])
    left = compared <= limit
    child = int(tree.left[node] if left else tree.right[node])
    shown, bound = comparison(feature, value, limit)
    return Step(
        node=node,
        child=child,
        feature=index,
        value=value,
        compared=compared,
        threshold=limit,
        went_left=left,
        shares_before=tree.value[node],
        shares_after=tree.value[child],
        samples_before=int(tree.samples[node]),
        samples_after=int(tree.samples[child]),
        # The question and the answer as the drawn tree has them.
        sentence=f"{feature.label} ≤ {bound}? {'Yes' if left else 'No'}, it is {shown}.",
    )


class DecisionPathMethod(RowMethod):
    """Credits the change of the target's share at each split to the split's feature."""

    name = "decision_path"
    title = "Decision path"
    cost = "1 pass through the tree"
    needs = "tree"

    def _shares(self, question: RowQuestion) -> Shares:
        (tree,), target = trees_of(question.model), question.target
        values = np.zeros(len(question.row))
        for step in decision_path(tree, question.model.spec, question.row).steps:
            values[step.feature] += target.of(step.shares_after) - target.of(step.shares_before)
        return Shares(values, float(target.of(tree.value[0])))


METHOD = DecisionPathMethod()
