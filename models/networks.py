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

from models import safetensors_files
from models.calibrated_network import CalibratedNetwork
from models.spec import ModelSpec

BACKBONES = ("residual", "mobilenet_v3_small")
_METADATA = "crumbtrail"
_CHUNK = 64
# As safetensors writes the types that a network here has.
_DTYPES = {torch.float32: "F32", torch.int64: "I64"}


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
    """Make the model from its file, whose digest the caller has compared.

    What the file says of itself is held against the spec, and the shapes of its arrays against the network that it
    says it holds, before either takes any memory.

    Raises
    ------
    ValueError
        If the file is none of a network with the spec's classes; the message is half a sentence.
    """
    about = safetensors_files.metadata(artefact, _METADATA)
    backbone, width = _built_as(spec, about)
    safetensors_files.check_shapes(artefact, _shapes(len(spec.classes), backbone, width))
    network = build(len(spec.classes), backbone, width)
    network.load_state_dict(load(artefact))
    return NetworkModel(spec, network)


def _built_as(spec: ModelSpec, about: Any) -> tuple[str, int]:
    """Backbone and width that a file's metadata names."""
    if not isinstance(about, dict) or about.get("classes") != list(spec.classes):
        raise ValueError(f"it holds no network that tells {', '.join(spec.classes)} apart")
    # Files from before there was a choice do not name it.
    backbone, width = about.get("backbone", "residual"), about.get("width")
    if backbone not in BACKBONES:
        raise ValueError(f"it names a backbone that is none of {', '.join(BACKBONES)}")
    # The mobile network has no width, and writes what the setting said.
    if type(width) is not int or width < 0 or (backbone == "residual" and width == 0):
        raise ValueError("it names no width that is a positive whole number")
    return backbone, width


def _shapes(n_classes: int, backbone: str, width: int) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Type and shape of every array of a network, for which nothing is allocated, however wide it is."""
    try:
        with torch.device("meta"):
            state = build(n_classes, backbone, width).state_dict()
    except (RuntimeError, OverflowError) as error:
        raise ValueError("it names a width with which no network can be built") from error
    return {name: (_DTYPES[value.dtype], tuple(value.shape)) for name, value in state.items()}
