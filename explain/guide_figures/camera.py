"""Grad-CAM in its three steps: the maps and their weights, the weighted sum, the heat map.

The same computation as `explain.attributions.grad_cam`, which keeps only the last step (Selvaraju et al., 2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explain.locks import twin_of
from explain.pictures import as_tensor
from models.spec import HasNetwork


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """What Grad-CAM computes on its way.

    Attributes
    ----------
    maps : ndarray of shape (n_maps, rows, columns)
        What the last convolution answers.
    weights : ndarray of shape (n_maps,)
        Mean gradient of the target's logit over each map, in logit a unit of the map.
    total : ndarray of shape (rows, columns)
        Sum of weight times map.
    heat : ndarray of shape (height, width)
        The total without what is negative, interpolated to the picture's size.
    """

    maps: np.ndarray
    weights: np.ndarray
    total: np.ndarray
    heat: np.ndarray

    @property
    def added(self) -> np.ndarray:
        """What each map adds to the total over all cells, ndarray of shape (n_maps,).

        In logit, and all of the logit but its offset where the maps' means go into one linear layer.
        """
        return self.weights * self.maps.sum(axis=(1, 2))

    def strongest(self, n: int) -> np.ndarray:
        """Positions of the n maps that add or take most."""
        return np.argsort(-np.abs(self.added), kind="stable")[:n]


def steps(model: HasNetwork, picture: np.ndarray, target: int) -> Steps:
    """Take Grad-CAM apart for one picture.

    Parameters
    ----------
    picture : ndarray of shape (height, width, 3), float32 in [0, 1]
    target : int
        Position of the class.
    """
    import torch
    from torch.nn import functional

    kept: list[Any] = []

    def keep(_module: Any, _given: Any, answer: Any) -> Any:
        kept.append(answer)
        # What comes next may write into what it is given.
        return answer.clone()

    pixels = as_tensor(np.ascontiguousarray(picture[None], dtype=np.float32)).requires_grad_()
    with twin_of(model.network) as twin, torch.enable_grad():
        hook = twin.get_submodule(model.last_conv).register_forward_hook(keep)
        try:
            logit = twin(pixels)[0, target]
        finally:
            hook.remove()
        (gradient,) = torch.autograd.grad(logit, kept[0])
    maps = kept[0].detach()[0]
    weights = gradient[0].mean(dim=(1, 2))
    total = (weights[:, None, None] * maps).sum(dim=0)
    heat = functional.interpolate(
        total.clamp(min=0)[None, None], picture.shape[:2], mode="bilinear", align_corners=False
    )
    return Steps(*(part.numpy().astype(np.float64) for part in (maps, weights, total, heat[0, 0])))
