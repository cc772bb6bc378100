"""Integrated gradients: the logit's gradient along the straight way from a baseline to the picture.

M. Sundararajan, A. Taly, Q. Yan, "Axiomatic attribution for deep networks", ICML 2017. The values add
up to the difference of the target's logit between picture and baseline, but for what is lost because
the way is sampled at few points (Gauss-Legendre nodes, as captum takes them).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from explain.attributions.image_method import ImageMethod, Map, Passes, Question, baseline_choice, gradients
from explain.pictures import as_tensor, baseline, pictures_a_pass
from models.spec import ModelSpec, Setting


class IntegratedGradientsMethod(ImageMethod):
    """Credits every pixel with its share of the way from the baseline's answer to the picture's."""

    name = "integrated_gradients"
    title = "Integrated gradients"
    signed = True
    complete = True
    cost = "as many passes forward and back as steps, and 2 forward for the ends"
    normalisation = "sum over the three channels; not scaled"

    def choices(self, spec: ModelSpec) -> tuple[Setting, ...]:
        help = "Points on the way from the baseline to the picture. More make the sum more exact."
        return (Setting("steps", "Steps", help, "int", 50, low=1, high=500), baseline_choice())

    def _passes(self, spec: ModelSpec, chosen: Mapping[str, Any]) -> Passes:
        return Passes(chosen["steps"] + 2, chosen["steps"])

    def _map(self, question: Question) -> Map:
        import torch

        network, target, settings = question.model.network, question.target, question.settings
        start = baseline(question.picture, settings["baseline"])
        ends = as_tensor(np.stack([start, question.picture]))
        way = ends[1] - ends[0]
        size = pictures_a_pass(question.picture)
        shares, weights = (torch.from_numpy(column).split(size) for column in _nodes(settings["steps"]))
        total = torch.zeros(way.shape, dtype=torch.float64)
        for share, weight in zip(shares, weights, strict=True):
            question.go_on()
            total += (gradients(network, ends[:1] + share * way, target) * weight).sum(dim=0)
        with torch.no_grad():
            base_value, output = target.of(network(ends)).tolist()
        return Map((total * way).sum(dim=0).numpy(), output, base_value)


def _nodes(steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Where on the way from 0 to 1 to look, and with which weights; shape (steps, 1, 1, 1), float32."""
    nodes, weights = np.stack(np.polynomial.legendre.leggauss(steps)).astype(np.float32)
    return ((1 + nodes) / 2).reshape(-1, 1, 1, 1), (weights / 2).reshape(-1, 1, 1, 1)


METHOD = IntegratedGradientsMethod()
