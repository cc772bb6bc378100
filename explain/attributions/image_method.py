"""What all methods for pictures share: checks, settings, the clock, and the attribution around the map."""

from __future__ import annotations

import importlib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import numpy as np

from explain.attributions.attribution import Attribution, MethodError
from explain.attributions.scores import KEPT_APART, Scores
from explain.cancelling import Cancelled
from explain.levels import Level, lacking, offers
from explain.pictures import BASELINES, as_picture
from explain.targets import Target
from models.spec import HasNetwork, Model, ModelSpec, Setting, SettingError


@dataclass(frozen=True, slots=True)
class Passes:
    """How often a network is run on a picture, and how often a gradient is taken back to one."""

    forward: int
    backward: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What a method is asked.

    Attributes
    ----------
    asked : Model
        What is explained; a network of its own is in evaluation mode.
    picture : ndarray of shape (height, width, 3), float32 in [0, 1]
        The method's own copy.
    target : Target
    settings : mapping
        Complete and checked.
    cancelled : callable () -> bool, optional
        Says whether somebody wants no answer any more.
    """

    asked: Model
    picture: np.ndarray
    target: Target
    settings: Mapping[str, Any]
    cancelled: Callable[[], bool] | None = None

    @property
    def model(self) -> HasNetwork:
        """The model as one with a network, for methods that need it."""
        # A model with the capability has it; asking the protocol at run time takes as long as a small layer.
        return cast(HasNetwork, self.asked)

    @property
    def scores(self) -> Scores:
        """What a method follows that needs nothing but answers."""
        return Scores(self.asked, self.target)

    def go_on(self) -> None:
        """For a method to call between two runs of the network; raises `Cancelled`."""
        if self.cancelled is not None and self.cancelled():
            raise Cancelled("The map was cancelled: another one is wanted.")


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """What a method finds.

    Attributes
    ----------
    values : ndarray of shape (height, width), float64
    output : float
        The target's score for the picture, in `units`.
    base_value : float
        The target's score for the baseline; 0 where the method has none.
    passes : Passes, optional
        What it took, where that is less than was told before.
    units : str
        ``logit`` or ``log-odds``.
    """

    values: np.ndarray
    output: float
    base_value: float = 0.0
    passes: Passes | None = None
    units: str = "logit"


class ImageMethod(ABC):
    """A `Method` for pictures; a subclass adds the formula, `_map`, and what it costs, `_passes`.

    Attributes
    ----------
    needs : Level
        The lowest level of a model that it can do with.
    needs_background : bool
        Whether it takes ``background``: real pictures to compare with, ndarray of shape
        (n, height, width, 3) with values in [0, 1].
    normalisation : str
        How channels become one value a pixel, and how values are scaled.
    libraries : tuple of str
        Loaded before the clock starts.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    signed: ClassVar[bool]
    complete: ClassVar[bool] = False
    cost: ClassVar[str]
    normalisation: ClassVar[str]
    needs: ClassVar[Level] = "gradients"
    needs_background: ClassVar[bool] = False
    libraries: ClassVar[tuple[str, ...]] = ("torch",)

    def unsupported(self, spec: ModelSpec) -> str | None:
        """The reason, in one sentence, that the method cannot be used here; None where it fits."""
        if spec.modality != "image":
            return f"{self.title} explains pictures, and {spec.title} answers for rows of a table."
        return lacking(self.title, spec, self.needs)

    def choices(self, spec: ModelSpec) -> tuple[Setting, ...]:
        """What a person may choose, with defaults that suit the model's size of pictures."""
        return ()

    def passes(self, spec: ModelSpec, settings: Mapping[str, Any] | None = None) -> Passes:
        """What an answer with these settings costs at most, known before it is asked for.

        Raises
        ------
        MethodError
            As `attribute` does for settings.
        """
        return self._passes(spec, self._chosen(spec, settings or {}))

    @abstractmethod
    def _passes(self, spec: ModelSpec, chosen: Mapping[str, Any]) -> Passes:
        """The same with settings that are complete and checked."""

    @abstractmethod
    def _map(self, question: Question) -> Map:
        """The method's formula. It leaves network and picture as they are."""

    def attribute(self, model: Model, x: np.ndarray, target: Target, **settings: Any) -> Attribution:
        """Explain the model's answer for one picture; see `explain.attributions.attribution.Method.attribute`."""
        return self.attribute_unless(None, model, x, target, **settings)

    def attribute_unless(
        self,
        cancelled: Callable[[], bool] | None,
        model: Model,
        x: np.ndarray,
        target: Target,
        **settings: Any,
    ) -> Attribution:
        """The same, unless somebody wants no answer any more.

        Parameters
        ----------
        cancelled : callable () -> bool, optional
            Asked between two runs of the network, by methods that run it more than once.

        Raises
        ------
        Cancelled
            If `cancelled` said so.
        """
        question = self._question(model, x, target, settings, cancelled)
        start = time.perf_counter()
        found = self._map(question)
        return self._attribution(model.spec, question, found, start)

    def stages(
        self,
        model: Model,
        x: np.ndarray,
        target: Target,
        cancelled: Callable[[], bool] | None = None,
        **settings: Any,
    ) -> Iterator[Attribution]:
        """Maps from coarse to fine, for who wants to see something soon; the last is what `attribute` gives.

        A method that cannot be cut short gives that one alone. Parameters and errors are those of
        `attribute_unless`.
        """
        yield self.attribute_unless(cancelled, model, x, target, **settings)

    def _question(
        self,
        model: Model,
        x: np.ndarray,
        target: Target,
        settings: Mapping[str, Any],
        cancelled: Callable[[], bool] | None,
    ) -> Question:
        """Check everything that is asked; afterwards the method's libraries are loaded."""
        spec = model.spec
        reason = self.unsupported(spec)
        if reason is not None:
            raise MethodError(reason)
        chosen = self._chosen(spec, settings)
        target.check(spec)
        picture = as_picture(spec, x)
        question = Question(model, picture, target, chosen, cancelled)
        if offers(spec, "logits") and question.model.network.training:
            raise ValueError(f"{spec.title} is in training mode; an explanation of it would be random.")
        for library in self.libraries:
            importlib.import_module(library)
        return question

    def _attribution(self, spec: ModelSpec, question: Question, found: Map, start: float) -> Attribution:
        """The map with everything that has to be told beside it; `start` is when the clock was."""
        milliseconds = (time.perf_counter() - start) * 1000
        chosen = question.settings
        cost = found.passes or self._passes(spec, chosen)
        return Attribution(
            values=found.values,
            base_value=found.base_value,
            target=question.target,
            output=found.output,
            method=self.name,
            settings=self._told(chosen),
            passes=cost.forward,
            milliseconds=milliseconds,
            units=found.units,
            backward_passes=cost.backward,
            baseline=self._baseline(chosen),
            normalisation=self.normalisation + (KEPT_APART if found.units == "log-odds" else ""),
        )

    def _chosen(self, spec: ModelSpec, given: Mapping[str, Any]) -> dict[str, Any]:
        """All settings, given or default, checked."""
        choices = self.choices(spec)
        unknown = sorted(set(given) - {choice.name for choice in choices})
        if unknown:
            known = ", ".join(choice.name for choice in choices) or "no settings"
            raise MethodError(f"{self.title} takes {known}, but was given {', '.join(unknown)}.")
        try:
            return {choice.name: choice.parse(given.get(choice.name, choice.default)) for choice in choices}
        except SettingError as error:
            raise MethodError(f"{self.title}: {error}") from error

    def _told(self, chosen: Mapping[str, Any]) -> dict[str, Any]:
        """The settings as the receipt holds them, JSON values."""
        return dict(chosen)

    def _baseline(self, chosen: Mapping[str, Any]) -> str | None:
        """What stands for absent pixels, in words."""
        return BASELINES[chosen["baseline"]] if "baseline" in chosen else None


class Listening:
    """A network's score of a target, which remembers what it was, so that it need not be asked for again.

    ``last`` is the tensor of shape (n,) of the latest call.
    """

    def __init__(self, network: Any, target: Target) -> None:
        self._network, self._target = network, target
        self.last: Any = None

    def __call__(self, x: Any) -> Any:
        score = self._target.of(self._network(x))
        self.last = score.detach()
        return score


def gradients(network: Any, pictures: Any, target: Target) -> Any:
    """The gradient of the target's score at each of some pictures.

    Parameters
    ----------
    network : torch.nn.Module
    pictures : Tensor of shape (n, 3, height, width)
        Not used afterwards: it is where the gradient is taken.
    target : Target

    Returns
    -------
    Tensor of shape (n, 3, height, width)
    """
    import torch

    pictures.requires_grad_()
    with torch.enable_grad():
        score = target.of(network(pictures)).sum()
    return torch.autograd.grad(score, pictures)[0]


def baseline_choice() -> Setting:
    """What a person may put in the place of absent pixels."""
    return Setting(
        "baseline", "Baseline", "Stands for absent pixels.", "choice", "mean", choices=tuple(BASELINES)
    )
