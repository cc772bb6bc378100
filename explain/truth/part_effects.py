"""What each part of a scene really does to the answer: change it, render again, ask again.

The effect of a part is the target's logit for the scene minus the target's logit for the scene with that
part changed and all else as it is (`data.bakery.interventions` says how each is changed). It is positive
where the part speaks for the target. It is a controlled direct effect of one change, not a share: effects
need not add up, because parts may stand in for one another, and a part painted grey is not a part that was
never there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np

from data import bakery
from data.bakery import Intervention, Scene
from explain.attributions.attribution import MethodError
from explain.levels import lacking
from explain.pictures import as_picture, as_tensor, pictures_a_pass
from explain.targets import check_class
from models import scene_inputs
from models.spec import HasNetwork, Model, ModelSpec

SMALLEST_SHARE = 0.002
"""A part is taken as visible from this share of the picture on: 18 pixels of 96 by 96, half a small nose."""


@dataclass(frozen=True, slots=True, eq=False)
class PartEffects:
    """The measured effects of a scene's n visible parts, in the order of `bakery.INTERVENTIONS`.

    Attributes
    ----------
    kind : str
        What the scene shows.
    interventions : tuple of Intervention
    target : int
        Position of the class whose logit was measured.
    output : float
        The target's logit for the scene as it is.
    effects : ndarray of shape (n,), float64
        In logits: `output` minus the logit without the part; positive speaks for the target.
    probabilities : ndarray of shape (n + 1, n_classes), float64
        The answers: for the scene as it is, then for each changed one.
    pictures : ndarray of shape (n + 1, height, width, 3), float32 in [0, 1]
        In the same order.
    masks : ndarray of shape (n, height, width), bool
        Where each part is in the scene as it is. No pixel belongs to two.
    shares : ndarray of shape (n,), float64
        Of the picture's pixels, 0 to 1.
    outside : ndarray of shape (n,), float64
        How much of the change of pixels lies outside the part's mask (juice, shade, blur), 0 to 1.
    """

    kind: str
    interventions: tuple[Intervention, ...]
    target: int
    output: float
    effects: np.ndarray
    probabilities: np.ndarray
    pictures: np.ndarray
    masks: np.ndarray
    shares: np.ndarray
    outside: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        """The parts' names, as in a sentence."""
        return tuple(one.name for one in self.interventions)


def unsupported(spec: ModelSpec) -> str | None:
    """The reason, in one sentence, that no part can be changed for this model; None where it can."""
    no_scenes = scene_inputs.lacking(spec, "no part can be taken away")
    return no_scenes or lacking("The effect of a part", spec, "logits")


def part_effects(
    model: Model,
    scene: Scene,
    target: int | None = None,
    finish: Callable[[np.ndarray], np.ndarray] | None = None,
) -> PartEffects:
    """Change every visible part of a scene, one at a time, and ask the model about all at once.

    Costs n renderings more than the scene's own, and n + 1 passes forward.

    Parameters
    ----------
    model : Model
        With the bakery's classes, and a network.
    scene : Scene
    target : int, optional
        Position of a class; the predicted one by default.
    finish : callable (ndarray) -> ndarray, optional
        What is done to the pixels of every rendering before the model sees them, in [0, 1] still; it must
        leave parts where they are.

    Raises
    ------
    MethodError
        If the model does not fit, see `unsupported`.
    ValueError
        If the target is no position of a class.
    """
    spec = model.spec
    reason = unsupported(spec)
    if reason is not None:
        raise MethodError(reason)
    size = spec.image_size
    assert size is not None
    now = bakery.render(scene, size)
    parts = [
        (one, mask)
        for one in bakery.INTERVENTIONS[scene.kind]
        if (mask := np.isin(now.mask, [int(part) for part in one.parts])).mean() >= SMALLEST_SHARE
    ]
    rendered = np.stack([now.image, *(one.render(scene, size).image for one, _ in parts)])
    shown = rendered if finish is None else np.stack([finish(picture) for picture in rendered])
    pictures = np.stack([as_picture(spec, picture) for picture in shown])
    logits = _logits(cast(HasNetwork, model), pictures)
    wanted = int(np.argmax(logits[0])) if target is None else target
    check_class(spec, wanted)
    masks = np.array([mask for _, mask in parts], dtype=bool).reshape(-1, size, size)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return PartEffects(
        kind=scene.kind,
        interventions=tuple(one for one, _ in parts),
        target=wanted,
        output=float(logits[0, wanted]),
        effects=logits[0, wanted] - logits[1:, wanted],
        probabilities=odds / odds.sum(axis=1, keepdims=True),
        pictures=pictures,
        masks=masks,
        shares=masks.mean(axis=(1, 2)),
        outside=np.array([_outside(rendered[0], *one) for one in zip(rendered[1:], masks, strict=True)]),
    )


def _logits(model: HasNetwork, pictures: np.ndarray) -> np.ndarray:
    """The network's answers, shape (n, n_classes), float64; every picture goes through it once."""
    import torch

    size = pictures_a_pass(pictures[0])
    with torch.no_grad():
        answers = [
            model.network(as_tensor(pictures[begin : begin + size]))
            for begin in range(0, len(pictures), size)
        ]
    return torch.cat(answers).double().numpy()


def _outside(before: np.ndarray, after: np.ndarray, mask: np.ndarray) -> float:
    change = np.abs(after.astype(np.float64) - before).sum(axis=2)
    return float(change[~mask].sum() / change.sum()) if change.any() else 0.0
