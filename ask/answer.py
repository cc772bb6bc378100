"""What comes out when a question goes in.

The parts of an `Answer` are made when they are first asked for and are kept in the front end's cache: the
probabilities at once, then the attribution, at last its trust. Equal receipts mean equal documents, whichever front
end asked.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ask.cache import Key, Scope
from ask.evidence import Evidence
from ask.question import Question
from data.failures import UserMistake
from explain import methods
from explain.attributions.attribution import Attribution, Method
from explain.targets import ClassTarget, Target, parse
from explain.typicality.typicality import Typicality
from governance.registry import Version
from governance.store import Store
from models import catalogue
from models.spec import Definition, Model, ModelSpec

if TYPE_CHECKING:
    from data.bakery import Scene

T = TypeVar("T")


class Answer(ABC):
    """What a version answers to a question.

    Attributes
    ----------
    store : Store
    question : Question
        With the version's full reference, ``iris_tree@3``.
    version : Version
    model : Model
        What was asked: the version, or the copy of its network that the question names.
    weights_digest : str
        Of what was asked.
    cache : Cache
    evidence : Evidence
    """

    def __init__(
        self,
        store: Store,
        question: Question,
        version: Version,
        model: Model,
        weights_digest: str,
        evidence: Evidence,
    ) -> None:
        self.store = store
        self.question = replace(question, version=version.reference)
        self.version = version
        self.model = model
        self.weights_digest = weights_digest
        self.evidence = evidence
        self.cache = evidence.cache

    @property
    def spec(self) -> ModelSpec:
        """Of the model."""
        return self.model.spec

    @property
    def definition(self) -> Definition:
        """The model's entry in the catalogue."""
        return catalogue.definition(self.version.model)

    @property
    @abstractmethod
    def input(self) -> np.ndarray:
        """What the model was given, with every change: (n_features,) or (height, width, 3) in [0, 1]."""

    @property
    @abstractmethod
    def input_digest(self) -> str:
        """SHA-256 of the input's values, in hexadecimal."""

    @property
    def scene(self) -> Scene | None:
        """What the input was rendered from, before its pixels were changed; None for anything else."""
        return self.question.scene

    @property
    def truth(self) -> str | None:
        """The class that is really shown, where it is known."""
        return None if self.scene is None else self.scene.kind

    @cached_property
    def probabilities(self) -> np.ndarray:
        """The answer, ndarray of shape (n_classes,)."""
        return self.kept("probabilities", (), lambda: self.model.predict_proba(self.input[None])[0])

    @property
    def predicted(self) -> int:
        """Position of the predicted class."""
        return int(np.argmax(self.probabilities))

    @cached_property
    def explained(self) -> Target:
        """What the attribution is evidence for: the question's target, by default the predicted class.

        Raises
        ------
        UserMistake
            If the model has no such class.
        """
        return ClassTarget(self.predicted) if self.question.target is None else self._named_target()

    @property
    def target(self) -> int:
        """Position of the class in question; of one class rather than another, the one. Raises as `explained`."""
        return self.explained.index

    def _named_target(self) -> Target:
        assert self.question.target is not None
        try:
            return parse(self.spec, self.question.target)
        except ValueError as error:
            raise UserMistake(str(error)) from error

    @property
    def method(self) -> Method:
        """What makes the attribution; raises MethodError for an unknown name."""
        assert self.question.method is not None
        return methods.method(self.question.method)

    @property
    def complete(self) -> bool:
        """Whether the method promises that base and values add up to the output."""
        return self.method.complete

    @property
    def settled(self) -> Question:
        """The question with its target named, so that a link to it asks any version for the same class."""
        return replace(self.question, target=self.explained.name(self.spec))

    @property
    @abstractmethod
    def attribution(self) -> Attribution:
        """How much each part of the input counts for the target, by the question's method.

        Raises
        ------
        MethodError
            If the method is unknown or does not fit the model.
        """

    @property
    @abstractmethod
    def typicality(self) -> Typicality | None:
        """How far the input lies from what the model learned from; None where that is not known."""

    @property
    def is_far(self) -> bool:
        """Whether the input is known to lie far from the training."""
        return self.typicality is not None and self.typicality.level == "far"

    @property
    def unknown(self) -> tuple[str, ...]:
        """One sentence that leads the answer where the input is known to be far from all that is usual; else none."""
        thing = "row" if self.spec.modality == "tabular" else "picture"
        return (f"This is not a {thing} that the model knows.",) if self.is_far else ()

    @property
    @abstractmethod
    def words(self) -> tuple[str, ...]:
        """The answer in plain sentences: warnings first, then what was answered, and why where that was asked."""

    @cached_property
    def receipt(self) -> dict[str, Any]:
        """What decides the document, as JSON; without times, so that the same question has the same receipt.

        A choice that was left at its default has no entry: receipts of before it existed stay the same.
        """
        attribution = self.attribution
        told = {
            "model": self.spec.name,
            "version": self.version.reference,
            "weights_digest": self.weights_digest,
            "input": self._input_told(),
            "method": attribution.method,
            "settings": dict(attribution.settings),
            "target": attribution.target.name(self.spec),
            "values_digest": values_digest(attribution.values),
        }
        held_against = {name: value for name, value in self._held_against().items() if value is not None}
        return told | ({"held_against": held_against} if held_against else {})

    @cached_property
    def receipt_id(self) -> str:
        """SHA-256 of the receipt's canonical JSON (RFC 8785), in hexadecimal."""
        import rfc8785

        return hashlib.sha256(rfc8785.dumps(self.receipt)).hexdigest()

    @abstractmethod
    def document(self, out: str | None = None) -> dict[str, Any]:
        """The whole answer as JSON values: what the pages save and ``python -m explain --json`` prints.

        Parameters
        ----------
        out : str, optional
            Path of a file that holds the attribution's values.
        """

    def prediction(self) -> dict[str, Any]:
        """The predicted class and every class's probability, as JSON values."""
        return of_classes(self.spec, self.probabilities)

    def kept(self, what: str, more: tuple[Hashable, ...], make: Callable[[], T]) -> T:
        """Something that follows from the model and the input, made once: for a visit, for a scene once for all.

        Parameters
        ----------
        what : str
            Its kind.
        more : tuple
            Everything else that decides it.
        """
        return self.cache.kept(what, self.key(*more), make, self._scope)

    def known(self, what: str, *more: Hashable) -> Any | None:
        """The same if it was made already, else None."""
        return self.cache.find(what, self.key(*more), self._scope)

    @property
    def _scope(self) -> Scope:
        # A scene is rendered from its numbers and is nobody's upload.
        return "visit" if self.scene is None else "process"

    def key(self, *more: Hashable) -> Key:
        """What identifies something that follows from the model and the input."""
        return (self.weights_digest, self.input_digest, *more)

    @abstractmethod
    def _input_told(self) -> dict[str, Any]:
        """The input as the receipt names it."""

    @abstractmethod
    def _held_against(self) -> dict[str, Any]:
        """What the document holds the answer against, as the receipt names it; None for what is not there."""


def values_digest(values: np.ndarray) -> str:
    """SHA-256 of an array's little-endian float64 bytes in C order, in hexadecimal."""
    return hashlib.sha256(np.ascontiguousarray(values, dtype="<f8").tobytes()).hexdigest()


def named(names: Sequence[str], values: np.ndarray) -> dict[str, float]:
    """Numbers by their names, as JSON."""
    return {name: float(value) for name, value in zip(names, values, strict=True)}


def of_classes(spec: ModelSpec, probabilities: np.ndarray) -> dict[str, Any]:
    """An answer as JSON: the class, and every class's probability."""
    top = spec.classes[int(np.argmax(probabilities))]
    return {"class": top, "probabilities": named(spec.classes, probabilities)}


def typicality_told(found: Typicality | None) -> Mapping[str, Any] | None:
    """How usual an input is, as JSON; None where nothing is known."""
    if found is None:
        return None
    return {"level": found.level, "beyond": found.beyond, "sentence": found.sentence}
