"""The way of integrated gradients, step by step: the logit along it, and what the pixels have gathered.

The gradient is taken in the middle of each step (midpoint rule), so that what was gathered up to a point
can be shown beside the logit there. `explain.attributions.integrated_gradients` takes Gauss-Legendre nodes instead,
which need fewer points for the same sum but have no meaning half way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explain.pictures import as_tensor
from models.spec import HasNetwork


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """A straight way from a baseline to a picture.

    Attributes
    ----------
    shares : ndarray of shape (n_steps + 1,)
        Share of the way, 0 to 1.
    logits : ndarray of shape (n_steps + 1,)
        The target's logit there.
    sums : ndarray of shape (n_steps + 1,)
        What all pixels together have gathered up to there, in logit.
    maps : ndarray of shape (n_steps + 1, height, width)
        What each pixel has gathered, its three channels added.
    """

    shares: np.ndarray
    logits: np.ndarray
    sums: np.ndarray
    maps: np.ndarray

    @property
    def gap(self) -> float:
        """How far what was gathered differs from the logit's change over the whole way."""
        return float(abs(self.sums[-1] - (self.logits[-1] - self.logits[0])))


def path(model: HasNetwork, picture: np.ndarray, start: np.ndarray, target: int, n_steps: int = 40) -> Path:
    """Walk from a baseline to a picture.

    Parameters
    ----------
    picture, start : ndarray of shape (height, width, 3), float32 in [0, 1]
        The explained picture, and the baseline.
    target : int
        Position of the class.
    n_steps : int
        Positive.
    """
    import torch

    shares = np.linspace(0, 1, n_steps + 1)
    middles = (shares[1:] + shares[:-1]) / 2
    ends = as_tensor(np.stack([start, picture]))
    way = ends[1] - ends[0]

    def at(places: np.ndarray) -> torch.Tensor:
        return ends[:1] + torch.from_numpy(places.astype(np.float32)).reshape(-1, 1, 1, 1) * way

    with torch.no_grad():
        logits = model.network(at(shares))[:, target].double().numpy()
    points = at(middles).requires_grad_()
    with torch.enable_grad():
        total = model.network(points)[:, target].sum()
    (gradients,) = torch.autograd.grad(total, points)
    gathered = (gradients.double() * way).sum(dim=1).numpy() / n_steps
    maps = np.concatenate([np.zeros_like(gathered[:1]), gathered.cumsum(axis=0)])
    return Path(shares, logits, maps.sum(axis=(1, 2)), maps)
