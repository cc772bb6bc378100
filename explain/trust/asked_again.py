"""The question of a map, as every check of it asks it again: of other pictures, and of other models."""

from __future__ import annotations

import numpy as np

from explain.attributions.attribution import Attribution
from explain.attributions.image_method import ImageMethod, Passes
from explain.levels import offers
from explain.trust.checks.randomisation import DRAWS, STAGES, Randomisation, randomisation
from explain.trust.checks.stability import SAMPLES
from models.spec import Model, Progress, Report

# A map that costs more passes forward than this (one back counts as two) gets fewer stages of randomisation:
# the stages between the head alone and all layers are told, and decide nothing.
_CHEAP, _FEW_STAGES = 10, 3
STEP = "checking the map"


class AskedAgain:
    """The same method, target and settings; counts what its answers cost."""

    def __init__(
        self,
        model: Model,
        picture: np.ndarray,
        method: ImageMethod,
        attribution: Attribution,
        background: np.ndarray | None,
        report: Report,
    ) -> None:
        self._model, self._picture, self._method, self._report = model, picture, method, report
        self._target = attribution.target
        self._settings = {name: value for name, value in attribution.settings.items() if name != "background"}
        if method.needs_background:
            self._settings["background"] = background
        cheap = attribution.passes + 2 * attribution.backward_passes <= _CHEAP
        self.stages = STAGES if cheap else _FEW_STAGES
        self._made: list[Passes] = []

    def randomised(self, values: np.ndarray, seed: int) -> Randomisation | None:
        """The check with other weights; None where there is no network to draw anew."""
        if not offers(self._model.spec, "gradients"):
            return None
        return randomisation(self.of_model, self._model, self._picture, values, self.stages, seed)

    def of_model(self, model: Model) -> np.ndarray:
        """The map of the same picture by another model."""
        return self.of_picture(self._picture, model)

    def of_picture(self, picture: np.ndarray, model: Model | None = None) -> np.ndarray:
        """The map of another picture."""
        found = self._method.attribute(model or self._model, picture, self._target, **self._settings)
        self._made.append(Passes(found.passes, found.backward_passes))
        # At most two rounds of nearby pictures follow the randomisation.
        most = self.stages + DRAWS - 1 + 2 * SAMPLES if offers(self._model.spec, "gradients") else SAMPLES
        self._report(Progress(STEP, len(self._made), most))
        return found.values

    def cost(self, curves: int) -> Passes:
        """What the curves took, the maps, and of a network 1 pass to see in which order its layers run."""
        forward = sum(one.forward for one in self._made) + int(offers(self._model.spec, "gradients"))
        return Passes(curves + forward, sum(one.backward for one in self._made))
