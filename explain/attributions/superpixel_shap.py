"""Superpixel SHAP: the Shapley value of each patch of like colour, by ``shap.KernelExplainer``.

S. Lundberg, S.-I. Lee, "A unified approach to interpreting model predictions", NeurIPS 2017. Superpixels
are the players of a game: what a coalition wins is the target's score for the picture in which all others
are covered. A Shapley value is a superpixel's mean gain over all orders in which the superpixels can join.
SHAP asks about all coalitions where there are no more of them than samples, and the values are then exact;
else it asks about the smallest and largest ones and draws of the others, in pairs of opposites, and fits.
Either way the values add up to the score less that of the covered picture. The score is a network's logit;
`explain.attributions.scores` says what it is where there is no network. A superpixel's value is shared equally
among its pixels, so how it divides inside is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from explain.attributions.attribution import MethodError
from explain.attributions.image_method import ImageMethod, Map, Passes, Question, baseline_choice
from explain.attributions.superpixels import superpixels
from explain.locks import numpy_seeded
from explain.pictures import as_tensor, baseline, pictures_a_pass
from models.spec import ModelSpec, Setting


class SuperpixelShapMethod(ImageMethod):
    """Shares the score among patches of like colour, as a fair division of what they win together."""

    name = "superpixel_shap"
    title = "Superpixel SHAP"
    signed = True
    complete = True
    cost = "1 pass forward for each sample, and 2 for the ends; no pass back"
    needs = "probabilities"
    normalisation = "a superpixel's value is shared equally among its pixels; not scaled"
    libraries = ("shap", "skimage.segmentation", "torch")

    def choices(self, spec: ModelSpec) -> tuple[Setting, ...]:
        patches = "Patches of like colour to look for. About as many are found."
        samples = "Coalitions of superpixels to ask about. More make the values steadier."
        return (
            Setting("superpixels", "Superpixels", patches, "int", 24, low=2, high=100),
            Setting("samples", "Samples", samples, "int", 500, low=4, high=10000),
            Setting("seed", "Seed", "Decides which coalitions are drawn.", "int", 0, low=0, high=2**32 - 1),
            baseline_choice(),
        )

    def _passes(self, spec: ModelSpec, chosen: Mapping[str, Any]) -> Passes:
        return Passes(chosen["samples"] + 2)

    def _chosen(self, spec: ModelSpec, given: Mapping[str, Any]) -> dict[str, Any]:
        chosen = super()._chosen(spec, given)
        if chosen["samples"] < 2 * chosen["superpixels"]:
            raise MethodError(
                f"Superpixel SHAP: {chosen['samples']} samples are too few for {chosen['superpixels']} "
                "superpixels. Take at least two samples for each."
            )
        return chosen

    def _map(self, question: Question) -> Map:
        import shap

        settings = question.settings
        patches = superpixels(question.picture, settings["superpixels"])
        players = int(patches.max()) + 1
        game = _Game(question, patches)
        with numpy_seeded(settings["seed"]):
            explainer = shap.KernelExplainer(game, np.zeros((1, players)))
            found = explainer.shap_values(
                np.ones((1, players)), nsamples=settings["samples"], l1_reg=False, silent=True
            )
        values = np.asarray(found, dtype=np.float64).reshape(players) / np.bincount(patches.reshape(-1))
        ends = float(explainer.fx[0]), float(explainer.expected_value)
        return Map(values[patches], *ends, Passes(game.passes), game.units)


class _Game:
    """What coalitions of superpixels win; `passes` counts how many were asked about."""

    def __init__(self, question: Question, patches: np.ndarray) -> None:
        import torch

        self._question, self._patches = question, torch.from_numpy(patches)
        self._scores = question.scores
        self.units = self._scores.units
        stand_in = baseline(question.picture, question.settings["baseline"])
        self._ends = as_tensor(question.picture[None]), as_tensor(stand_in[None])
        self.passes = 0

    def __call__(self, coalitions: np.ndarray) -> np.ndarray:
        """The target's score for each row of ones and zeros, ndarray of shape (n_coalitions,), float64."""
        import torch

        won = []
        for part in torch.from_numpy(coalitions > 0).split(pictures_a_pass(self._question.picture)):
            self._question.go_on()
            pictures = torch.where(part[:, self._patches][:, None], *self._ends)
            won.append(self._scores(pictures.to(memory_format=torch.channels_last)).double())
        self.passes += len(coalitions)
        return torch.cat(won).numpy()


METHOD = SuperpixelShapMethod()
