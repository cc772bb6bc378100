"""Saliency: how strongly the target's logit reacts to each pixel, by the gradient (captum).

K. Simonyan, A. Vedaldi, A. Zisserman, "Deep inside convolutional networks: visualising image
classification models and saliency maps", ICLR workshop 2014. Of the three channels' gradients a
pixel gets the one that is largest in size. It says where a small change would matter, not what
speaks for or against the target.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from explain.attributions.image_method import ImageMethod, Listening, Map, Passes, Question
from explain.pictures import as_tensor
from models.spec import ModelSpec


class SaliencyMethod(ImageMethod):
    """The size of the logit's gradient, largest over the channels."""

    name = "saliency"
    title = "Saliency"
    signed = False
    cost = "1 pass forward and 1 back"
    normalisation = "largest absolute gradient of the three channels; not scaled"
    libraries = ("captum.attr",)

    def _passes(self, spec: ModelSpec, chosen: Mapping[str, Any]) -> Passes:
        return Passes(1, 1)

    def _map(self, question: Question) -> Map:
        from captum.attr import Saliency

        network = Listening(question.model.network, question.target)
        pixels = as_tensor(question.picture[None]).requires_grad_()
        sizes = Saliency(network).attribute(pixels)
        values = sizes[0].amax(dim=0).numpy().astype(np.float64)
        return Map(values, float(network.last[0]))


METHOD = SaliencyMethod()
