"""What a network has made of a picture just before it answers: the inputs of its last linear layer.

For a network that averages its last maps over the picture, as those here do, these are the means; the
answer is one linear layer away from them, so pictures that lie close here are alike to the network.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from explain.locks import twin_of
from explain.pictures import as_tensor, pictures_a_pass
from models.spec import HasNetwork, Model, ModelSpec


def unsupported(spec: ModelSpec) -> str | None:
    """The reason, in one sentence, that a model has no such features; None where it may have."""
    if spec.modality == "image" and "gradients" in spec.capabilities:
        return None
    return f"{spec.title} has no network whose features could be compared."


def penultimate(model: Model, pictures: np.ndarray) -> np.ndarray:
    """Features of pictures, each scaled to length 1.

    Lengths vary with contrast and say little about what is shown; without them the nearest neighbour is
    the better judge of what is far from a training (Y. Sun et al., "Out-of-distribution detection with
    deep nearest neighbors", ICML 2022).

    Parameters
    ----------
    model : Model
        With capability ``gradients``.
    pictures : ndarray of shape (n, height, width, 3), float32 in [0, 1]
        Of the model's size.

    Returns
    -------
    ndarray of shape (n, n_features), float64
        Rows of length 1; a row of zeros stays one.

    Raises
    ------
    ValueError
        If the model has no network, or the network no linear layer.
    """
    reason = unsupported(model.spec)
    if reason is not None:
        raise ValueError(reason)
    rows = np.concatenate(_read(cast(HasNetwork, model).network, pictures)).astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1)


def _read(network: Any, pictures: np.ndarray) -> list[np.ndarray]:
    import torch

    read: list[np.ndarray] = []

    def keep(_: Any, inputs: tuple[Any, ...]) -> None:
        read.append(inputs[0].detach().flatten(1).numpy().copy())

    with twin_of(network) as twin, torch.no_grad():
        linear = [module for module in twin.modules() if isinstance(module, torch.nn.Linear)]
        if not linear:
            raise ValueError("The network has no linear layer, so it has no features just before its answer.")
        hook = linear[-1].register_forward_pre_hook(keep)
        try:
            size = pictures_a_pass(pictures[0])
            for begin in range(0, len(pictures), size):
                twin(as_tensor(np.ascontiguousarray(pictures[begin : begin + size], dtype=np.float32)))
        finally:
            hook.remove()
    return read
