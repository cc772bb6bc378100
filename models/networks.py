"""A residual network for pictures, the model around it, and its file.

Importing this module imports torch; who needs it does so inside a function.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import torch
from safetensors.torch import load, save
from torch import Tensor, nn

from models.spec import ModelSpec

_METADATA = "crumbtrail"
_CHUNK = 64


class Block(nn.Module):
    """Two 3×3 convolutions around which the input is carried (He et al., "Deep residual learning", 2016).

    Where the side is halved, the carried input is averaged first, so that every pixel counts (He et
    al., "Bag of tricks", 2019). No maximum is taken anywhere: its gradient has no deterministic form.
    """

    def __init__(self, channels_in: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.carry = nn.Sequential(
            nn.AvgPool2d(stride, ceil_mode=True),
            nn.Conv2d(channels_in, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        change = self.norm2(self.conv2(self.relu1(self.norm1(self.conv1(x)))))
        return self.relu2(change + self.carry(x))


class ResidualNetwork(nn.Module):
    """A stem and residual blocks, the mean over the picture, and one linear layer.

    Takes float32 of shape (n, 3, height, width) in [0, 1], sRGB; gives calibrated logits of shape
    (n, n_classes): divided by ``temperature``, which is 1 until it is set (Guo et al., "On calibration
    of modern neural networks", 2017).
    """

    temperature: Tensor

    def __init__(self, n_classes: int, width: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        self.blocks = nn.Sequential(Block(width, 2 * width, 2), Block(2 * width, 4 * width, 2))
        self.head = nn.Linear(4 * width, n_classes)
        self.register_buffer("temperature", torch.ones(()))

    def forward(self, x: Tensor) -> Tensor:
        maps = self.blocks(self.stem((x - 0.5) / 0.25))
        return self.head(maps.mean((2, 3))) / self.temperature

    def initialise(self, generator: torch.Generator) -> None:
        """Draw the weights; each block begins as the carried input alone (Goyal et al., 2017)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=generator)
            elif isinstance(module, Block):
                nn.init.zeros_(module.norm2.weight)
        nn.init.normal_(self.head.weight, std=0.01, generator=generator)
        nn.init.zeros_(self.head.bias)


class NetworkModel:
    """A network as a `Model` with `HasNetwork`.

    ``last_conv`` names the last residual block: Grad-CAM weighs its maps, after the carried input was
    added, because that is what the answer is the mean of.
    """

    last_conv = "blocks.1"

    def __init__(self, spec: ModelSpec, network: ResidualNetwork) -> None:
        self.spec = spec
        self.network = network.eval().requires_grad_(False).to(memory_format=torch.channels_last)

    def predict_proba(self, batch: np.ndarray) -> np.ndarray:
        """Probabilities, ndarray of shape (n, n_classes); see `Model`."""
        side = self.spec.image_size
        if batch.ndim != 4 or batch.shape[1:] != (side, side, 3):
            raise ValueError(
                f"{self.spec.name} takes pictures of shape (n, {side}, {side}, 3), not {batch.shape}."
            )
        pixels = torch.from_numpy(np.ascontiguousarray(batch, dtype=np.float32)).permute(0, 3, 1, 2)
        with torch.inference_mode():
            logits = [self.network(chunk) for chunk in pixels.split(_CHUNK)]
            return torch.cat(logits).double().softmax(1).numpy()


def named_arrays(model: NetworkModel) -> dict[str, np.ndarray]:
    """Every weight, running mean and variance, and the temperature, by the name that torch gives it."""
    return {name: np.ascontiguousarray(value.numpy()) for name, value in model.network.state_dict().items()}


def dump(model: NetworkModel, width: int) -> bytes:
    """The weights as a safetensors file: no pickle inside.

    What is needed to build the network stands in one metadata entry: with more than one, the order in
    which safetensors writes them, and so the bytes, would differ from run to run.
    """
    about = json.dumps({"classes": list(model.spec.classes), "width": width}, sort_keys=True)
    tensors = {name: value.contiguous() for name, value in model.network.state_dict().items()}
    return save(tensors, metadata={_METADATA: about})


def restore(spec: ModelSpec, artefact: bytes) -> NetworkModel:
    """Make the model from its file, whose digest the caller has compared."""
    length = int.from_bytes(artefact[:8], "little")
    about: dict[str, Any] = json.loads(json.loads(artefact[8 : 8 + length])["__metadata__"][_METADATA])
    network = ResidualNetwork(len(about["classes"]), about["width"])
    network.load_state_dict(load(artefact))
    return NetworkModel(spec, network)
