"""What all methods for pictures share: checks, settings, the clock, and the attribution around the map."""

from __future__ import annotations

import importlib
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import numpy as np

from explain.attribution import Attribution, MethodError, check_target
from explain.pictures import BASELINES, as_picture
from models.spec import Capability, HasNetwork, Model, ModelSpec, Setting, SettingError

_LACKS = {
    "gradients": "a network whose gradients can be taken",
    "layers": "a network with a convolution whose maps can be read",
}


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
    model : HasNetwork
        Its network is in evaluation mode.
    picture : ndarray of shape (height, width, 3), float32 in [0, 1]
        The method's own copy.
    target : int
        Position of the class.
    settings : mapping
        Complete and checked.
    """

    model: HasNetwork
    picture: np.ndarray
    target: int
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """What a method finds.

    Attributes
    ----------
    values : ndarray of shape (height, width), float64
    output : float
        The target's logit for the picture.
    base_value : float
        The target's logit for the baseline; 0 where the method has none.
    """

    values: np.ndarray
    output: float
    base_value: float = 0.0


class ImageMethod(ABC):
    """A `Method` for pictures; a subclass adds the formula, `_map`, and what it costs, `_passes`.

    Attributes
    ----------
    needs : tuple of str
        Capabilities that the model must have.
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
    needs: ClassVar[tuple[Capability, ...]] = ("gradients",)
    needs_background: ClassVar[bool] = False
    libraries: ClassVar[tuple[str, ...]] = ("torch",)

    def unsupported(self, spec: ModelSpec) -> str | None:
        """The reason, in one sentence, that the method cannot be used here; None where it fits."""
        if spec.modality != "image":
            return f"{self.title} explains pictures, and {spec.title} answers for rows of a table."
        for capability in self.needs:
            if capability not in spec.capabilities:
                return f"{self.title} needs {_LACKS[capability]}, and {spec.title} offers none."
        return None

    def choices(self, spec: ModelSpec) -> tuple[Setting, ...]:
        """What a person may choose, with defaults that suit the model's size of pictures."""
        return ()

    def passes(self, spec: ModelSpec, settings: Mapping[str, Any] | None = None) -> Passes:
        """The cost of an answer with these settings, known before it is asked for.

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

    def attribute(self, model: Model, x: np.ndarray, target: int, **settings: Any) -> Attribution:
        """Explain the model's answer for one picture; see `explain.attribution.Method.attribute`."""
        spec = model.spec
        reason = self.unsupported(spec)
        if reason is not None:
            raise MethodError(reason)
        chosen = self._chosen(spec, settings)
        check_target(spec, target)
        picture = as_picture(spec, x)
        # A model with the capability has it; asking the protocol at run time takes as long as a small layer.
        asked = cast(HasNetwork, model)
        if asked.network.training:
            raise ValueError(f"{spec.title} is in training mode; an explanation of it would be random.")
        for library in self.libraries:
            importlib.import_module(library)
        cost = self._passes(spec, chosen)
        start = time.perf_counter()
        found = self._map(Question(asked, picture, target, chosen))
        return Attribution(
            values=found.values,
            base_value=found.base_value,
            target=target,
            output=found.output,
            method=self.name,
            settings=self._told(chosen),
            passes=cost.forward,
            milliseconds=(time.perf_counter() - start) * 1000,
            units="logit",
            backward_passes=cost.backward,
            baseline=self._baseline(chosen),
            normalisation=self.normalisation,
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
    """A network that remembers what it answered, so that its answer need not be asked for again.

    ``last`` is the tensor of shape (n, n_classes) of the latest call.
    """

    def __init__(self, network: Any) -> None:
        self._network = network
        self.last: Any = None

    def __call__(self, x: Any) -> Any:
        answer = self._network(x)
        self.last = answer.detach()
        return answer


def baseline_choice() -> Setting:
    """What a person may put in the place of absent pixels."""
    return Setting(
        "baseline", "Baseline", "Stands for absent pixels.", "choice", "mean", choices=tuple(BASELINES)
    )
