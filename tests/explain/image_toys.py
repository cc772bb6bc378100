"""Image models for the tests of `explain`: 3 classes, small, and simple enough to be worked out by hand."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from explain import methods
from explain.targets import ClassTarget
from models.spec import ModelSpec

SIDE = 32
CLASSES = ("a", "b", "c")


class ToyImageModel:
    """A network as a `Model` with `HasNetwork`."""

    def __init__(self, network, last_conv="conv2", side=SIDE, capabilities=("gradients", "layers")):
        self.spec = ModelSpec("toy", "Toy CNN", "image", CLASSES, (), side, frozenset(capabilities))
        self.network = network.eval()
        self.last_conv = last_conv

    def predict_proba(self, batch):
        pixels = torch.from_numpy(np.ascontiguousarray(batch, dtype=np.float32)).permute(0, 3, 1, 2)
        with torch.no_grad():
            return self.network(pixels).double().softmax(1).numpy()


class SmallNet(nn.Module):
    """Two convolutions, rectifiers that write in place, and a linear layer.

    With seed 3 its Grad-CAM is positive in a part of the picture, for every class.
    """

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3, 2, 1)
        self.norm = nn.BatchNorm2d(6)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(6, 8, 3, 2, 1)
        self.relu2 = nn.ReLU(inplace=True)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        maps = self.relu2(self.conv2(self.relu1(self.norm(self.conv1(x)))))
        return self.head((maps**2).mean((2, 3)))


def small(seed=3):
    torch.manual_seed(seed)
    return ToyImageModel(SmallNet())


def linear(side=SIDE, seed=1):
    """The logits are sums of weight times pixel; returns the model and weights (class, h, w, channel)."""
    torch.manual_seed(seed)
    layer = nn.Linear(3 * side * side, 3)
    weights = layer.weight.detach().numpy().reshape(3, 3, side, side).transpose(0, 2, 3, 1)
    model = ToyImageModel(nn.Sequential(nn.Flatten(), layer), side=side, capabilities=("gradients",))
    return model, weights.astype(np.float64)


def picture(seed=0, side=SIDE):
    return np.random.default_rng(seed).random((side, side, 3), dtype=np.float32)


def background(n=5, side=SIDE):
    return np.stack([picture(100 + i, side) for i in range(n)])


def as_tensor(picture):
    return torch.from_numpy(picture).permute(2, 0, 1)[None].contiguous()


# The methods that explain pictures, and settings with which they take milliseconds.
NAMES = [fit.method.name for fit in methods.for_spec(small().spec)]
QUICK = {
    "smooth_grad": {"samples": 5},
    "integrated_gradients": {"steps": 7},
    "gradient_shap": {"samples": 6, "background": background()},
    "superpixel_shap": {"superpixels": 12, "samples": 30},
}


def run(name, model, picture, target=0, **settings):
    of = ClassTarget(target) if isinstance(target, int) else target
    return methods.image_method(name).attribute(model, picture, of, **{**QUICK.get(name, {}), **settings})


def hooks(network):
    """How many hooks of each kind each module has."""
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return [len(getattr(module, kind)) for module in network.modules() for kind in kinds]
