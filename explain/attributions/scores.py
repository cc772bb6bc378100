"""What a method for pictures follows: the target's score, before it becomes a probability.

A network gives it as its logit. Of a model that gives probabilities alone it is the *log-odds*: the logarithm of
the target's probability over that of all other classes together, or over that of the one class that it is held
against. Of one class against another, and where there are but two, log-odds are the difference of the logits; of
more classes, a class's log-odds are its logit less the logarithm of the others' summed exponentials. A probability
itself is a poor score: near 1 it hides what is taken away.
"""

from __future__ import annotations

from typing import Any, Literal, cast

import numpy as np

from explain.levels import offers
from explain.targets import Target
from models.spec import HasNetwork, Model

LEAST = 1e-6
"""Probabilities below this count as this: what a model calls impossible has no finite logarithm. So log-odds end
at about 13.8 either way, and a map says nothing of changes beyond."""

KEPT_APART = f"; probabilities below {LEAST:.0e} count as {LEAST:.0e}"


def log_odds(probabilities: np.ndarray, target: Target, least: float = LEAST) -> np.ndarray:
    """Logarithm of the probability for the target over that against it.

    Parameters
    ----------
    probabilities : ndarray of shape (n, n_classes)
    target : Target
    least : float
        What a smaller probability counts as.

    Returns
    -------
    ndarray of shape (n,), float64
    """
    one, other = target.sides(probabilities)
    return np.log(np.maximum(one, least)) - np.log(np.maximum(other, least))


class Scores:
    """A model's score of one target for pictures as tensors.

    Attributes
    ----------
    units : str
        ``logit`` or ``log-odds``.
    network : torch.nn.Module or None
        Where the model has one.
    """

    def __init__(self, model: Model, target: Target) -> None:
        self._model, self._target = model, target
        self.network = cast(HasNetwork, model).network if offers(model.spec, "logits") else None

    @property
    def units(self) -> Literal["logit", "log-odds"]:
        return "log-odds" if self.network is None else "logit"

    def __call__(self, pictures: Any) -> Any:
        """Scores of pictures.

        Parameters
        ----------
        pictures : Tensor of shape (n, 3, height, width)

        Returns
        -------
        Tensor of shape (n,)
        """
        import torch

        with torch.no_grad():
            if self.network is not None:
                return self._target.of(self.network(pictures))
            batch = np.ascontiguousarray(pictures.permute(0, 2, 3, 1).numpy())
            return torch.from_numpy(log_odds(self._model.predict_proba(batch), self._target))
