"""Grad-CAM: which maps of the last convolution speak for the target, and where they are active (captum).

R. R. Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based
localization", ICCV 2017. Each map is weighted with the mean gradient of the target's logit over it,
the weighted maps are added, what is negative is dropped, and the coarse result is interpolated to the
picture's size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from explain.attributions.image_method import ImageMethod, Listening, Map, Passes, Question
from explain.locks import twin_of
from explain.pictures import as_tensor
from models.spec import ModelSpec


class GradCamMethod(ImageMethod):
    """Where the last convolution finds what speaks for the target."""

    name = "grad_cam"
    title = "Grad-CAM"
    signed = False
    cost = "1 pass forward and 1 back to the last convolution"
    normalisation = "maps of the last convolution added by weight, negative dropped, interpolated; not scaled"
    needs = "layers"
    libraries = ("captum.attr",)

    def _passes(self, spec: ModelSpec, chosen: Mapping[str, Any]) -> Passes:
        return Passes(1, 1)

    def _map(self, question: Question) -> Map:
        from captum.attr import LayerGradCam
        from torch.nn import functional

        # The gradient begins at the layer, where captum asks for it; what comes before builds no graph.
        pixels = as_tensor(question.picture[None])
        with twin_of(question.model.network) as twin:
            network = Listening(twin, question.target)
            layer = twin.get_submodule(question.model.last_conv)
            coarse = LayerGradCam(network, layer).attribute(pixels, relu_attributions=True)
        size = question.picture.shape[:2]
        fine = functional.interpolate(coarse.detach(), size, mode="bilinear", align_corners=False)
        return Map(fine[0, 0].numpy().astype(np.float64), float(network.last[0]))


METHOD = GradCamMethod()
