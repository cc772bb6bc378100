"""SmoothGrad: the mean of the logit's gradients over noisy copies of the picture.

D. Smilkov, N. Thorat, B. Kim, F. Viégas, M. Wattenberg, "SmoothGrad: removing noise by adding noise",
2017. Gradients of a rectifier network jump from picture to picture that no eye tells apart; their mean
over normal noise around the picture is steadier. As for saliency, a pixel gets the one of its three
channels that is largest in size, so it says where changes matter near this picture, not what speaks
for or against the target. The copies are not cut to [0, 1], as in the paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from explain.attributions.image_method import ImageMethod, Map, Passes, Question, gradients
from explain.pictures import as_tensor, pictures_a_pass
from models.spec import ModelSpec, Setting


class SmoothGradMethod(ImageMethod):
    """The size of the logit's gradient, steadied by noise."""

    name = "smooth_grad"
    title = "SmoothGrad"
    signed = False
    cost = "as many passes forward and back as samples, and 1 forward for the picture"
    normalisation = "mean gradient over the copies, its largest size of the three channels; not scaled"

    def choices(self, spec: ModelSpec) -> tuple[Setting, ...]:
        noise = "Standard deviation, as a share of the range of the picture's values. 0.1 to 0.2 is usual."
        return (
            Setting(
                "samples", "Samples", "Noisy copies. More make it steadier.", "int", 50, low=1, high=1000
            ),
            Setting("noise", "Noise", noise, "float", 0.15, low=0.0, high=1.0),
            Setting("seed", "Seed", "Decides which noise is drawn.", "int", 0, low=0, high=2**32 - 1),
        )

    def _passes(self, spec: ModelSpec, chosen: Mapping[str, Any]) -> Passes:
        return Passes(chosen["samples"] + 1, chosen["samples"])

    def _map(self, question: Question) -> Map:
        import torch

        settings, network = question.settings, question.model.network
        pixels, size = as_tensor(question.picture[None]), pictures_a_pass(question.picture)
        deviation = settings["noise"] * float(np.ptp(question.picture))
        generator = torch.Generator().manual_seed(settings["seed"])
        with torch.no_grad():
            output = float(question.target.of(network(pixels)))
        total = torch.zeros(pixels.shape[1:], dtype=torch.float64)
        for begin in range(0, settings["samples"], size):
            question.go_on()
            copies = min(size, settings["samples"] - begin)
            noise = torch.randn((copies, *question.picture.shape), generator=generator).permute(0, 3, 1, 2)
            total += gradients(network, pixels + deviation * noise, question.target).sum(dim=0)
        return Map((total / settings["samples"]).abs().amax(dim=0).numpy(), output)


METHOD = SmoothGradMethod()
