"""What a model is to the rest of Crumbtrail.

Pages, methods and checks see a model through these types alone and never ask for its name: a
`ModelSpec` says what goes in and comes out, `capabilities` say which questions it can be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np

from data import numerals
from data.failures import UserMistake
from data.features import Feature
from data.names import did_you_mean
from governance.metrics import Metric

Modality = Literal["tabular", "image"]
Capability = Literal["tree", "trees", "gradients", "layers"]


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What goes into a model, what comes out, and what else it can be asked.

    Attributes
    ----------
    features : tuple of Feature
        The columns of a row, in order; empty for an image model.
    image_size : int or None
        Height and width in pixels that an image model takes; None for a tabular model.
    capabilities : frozenset of str
        ``"tree"``: the model is one readable tree; ``"trees"``: it averages several. Both give
        their arrays by `HasTrees`. ``"gradients"`` and ``"layers"`` belong to networks.
    """

    name: str
    title: str
    modality: Modality
    classes: tuple[str, ...]
    features: tuple[Feature, ...] = ()
    image_size: int | None = None
    capabilities: frozenset[Capability] = frozenset()


class Model(Protocol):
    """A loaded version that can be asked."""

    @property
    def spec(self) -> ModelSpec: ...

    def predict_proba(self, batch: np.ndarray) -> np.ndarray:
        """Probabilities of the classes.

        Parameters
        ----------
        batch : ndarray of shape (n, n_features), or (n, height, width, 3) with values in [0, 1]

        Returns
        -------
        ndarray of shape (n, n_classes), float64
            Each row sums to 1.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class TreeArrays:
    """One decision tree as arrays, one entry a node; node 0 is the root.

    A row goes left where ``float32(value) <= threshold``. Leaves have ``left == right == -1``.

    Attributes
    ----------
    left, right : ndarray of shape (n_nodes,), int64
        Positions of the children, -1 in a leaf.
    feature : ndarray of shape (n_nodes,), int64
        Column compared, negative in a leaf.
    threshold : ndarray of shape (n_nodes,), float64
    value : ndarray of shape (n_nodes, n_classes), float64
        Shares of the classes among the training rows that reach the node; rows sum to 1.
    samples : ndarray of shape (n_nodes,), int64
        Training rows that reach the node.
    impurity : ndarray of shape (n_nodes,), float64
    """

    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    value: np.ndarray
    samples: np.ndarray
    impurity: np.ndarray

    @property
    def n_nodes(self) -> int:
        return len(self.left)

    def is_leaf(self, node: int) -> bool:
        return bool(self.left[node] < 0)


@runtime_checkable
class HasTrees(Protocol):
    """A model with capability ``"tree"`` or ``"trees"``; its probabilities are the trees' mean."""

    @property
    def trees(self) -> tuple[TreeArrays, ...]: ...

    @property
    def estimator(self) -> Any:
        """The scikit-learn estimator itself, for libraries that know it."""
        ...


@runtime_checkable
class HasNetwork(Protocol):
    """A model with capability ``"gradients"``, and with ``"layers"`` where `last_conv` names one."""

    @property
    def network(self) -> Any:
        """A ``torch.nn.Module`` in evaluation mode.

        Takes float32 of shape (n, 3, height, width) with values in [0, 1] and gives calibrated logits
        of shape (n, n_classes), of which the softmax is `Model.predict_proba`.
        """
        ...

    @property
    def last_conv(self) -> str:
        """Name of the layer whose activations Grad-CAM reads, as in ``network.get_submodule``."""
        ...


@dataclass(frozen=True, slots=True)
class Setting:
    """One choice that a person has when a model is trained.

    ``kind`` is ``"int"``, ``"float"`` or ``"choice"``; ``auto`` says that the word ``auto`` is
    allowed too and leaves the choice to cross-validation.
    """

    name: str
    label: str
    help: str
    kind: Literal["int", "float", "choice"]
    default: int | float | str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    auto: bool = False

    def parse(self, value: object) -> int | float | str:
        """Check a value given as text or number.

        Raises
        ------
        SettingError
            With a sentence that says what may be given.
        """
        if self.auto and value == "auto":
            return "auto"
        if self.kind == "choice":
            if value not in self.choices:
                hint = did_you_mean(str(value), self.choices)
                raise SettingError(
                    f"{self.name} must be one of {', '.join(self.choices)}, not {value!r}.{hint}"
                )
            return str(value)
        try:
            number = numerals.whole(str(value)) if self.kind == "int" else numerals.number(str(value))
        except ValueError:
            number = None
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        if number is None or not low <= number <= high or not np.isfinite(number):
            kind = "whole number" if self.kind == "int" else "number"
            word = "auto or a" if self.auto else "a"
            raise SettingError(f"{self.name} must be {word} {kind} from {low:g} to {high:g}, not {value!r}.")
        return number


class SettingError(UserMistake):
    """A training setting is unknown or has a value that it cannot have."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training has come: a step in words, how much of it is done, figures so far."""

    step: str
    done: int
    total: int
    figures: Mapping[str, float] = field(default_factory=dict)


Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a training gives back.

    Attributes
    ----------
    model : Model
    artefact : bytes
        The file from which `Definition.restore` makes the model again.
    artefact_name : str
        For instance ``model.skops``.
    chosen : dict
        Settings as they were used, after ``auto`` was decided.
    metrics : dict
        JSON values: at least the definition's headline with ``value``, ``interval``, ``method``.
    curve : list of dict
        One entry a step of the training, for a chart; empty where there are no steps.
    probe : ndarray
        Inputs on which versions are compared, wider than the training points.
    others : mapping of str to bytes
        More files that are kept with the version, by name; they decide no answer.
    """

    model: Model
    artefact: bytes
    artefact_name: str
    chosen: dict[str, Any]
    metrics: dict[str, Any]
    curve: list[dict[str, float]]
    probe: np.ndarray
    others: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What the owner declares about a model: its question, its use, its limits, who stands for it.

    ``examples`` are prepared what-ifs: each a map of ``title``, ``sentence`` and ``view``, where the
    view holds what the what-if page reads from its URL. ``algorithm`` names the guide to how the model
    is made (`models.guides`); None where there is none.
    """

    question: str
    summary: str
    what_if: str
    owner: str
    users: tuple[str, ...]
    tags: tuple[str, ...]
    intended_use: str
    limits: tuple[str, ...]
    examples: tuple[Mapping[str, Any], ...]
    algorithm: str | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """One entry of the catalogue: a model that can be trained, and how.

    Attributes
    ----------
    dataset : str
        Name of the dataset it learns from.
    fit : callable (dataset, settings, seed, report) -> Fitted
        Trains. Uses the training part of the split alone for every choice.
    restore : callable (bytes) -> Model
        Makes the model from its artefact, whose digest the caller has compared. Whatever it raises refuses the version,
        with the error's words as half a sentence; so does an answer that is no probability of each class.
    arrays : callable (Model) -> dict of str to ndarray
        Everything in a model that decides an answer, as in `Fitted.arrays`.
    headline : governance.metrics.Metric
        The figure among `Fitted.metrics` by which versions are judged and compared.
    tolerance : float
        Largest difference of the headline, and of ``test_accuracy`` where it is measured, and largest share of the
        probe set labelled otherwise, that still counts as the same model ("within tolerance").
    at_first_start : bool
        Whether a fresh home trains it by itself.
    load : callable (name, settings) -> dataset, optional
        Loads the data where settings take part in what they are; by default `data.datasets.load`.
    kept_back : callable (dataset, seed) -> ndarray of rows, optional
        The rows of the training part that `fit` did not learn the weights from, the same for equal seeds.
    train : callable (x, y, settings, seed) -> Model, optional
        The training of `fit` alone, on rows in memory, without a judgement or a file. Given where it is
        fast enough to follow a hand on a slider.
    """

    spec: ModelSpec
    card: ModelCard
    dataset: str
    settings: tuple[Setting, ...]
    fit: Callable[[Any, Mapping[str, Any], int, Report], Fitted]
    restore: Callable[[bytes], Model]
    arrays: Callable[[Any], dict[str, np.ndarray]]
    headline: Metric
    tolerance: float
    at_first_start: bool = False
    load: Callable[[str, Mapping[str, Any]], Any] | None = None
    kept_back: Callable[[Any, int], np.ndarray] | None = None
    train: Callable[[np.ndarray, np.ndarray, Mapping[str, Any], int], Model] | None = None
