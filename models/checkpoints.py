"""The network as it was on the way: copies of its running mean at a few epochs, kept beside the artefact.

Importing this module imports torch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from safetensors.torch import load, save
from torch import Tensor

from models import networks, safetensors_files
from models.calibrated_network import CalibratedNetwork
from models.networks import NetworkModel
from models.spec import ModelSpec

FILE = "checkpoints.safetensors"
_METADATA = "epochs"


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A network as it was after an epoch, with the temperature that was chosen at the end."""

    epoch: int
    model: NetworkModel


class Keeper:
    """Keeps copies while a training goes on.

    Parameters
    ----------
    n : int
        How many; fewer where there are fewer epochs.
    epochs : int
        Of the training. The kept ones lie closer together at its beginning, where more happens; the last
        epoch is not among them, for it is the artefact.
    """

    def __init__(self, n: int, epochs: int) -> None:
        spread = np.geomspace(1, epochs, n + 1).round().astype(int).tolist() if n else []
        self.epochs = sorted(set(spread) - {epochs})
        self._seen = 0
        self._kept: dict[str, Tensor] = {}

    def see(self, network: CalibratedNetwork) -> None:
        """Told after each epoch."""
        self._seen += 1
        if self._seen in self.epochs:
            for name, value in network.state_dict().items():
                # Half precision: what is shown of a checkpoint is a percentage and a map.
                short = value.half() if value.is_floating_point() else value.clone()
                self._kept[f"{self._seen}/{name}"] = short.contiguous()

    def dump(self) -> bytes:
        """The file; see `read`."""
        return save(self._kept, metadata={_METADATA: json.dumps(self.epochs)})


def read(spec: ModelSpec, content: bytes, artefact: bytes) -> tuple[Checkpoint, ...]:
    """The checkpoints of a version, the first epoch first.

    Parameters
    ----------
    content : bytes
        The file that `Keeper.dump` made.
    artefact : bytes
        The version's own, which says how the network is built and gives the temperature.

    Raises
    ------
    ValueError
        If one of them is none of such a network; the message is half a sentence.
    """
    epochs = safetensors_files.metadata(content, _METADATA)
    if not isinstance(epochs, list) or any(type(epoch) is not int for epoch in epochs):
        raise ValueError("its head does not say after which epochs it was kept")
    end = networks.restore(spec, artefact).network.state_dict()
    shapes = {
        f"{epoch}/{name}": ("F16" if value.is_floating_point() else "I64", tuple(value.shape))
        for epoch in epochs
        for name, value in end.items()
    }
    safetensors_files.check_shapes(content, shapes)
    tensors = load(content)
    return tuple(Checkpoint(epoch, _model(spec, tensors, epoch, artefact)) for epoch in epochs)


def _model(spec: ModelSpec, tensors: Mapping[str, Tensor], epoch: int, artefact: bytes) -> NetworkModel:
    made = networks.restore(spec, artefact)
    begins, temperature = f"{epoch}/", made.network.temperature.clone()
    state = {name.removeprefix(begins): t for name, t in tensors.items() if name.startswith(begins)}
    made.network.load_state_dict({n: t.float() if t.is_floating_point() else t for n, t in state.items()})
    with torch.no_grad():
        made.network.temperature.copy_(temperature)
    return made
