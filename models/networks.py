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

from models.calibrated_network import CalibratedNetwork
from models.spec import ModelSpec

BACKBONES = ("residual", "mobilenet_v3_small")
_METADATA = "crumbtrail"
_CHUNK = 64


class Block(nn.Module):
    """Two 3×3 convolutions around which the input is carried (He et al., "Deep residual learning", 2016).

    Where the side is halved, the carried input is averaged first, so that every pixel counts (He et al.,
    "Bag of tricks", 2019); where nothing changes its shape it is carried as it is. No maximum is taken
    anywhere: its gradient has no deterministic form.
    """

    def __init__(self, channels_in: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.carry = (
            nn.Identity()
            if (channels_in, stride) == (channels, 1)
            else nn.Sequential(
                nn.AvgPool2d(stride, ceil_mode=True),
                nn.Conv2d(channels_in, channels, 1, bias=False),
                nn.BatchNorm2d(channels),
            )
        )
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        change = self.norm2(self.conv2(self.relu1(self.norm1(self.conv1(x)))))
        return self.relu2(change + self.carry(x))


class ResidualNetwork(CalibratedNetwork):
    """A stem and residual blocks, from scratch.

    Two blocks work at a quarter of the picture's side and two at an eighth, so that a value of the last
    maps has seen nearly all of a picture of 96 pixels (87 of them), and twelve of them stand in a row.

    Grad-CAM weighs the maps of the last block after the carried input was added, because that is what
    the answer is the mean of.
    """

    last_conv = "blocks.3"

    def __init__(self, n_classes: int, width: int) -> None:
        middle, wide = 3 * width // 2, 5 * width // 2
        super().__init__(n_classes, channels=wide)
        self.stem = nn.Sequential(nn.Conv2d(3, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        self.blocks = nn.Sequential(
            Block(width, middle, 2), Block(middle, middle, 1), Block(middle, wide, 2), Block(wide, wide, 1)
        )

    def maps(self, x: Tensor) -> Tensor:
        return self.blocks(self.stem((x - 0.5) / 0.25))

    def initialise(self, generator: torch.Generator, weights: str) -> None:
        super().initialise(generator, weights)
        for block in self.blocks.children():
            if isinstance(block, Block):
                # Each begins as the carried input alone (Goyal et al., "Accurate, large minibatch SGD", 2017).
                nn.init.zeros_(block.norm2.weight)


def build(n_classes: int, backbone: str, width: int) -> CalibratedNetwork:
    """A network of one of `BACKBONES`; ``width`` counts for ``residual`` alone."""
    if backbone == "residual":
        return ResidualNetwork(n_classes, width)
    # torchvision takes as long to import as torch, and only this backbone needs it.
    from models.backbones import MobileNetwork

    return MobileNetwork(n_classes)


class NetworkModel:
    """A network as a `Model` with `HasNetwork`."""

    def __init__(self, spec: ModelSpec, network: CalibratedNetwork) -> None:
        self.spec = spec
        self.last_conv = network.last_conv
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


def dump(model: NetworkModel, backbone: str, width: int) -> bytes:
    """The weights as a safetensors file: no pickle inside.

    What is needed to build the network stands in one metadata entry: with more than one, the order in
    which safetensors writes them, and so the bytes, would differ from run to run.
    """
    about = json.dumps(
        {"classes": list(model.spec.classes), "backbone": backbone, "width": width}, sort_keys=True
    )
    tensors = {name: value.contiguous() for name, value in model.network.state_dict().items()}
    return save(tensors, metadata={_METADATA: about})


def restore(spec: ModelSpec, artefact: bytes) -> NetworkModel:
    """Make the model from its file, whose digest the caller has compared."""
    length = int.from_bytes(artefact[:8], "little")
    about: dict[str, Any] = json.loads(json.loads(artefact[8 : 8 + length])["__metadata__"][_METADATA])
    # Files from before there was a choice do not name it.
    network = build(len(about["classes"]), about.get("backbone", "residual"), about["width"])
    network.load_state_dict(load(artefact))
    return NetworkModel(spec, network)
