"""Two versions that differ in the planted shortcut, and what they call held-out scenes with and without it.

To say that the tint is what a version leans on, it needs a twin: trained with the same settings, the same seed
and the same scenes, but for the tint. What is true of the two is then counted, before any method is asked: how
many chihuahuas does each call muffin once the tint is put behind them?
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from data import bakery, images, scenes
from governance.record import Record
from governance.record_parts import Parameters
from models import evaluation
from models.spec import Definition, HasNetwork, Model, Progress, Report

TRAINING: Mapping[str, Any] = {"epochs": 3, "augment": "none"}
"""How both versions are trained here, where it is not the default: short, and on pictures as they are."""

PICTURES = 200


def training(definition: Definition) -> dict[str, Any]:
    """Those of `TRAINING` that a model has as settings."""
    known = {setting.name for setting in definition.settings}
    return {name: value for name, value in TRAINING.items() if name in known}


def is_planted(record: Record) -> bool:
    """Whether a run learned from pictures with this very tint."""
    return record.data.name == scenes.SHORTCUT and scenes.tint_step() in record.data.transforms


def differences(planted: Record, clean: Record) -> list[str]:
    """In what two runs differ besides the tint.

    Parameters
    ----------
    planted, clean : Record
        Of runs.

    Returns
    -------
    list of str
        As in ``epochs 3 and 12``, the planted version's first; empty for twins.
    """
    told = [] if clean.data.name == scenes.NAME else [f"the data ({clean.data.name})"]
    first, second = (_asked(record.parameters) for record in (planted, clean))
    told += [
        f"{name.replace('_', ' ')} {first.get(name)} and {second.get(name)}"
        for name in sorted({*first, *second})
        if first.get(name) != second.get(name)
    ]
    return told


def _asked(parameters: Parameters) -> dict[str, Any]:
    """What decides a training besides its data. Copies kept on the way decide nothing."""
    asked = {**parameters.settings, "seed": parameters.seed, "threads": parameters.threads}
    return {name: value for name, value in asked.items() if name != "checkpoints"}


def tinted_scenes(n: int, size: int, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scenes of one kind that no training has seen, with the tint and without.

    Returns
    -------
    with_tint, without : ndarray of shape (n, size, size, 3), float32 in [0, 1]
    behind : ndarray of shape (n, size, size), bool
        The background.
    """
    drawn = [scene for scene in scenes.held_out(len(bakery.KINDS) * n) if scene.kind == kind]
    rendered = [bakery.render(scene, size) for scene in drawn]
    plain = np.stack([bakery.to_bytes(one.image) for one in rendered])
    masks = np.stack([one.mask for one in rendered])
    tinted = np.stack([scenes.with_tint(*pair) for pair in zip(plain, masks, strict=True)])
    return images.as_input(tinted), images.as_input(plain), masks == bakery.Part.BACKGROUND


def answers(
    versions: Mapping[str, Model],
    n: int,
    interval: Callable[[np.ndarray], dict[str, Any]],
    report: Report,
) -> list[dict[str, Any]]:
    """What versions call scenes of each kind as they are, and with the tint behind them.

    Parameters
    ----------
    versions : mapping of str to Model
        By what they are called in the result.
    n : int
        Pictures of each kind.
    interval : callable (values of shape (n,)) -> dict
        Mean and interval, for the logits.
    report : callable (Progress)
        Told after every kind.

    Returns
    -------
    list of dict
        For each kind JSON values: ``kind``, ``pictures`` and for each version ``plain`` and ``tinted``, each
        with ``called`` (how many of them are called by the tinted class's name), ``share`` and ``interval``
        (Wilson's, 95 %); and ``effect``, by how much the tint moves that class's logit on average, with its
        interval.
    """
    found = []
    for position, kind in enumerate(bakery.KINDS):
        size = next(iter(versions.values())).spec.image_size or 1
        tinted, plain, _ = tinted_scenes(n, size, kind)
        told: dict[str, Any] = {"kind": kind, "pictures": n}
        for name, model in versions.items():
            target = model.spec.classes.index(scenes.TINTED)
            with_it, without = _logits(model, tinted), _logits(model, plain)
            told[name] = {
                "plain": _called(without, target),
                "tinted": _called(with_it, target),
                "effect": interval(with_it[:, target] - without[:, target]),
            }
        found.append(told)
        report(
            Progress("Counting what both versions call held-out pictures", position + 1, len(bakery.KINDS))
        )
    return found


def telling(model: Model, tinted: np.ndarray, plain: np.ndarray) -> int:
    """The position of the first picture that the tint makes the tinted class; 0 where it makes none.

    Parameters
    ----------
    tinted, plain : ndarray of shape (n, size, size, 3)
        Of the other class.
    """
    target = model.spec.classes.index(scenes.TINTED)
    with_it, without = (model.predict_proba(pictures).argmax(1) == target for pictures in (tinted, plain))
    return int(np.argmax(with_it & ~without))


def _called(logits: np.ndarray, target: int) -> dict[str, Any]:
    figures = evaluation.accuracy_on(logits, np.full(len(logits), target))
    return {"called": figures["correct"], "share": figures["value"], "interval": figures["interval"]}


def _logits(model: Model, pictures: np.ndarray) -> np.ndarray:
    """Logits of shape (n, n_classes); a chunk at a time."""
    import torch

    from explain.pictures import as_tensor, pictures_a_pass

    assert isinstance(model, HasNetwork)
    with torch.no_grad():
        chunks = as_tensor(pictures).split(pictures_a_pass(pictures[0]))
        return torch.cat([model.network(chunk) for chunk in chunks]).double().numpy()
