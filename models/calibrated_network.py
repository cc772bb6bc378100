"""What every network for pictures here has: maps, their mean, one linear layer, a temperature.

Importing this module imports torch; who needs it does so inside a function.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class CalibratedNetwork(nn.Module):
    """Maps of a picture, their mean over it, one linear layer, and a temperature.

    Takes float32 of shape (n, 3, height, width) in [0, 1], sRGB; gives calibrated logits of shape
    (n, n_classes): divided by ``temperature``, which is 1 until it is set (Guo et al., "On calibration
    of modern neural networks", 2017).

    Attributes
    ----------
    last_conv : str
        Name of the layer whose maps Grad-CAM weighs.
    """

    last_conv: str
    temperature: Tensor

    def __init__(self, n_classes: int, channels: int) -> None:
        super().__init__()
        self.head = nn.Linear(channels, n_classes)
        self.register_buffer("temperature", torch.ones(()))

    def maps(self, x: Tensor) -> Tensor:
        """Maps of shape (n, channels, rows, columns)."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.maps(x).mean((2, 3))) / self.temperature

    def initialise(self, generator: torch.Generator, weights: str) -> None:
        """Draw every weight; a network that can begin with trained ones does so where ``weights`` asks."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=generator)
        nn.init.normal_(self.head.weight, std=0.01, generator=generator)
        nn.init.zeros_(self.head.bias)
