"""Gradient SHAP: expected gradients over a background of real pictures, by ``shap.GradientExplainer``.

G. Erion et al., "Improving performance of deep learning models with axiomatic attribution priors and
expected gradients", Nature Machine Intelligence 3, 2021; S. Lundberg, S.-I. Lee, "A unified approach to
interpreting model predictions", NeurIPS 2017. Each sample draws a picture of the background and a
point on the straight way from it to the explained one. In the mean over infinitely many samples the
values add up to the difference between the target's logit and its mean over the background; the gap
says how far these samples are from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from explain.attributions.attribution import MethodError
from explain.attributions.image_method import ImageMethod, Map, Passes, Question
from explain.locks import numpy_seeded
from explain.numbers import plural
from explain.pictures import as_tensor, pictures_a_pass
from models.spec import ModelSpec, Setting


class GradientShapMethod(ImageMethod):
    """Shares the difference to what is usual among the pixels, usual being a background of pictures."""

    name = "gradient_shap"
    title = "Gradient SHAP"
    signed = True
    complete = True
    cost = "as many passes forward and back as samples, and 1 forward for each picture of the background"
    normalisation = "sum over the three channels; not scaled"
    needs_background = True
    libraries = ("shap",)

    def choices(self, spec: ModelSpec) -> tuple[Setting, ...]:
        samples = "Points that are drawn between the background and the picture. More make it steadier."
        return (
            Setting("samples", "Samples", samples, "int", 100, low=1, high=5000),
            Setting("seed", "Seed", "Decides which points are drawn.", "int", 0, low=0, high=2**32 - 1),
        )

    def _passes(self, spec: ModelSpec, chosen: Mapping[str, Any]) -> Passes:
        return Passes(chosen["samples"] + len(chosen["background"]) + 1, chosen["samples"])

    def _chosen(self, spec: ModelSpec, given: Mapping[str, Any]) -> dict[str, Any]:
        others = dict(given)
        background = others.pop("background", None)
        if background is None:
            raise MethodError("Gradient SHAP compares with real pictures, and was given no background.")
        pictures = np.ascontiguousarray(background, dtype=np.float32)
        size = spec.image_size
        if pictures.shape[1:] != (size, size, 3) or not len(pictures):
            raise MethodError(
                f"Gradient SHAP needs a background of shape (n, {size}, {size}, 3), "
                f"not an array of shape {pictures.shape}."
            )
        if not (pictures.min() >= 0 and pictures.max() <= 1):
            raise MethodError("Gradient SHAP needs a background with values from 0 to 1.")
        return {**super()._chosen(spec, others), "background": pictures}

    def _told(self, chosen: Mapping[str, Any]) -> dict[str, Any]:
        pictures = chosen["background"]
        digest = hashlib.sha256(pictures.astype("<f4").tobytes()).hexdigest()
        return {**chosen, "background": {"pictures": len(pictures), "digest": digest}}

    def _baseline(self, chosen: Mapping[str, Any]) -> str | None:
        return f"a background of {plural(len(chosen['background']), 'real picture')}"

    def _map(self, question: Question) -> Map:
        import shap
        import torch

        settings, size = question.settings, pictures_a_pass(question.picture)
        network = _of_target(question, size)
        pixels, background = as_tensor(question.picture[None]), as_tensor(settings["background"])
        with torch.no_grad():
            output = float(network(pixels))
            explainer = shap.GradientExplainer(network, background, batch_size=size)
            base_value = float(network.last.mean())
        with numpy_seeded(settings["seed"]), torch.enable_grad():
            found = explainer.shap_values(pixels, nsamples=settings["samples"], rseed=settings["seed"])
        values = np.asarray(found, dtype=np.float64).reshape(3, *question.picture.shape[:2]).sum(axis=0)
        return Map(values, output, base_value)


def _of_target(question: Question, size: int) -> Any:
    """The network with the target as its only output, which spares shap all other classes.

    The network is no child of it, so shap's ``eval()`` and ``zero_grad()`` do not reach it.
    """
    import torch

    network, target = question.model.network, question.target

    class OfTarget(torch.nn.Module):
        last: Any = None

        def forward(self, x: Any) -> Any:
            question.go_on()
            logits = torch.cat([target.of(network(part))[:, None] for part in x.split(size)])
            self.last = logits.detach()
            return logits

    return OfTarget()


METHOD = GradientShapMethod()
