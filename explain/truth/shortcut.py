"""Would the explanations have told? A version with a planted shortcut beside one without, method by method.

In one class's pictures the background was tinted, so a network can be right without looking at the
object. The question to a method is the one that a person has who does not know of it: does its map point to
the background where the network relies on it, more than where it does not (J. Adebayo et al., "Debugging
tests for model explanations", NeurIPS 2020)? Both versions are asked about the same tinted pictures of
scenes that neither has seen.

- **truth**: what the tint really does, the tinted class's logit with it less the logit without it;
- **share**: how much of a map's mass lies on the background, as multiples of the background's area, so
  that 1 is what a map gets that is the same everywhere. For a method with signs, only what speaks for the class
  counts: a background that speaks against it is no reliance on the tint.

A method **tells** if its map of the planted version favours the background (more than 1) and does so more
than its map of the clean version, **hints** if only the second holds, and is **silent** otherwise. Both
must hold with the whole 95 % bootstrap interval over scenes: other scenes, not other trainings, so another pair
of versions may come out otherwise. Where the tint speaks against the class in the clean version, a method without
signs rightly has mass on the background there too, and its difference says less than that of one with signs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from data import bakery, images, scenes
from explain import methods
from explain.attributions import background
from explain.trust.placebos import without_model
from explain.truth.part_effects import unsupported
from explain.truth.truth_table import mean_interval
from models.spec import HasNetwork, Model, Progress, Report

Verdict = Literal["tells", "hints", "silent"]
NAME = "shortcut"
SCENES = 24
TINTED = "muffin"
_LEAST = 1e-12

__all__ = ["NAME", "SCENES", "TINTED", "compare", "share_on", "tinted_scenes", "unsupported", "verdict"]


def tinted_scenes(n: int, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scenes of the tinted class that no training has seen.

    Returns
    -------
    with_tint, without : ndarray of shape (n, size, size, 3), float32 in [0, 1]
    behind : ndarray of shape (n, size, size), bool
        The background.
    """
    drawn = [scene for scene in scenes.held_out(2 * n) if scene.kind == TINTED]
    rendered = [bakery.render(scene, size) for scene in drawn]
    plain = np.stack([bakery.to_bytes(one.image) for one in rendered])
    masks = np.stack([one.mask for one in rendered])
    tinted = np.stack([scenes.with_tint(*pair) for pair in zip(plain, masks, strict=True)])
    return images.as_input(tinted), images.as_input(plain), masks == bakery.Part.BACKGROUND


def share_on(values: np.ndarray, where: np.ndarray, has_signs: bool) -> float:
    """How much of a map's mass lies somewhere, as a multiple of the place's share of the area.

    Parameters
    ----------
    values : ndarray of shape (height, width)
    where : ndarray of shape (height, width), bool
        Neither nothing nor everything.
    has_signs : bool
        Whether negative values speak against the target; they then do not count.

    Returns
    -------
    float
        0 or more; 1 for a map without any mass, which points nowhere.
    """
    mass = np.maximum(values, 0) if has_signs else np.abs(values)
    total = float(mass.sum())
    return float(mass[where].sum()) / total / float(where.mean()) if total > _LEAST else 1.0


def compare(planted: Model, clean: Model, n: int, seed: int, report: Report) -> dict[str, Any]:
    """Ask every method about both versions.

    Parameters
    ----------
    planted, clean : Model
        Trained with and without the tint; for both `unsupported` gives None.
    n : int
        Scenes, at least 2.
    seed : int
        Of the bootstrap, and of what is random among the placebos.
    report : callable (Progress)
        Told after every scene.

    Returns
    -------
    dict
        JSON values: ``scenes``, ``truth`` (``planted`` and ``clean``, in logits) and ``lines``, each with
        ``name``, ``title``, ``signed``, ``planted``, ``clean`` and ``difference`` (shares, with intervals
        over scenes) and ``verdict``. The placebos, which see no model, are lines too and must be silent.
    """
    spec = planted.spec
    size, target = spec.image_size or 1, spec.classes.index(TINTED)
    tinted, plain, behind = tinted_scenes(n, size)
    askers = _askers(planted, clean, target, seed)
    shares = {name: np.zeros((n, 2)) for name in askers}
    for row in range(n):
        for name, (_, has_signs, ask) in askers.items():
            for column, values in enumerate(ask(tinted[row], row)):
                shares[name][row, column] = share_on(values, behind[row], has_signs)
        report(Progress("Asking every method about both versions", row + 1, n))
    random = np.random.default_rng(seed)
    truth = {
        which: mean_interval(_logits(model, tinted, target) - _logits(model, plain, target), random)
        for which, model in (("planted", planted), ("clean", clean))
    }
    lines = []
    for name, (title, has_signs, _) in askers.items():
        found = {
            "planted": mean_interval(shares[name][:, 0], random),
            "clean": mean_interval(shares[name][:, 1], random),
            "difference": mean_interval(shares[name][:, 0] - shares[name][:, 1], random),
        }
        lines.append({"name": name, "title": title, "signed": has_signs, **found, "verdict": verdict(found)})
    return {"scenes": n, "target": TINTED, "truth": truth, "lines": lines}


def verdict(found: dict[str, Any]) -> Verdict:
    """``tells``, ``hints`` or ``silent``, by the lower ends of the intervals."""
    if found["difference"]["interval"][0] <= 0:
        return "silent"
    return "tells" if found["planted"]["interval"][0] > 1 else "hints"


# For a picture and its number, the maps of both versions.
_Ask = Callable[[np.ndarray, int], tuple[np.ndarray, np.ndarray]]


def _askers(planted: Model, clean: Model, target: int, seed: int) -> dict[str, tuple[str, bool, _Ask]]:
    """What makes maps: the methods that fit, then the placebos, which say the same of both versions."""
    found: dict[str, tuple[str, bool, _Ask]] = {}
    compared = background.of_dataset(scenes.NAME, planted.spec)
    for fit in methods.for_spec(planted.spec):
        if fit.reason is None:
            method = methods.image_method(fit.method.name)
            more = {"background": compared} if method.needs_background else {}

            def ask(picture: np.ndarray, row: int, method: Any = method, more: Any = more) -> Any:
                return tuple(method.attribute(m, picture, target, **more).values for m in (planted, clean))

            found[method.name] = (method.title, method.signed, ask)
    size = planted.spec.image_size or 1
    for position, placebo in enumerate(without_model(np.zeros((size, size, 3)), seed)):

        def blind(picture: np.ndarray, row: int, position: int = position) -> Any:
            return (without_model(picture, seed + row)[position].values,) * 2

        found[placebo.name] = (placebo.title, False, blind)
    return found


def _logits(model: Model, pictures: np.ndarray, target: int) -> np.ndarray:
    """The target's logits; a chunk at a time."""
    import torch

    from explain.pictures import as_tensor, pictures_a_pass

    assert isinstance(model, HasNetwork)
    with torch.no_grad():
        chunks = as_tensor(pictures).split(pictures_a_pass(pictures[0]))
        return torch.cat([model.network(chunk)[:, target] for chunk in chunks]).double().numpy()
