"""Randomisation: does the map change when the network's weights are replaced by random ones?

J. Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018: layers are drawn anew one after the
other, from the head down, and the map is compared with the original after each stage.

What is taken of it, and of A. Hedström et al., "A fresh look at sanity checks for saliency maps", 2024,
who found that stages in between favour some methods, because the layers below still hold what they
learned, and that one comparison with one draw is noisy: the stages are reported, but what counts is the
map with *every* layer drawn anew, as the mean over several draws, which takes few maps and no smoothing.
Their "efficient" end point, the rise of the map's complexity, is reported beside it and does not count:
a Grad-CAM that comes out empty for random weights makes it fall, though the map has changed entirely.

Weights are never changed where others read them: a copy of the network is made, and drawn anew there.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from explain.pictures import as_tensor
from explain.trust.checks.similarity import complexity, rank_similarity, structural_similarity
from models.spec import HasNetwork, Model, ModelSpec

# Complete draws over which the similarity is averaged; the cascade's end is the first of them.
DRAWS = 3
# At most this many stages are compared; of a deeper network several layers make one stage.
STAGES = 8


class Redrawn:
    """A model around a network whose weights are drawn anew: another one with `HasNetwork`."""

    def __init__(self, model: HasNetwork, spec: ModelSpec) -> None:
        self.spec = spec
        self.network = copy.deepcopy(model.network)
        self.last_conv = model.last_conv

    def predict_proba(self, batch: np.ndarray) -> np.ndarray:
        """As `models.spec.Model.predict_proba`."""
        import torch

        with torch.inference_mode():
            logits = self.network(as_tensor(np.ascontiguousarray(batch, dtype=np.float32)))
            return logits.double().softmax(1).numpy()


@dataclass(frozen=True, slots=True)
class Stage:
    """How alike the original map and the one after a stage are.

    Attributes
    ----------
    layer : str
        The last layer that was drawn anew, by its name in the network; those above it are too.
    replaced : float
        Share of the layers that are drawn anew, above 0, at most 1.
    rank, structure : float
        See `explain.trust.checks.similarity`.
    """

    layer: str
    replaced: float
    rank: float
    structure: float


@dataclass(frozen=True, slots=True, eq=False)
class Randomisation:
    """What the check finds.

    Attributes
    ----------
    stages : tuple of Stage
        From the head alone to all layers.
    draws : tuple of float
        Rank similarity with all layers drawn anew, draw by draw.
    complexity_rise : float or None
        (complexity with all layers drawn anew - original) / original; None for an original without any.
    random_map : ndarray of shape (height, width)
        The map of the last draw: the placebo "random weights".
    random_seed : int
        With which `untrained` gives that draw's model again.
    """

    stages: tuple[Stage, ...]
    draws: tuple[float, ...]
    complexity_rise: float | None
    random_map: np.ndarray
    random_seed: int

    @property
    def similarity(self) -> float:
        """Mean over the draws; what is opposite in rank has changed, so a draw counts 0 at least."""
        return float(np.mean(np.maximum(self.draws, 0)))

    @property
    def score(self) -> float:
        """1 - similarity: 0 for a map that does not look at the weights, 1 for one that is all theirs."""
        return 1 - self.similarity


def randomisation(
    explain: Callable[[Model], np.ndarray],
    model: Model,
    picture: np.ndarray,
    original: np.ndarray,
    stages: int = STAGES,
    seed: int = 0,
) -> Randomisation:
    """Compare a map with the maps of the same network with other weights.

    Costs 1 pass forward to see in which order layers run, and `stages` + `DRAWS` - 1 maps; fewer stages
    where the network has fewer layers.

    Parameters
    ----------
    explain : callable (model) -> ndarray of shape (height, width)
        The method, asked about the same picture and target.
    model : Model
        With capability ``gradients``; left as it is.
    picture : ndarray of shape (height, width, 3), float32 in [0, 1]
    original : ndarray of shape (height, width)
        The map in question.
    stages : int
        Most stages to compare, 1 or more.
    seed : int
        Decides what is drawn.
    """
    found = []
    for layer, replaced, redrawn in cascade(model, picture, stages, seed):
        values = explain(redrawn)
        rank, structure = rank_similarity(original, values), structural_similarity(original, values)
        found.append(Stage(layer, replaced, rank, structure))
    draws, last = [found[-1].rank], seed
    for last in range(seed + 1, seed + DRAWS):
        values = explain(untrained(model, last))
        draws.append(rank_similarity(original, values))
    before = complexity(original)
    rise = (complexity(values) - before) / before if before else None
    return Randomisation(tuple(found), tuple(draws), rise, values, last)


def cascade(
    model: Model, picture: np.ndarray, stages: int, seed: int
) -> Iterator[tuple[str, float, Redrawn]]:
    """Draw layers anew from the head down; after each stage the last layer, the share so far, the model.

    Each model is a copy of its own, so that nothing that a method remembers of a network can be stale.
    """
    import torch

    redrawn = Redrawn(_with_network(model), model.spec)
    layers = _from_the_head(redrawn.network, picture)
    generator = torch.Generator().manual_seed(seed)
    for group in np.array_split(np.arange(len(layers)), min(stages, len(layers))):
        for index in group:
            redraw(layers[index][1], generator)
        yield layers[group[-1]][0], float((group[-1] + 1) / len(layers)), Redrawn(redrawn, model.spec)


def untrained(model: Model, seed: int) -> Redrawn:
    """A copy of a model with every weight drawn anew; the model is left as it is."""
    import torch

    redrawn, generator = Redrawn(_with_network(model), model.spec), torch.Generator().manual_seed(seed)
    for module in redrawn.network.modules():
        redraw(module, generator)
    return redrawn


def redraw(layer: Any, generator: Any) -> None:
    """Give a layer the state in which an untrained one begins, by draws of a ``torch.Generator``.

    Weights are drawn as `models.networks` draws them (Kaiming normal, over what goes in). Offsets become
    0 and the scales of a normalisation 1, and its running mean and variance 0 and 1: kept, they would
    hold what the network has learned of the pictures. Other buffers, as a temperature, only scale.
    """
    from torch import nn

    for name, value in layer.named_parameters(recurse=False):
        if value.ndim > 1:
            nn.init.kaiming_normal_(value, nonlinearity="relu", generator=generator)
        else:
            nn.init.constant_(value, 0.0 if name.endswith("bias") else 1.0)
    for name, value in layer.named_buffers(recurse=False):
        if name in ("running_mean", "running_var"):
            nn.init.constant_(value, float(name == "running_var"))


def _from_the_head(network: Any, picture: np.ndarray) -> list[tuple[str, Any]]:
    """Layers with weights of their own, by name, the one that runs last first; 1 pass forward.

    The order in which a network lists its layers is the one in which they were written down.
    """
    import torch

    ran: dict[str, Any] = {}

    def watched(name: str) -> Any:
        def hook(module: Any, given: Any, answer: Any) -> None:
            ran.setdefault(name, module)

        return hook

    own = [(n, m) for n, m in network.named_modules() if next(m.parameters(recurse=False), None) is not None]
    hooks = [module.register_forward_hook(watched(name)) for name, module in own]
    try:
        with torch.no_grad():
            network(as_tensor(picture[None]))
    finally:
        for hook in hooks:
            hook.remove()
    return list(ran.items())[::-1]


def _with_network(model: Model) -> HasNetwork:
    if not isinstance(model, HasNetwork):
        raise ValueError(f"{model.spec.title} has no network whose weights could be drawn anew.")
    return model
