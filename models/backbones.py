"""Networks that begin with layers trained on other pictures. Importing this imports torch and torchvision."""

from __future__ import annotations

import torch
from torch import Generator, Tensor
from torchvision.models import MobileNet_V3_Small_Weights, mobilenet_v3_small

from data.failures import CrumbtrailError
from models.calibrated_network import CalibratedNetwork


class WeightsError(CrumbtrailError):
    """Trained weights cannot be had; the message says why and where they would be looked for."""


class MobileNetwork(CalibratedNetwork):
    """MobileNetV3-Small's convolutions, the mean over the picture, and one linear layer.

    Howard et al., "Searching for MobileNetV3", 2019; with ``DEFAULT`` weights trained on ImageNet-1K.
    Grad-CAM reads the last block that still has a sixteenth of the side; after it 3×3 places are left.
    """

    last_conv = "features.8"

    def __init__(self, n_classes: int) -> None:
        super().__init__(n_classes, channels=576)
        self.features = mobilenet_v3_small(weights=None).features
        for module in self.modules():
            if hasattr(module, "inplace"):
                # A method that watches a layer must find its output as it was.
                module.inplace = False  # type: ignore[assignment]

    def maps(self, x: Tensor) -> Tensor:
        mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
        deviation = torch.tensor([0.229, 0.224, 0.225])[:, None, None]
        return self.features((x - mean) / deviation)

    def initialise(self, generator: Generator, weights: str) -> None:
        """Draw the weights, or take torchvision's for all layers but the last.

        Raises
        ------
        WeightsError
            If the weights are neither in torch's cache nor can be fetched.
        """
        super().initialise(generator, weights)
        if weights == "none":
            return
        which = MobileNet_V3_Small_Weights.DEFAULT
        try:
            state = which.get_state_dict(progress=False, check_hash=True)
            self.features.load_state_dict(
                {
                    name.removeprefix("features."): value
                    for name, value in state.items()
                    if "features." in name
                }
            )
        except Exception as error:
            # No network, no space, a damaged file, weights of another network: all mean the same here.
            raise WeightsError(
                f"torchvision's weights {which} cannot be loaded ({' '.join(str(error).split())[:160]}). Put "
                f"{which.url.rpartition('/')[2]} into {torch.hub.get_dir()}/checkpoints, or train with weights=none."
            ) from error
