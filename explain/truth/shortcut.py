"""Would the explanations have told? A version with a planted shortcut beside one without, method by method.

In one class's pictures the background was tinted, so a network can be right without looking at the
object. The question to a method is the one that a person has who does not know of it: does its map point to
the background where the network relies on it, more than where it does not (J. Adebayo et al., "Debugging
tests for model explanations", NeurIPS 2020)? Both versions are asked about the same tinted pictures of
scenes that neither has seen, always for the tinted class, on two occasions:

- a **chihuahua** with the tint, which the planted version calls muffin: something went wrong, and a person asks why;
- a **muffin** with the tint, about which it is right for the wrong reason: nothing gives cause to ask, and only a map
  could raise a suspicion.

- **truth**: what both versions call such pictures, and by how much the tint moves the tinted class's logit
  (`explain.truth.shortcut_pair`);
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

from data import bakery, scenes
from explain import methods
from explain.attributions import background
from explain.targets import ClassTarget
from explain.trust.placebos import without_model
from explain.truth import shortcut_pair
from explain.truth.part_effects import unsupported
from explain.truth.truth_table import mean_interval
from models.spec import Model, Progress, Report

Verdict = Literal["tells", "hints", "silent"]
NAME = "planted_shortcut"
SCENES = 12
_LEAST = 1e-12

__all__ = ["NAME", "SCENES", "compare", "share_on", "unsupported", "verdict"]


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


def compare(
    planted: Model,
    clean: Model,
    n: int,
    seed: int,
    report: Report,
) -> dict[str, Any]:
    """Count what both versions call held-out pictures, and ask every method about both.

    Parameters
    ----------
    planted, clean : Model
        Trained with and without the tint; for both `unsupported` gives None.
    n : int
        Scenes of each kind that methods are asked about, at least 2; `shortcut_pair.PICTURES` for every `SCENES`
        of them are counted by their answers.
    seed : int
        Of the bootstrap, and of what is random among the placebos.
    report : callable (Progress)
        Told after every kind that was answered, then after every scene.

    Returns
    -------
    dict
        JSON values: ``scenes`` (n), ``target``, ``answers`` (see `shortcut_pair.answers`; versions are
        ``planted`` and ``clean``) and ``asked``: for each ``kind`` its ``lines``, each with ``name``, ``title``,
        ``signed``, ``planted``, ``clean`` and ``difference`` (shares, with intervals over scenes) and
        ``verdict``. The placebos, which see no model, are lines too and must be silent.
    """
    random = np.random.default_rng(seed)
    versions = {"planted": planted, "clean": clean}
    counted = shortcut_pair.answers(
        versions, shortcut_pair.PICTURES * n // SCENES, lambda values: mean_interval(values, random), report
    )
    askers = _askers(planted, clean, planted.spec.classes.index(scenes.TINTED), seed)
    asked = []
    for position, kind in enumerate(bakery.KINDS):

        def tell(done: int, before: int = position * n) -> None:
            report(Progress("Asking every method about both versions", before + done, len(bakery.KINDS) * n))

        shares = _shares(askers, kind, n, planted.spec.image_size or 1, tell)
        asked.append({"kind": kind, "lines": [_line(askers, name, shares[name], random) for name in askers]})
    return {"scenes": n, "target": scenes.TINTED, "answers": counted, "asked": asked}


def verdict(found: dict[str, Any]) -> Verdict:
    """``tells``, ``hints`` or ``silent``, by the lower ends of the intervals."""
    if found["difference"]["interval"][0] <= 0:
        return "silent"
    return "tells" if found["planted"]["interval"][0] > 1 else "hints"


# For a picture and its number, the maps of both versions.
_Ask = Callable[[np.ndarray, int], tuple[np.ndarray, np.ndarray]]
_Askers = dict[str, tuple[str, bool, _Ask]]


def _shares(
    askers: _Askers, kind: str, n: int, size: int, tell: Callable[[int], None]
) -> dict[str, np.ndarray]:
    """For each asker the shares of mass on the background, of shape (n, 2): planted, clean."""
    tinted, _, behind = shortcut_pair.tinted_scenes(n, size, kind)
    shares = {name: np.zeros((n, 2)) for name in askers}
    for row in range(n):
        for name, (_, has_signs, ask) in askers.items():
            for column, values in enumerate(ask(tinted[row], row)):
                shares[name][row, column] = share_on(values, behind[row], has_signs)
        tell(row + 1)
    return shares


def _line(askers: _Askers, name: str, shares: np.ndarray, random: np.random.Generator) -> dict[str, Any]:
    title, has_signs, _ = askers[name]
    found = {
        "planted": mean_interval(shares[:, 0], random),
        "clean": mean_interval(shares[:, 1], random),
        "difference": mean_interval(shares[:, 0] - shares[:, 1], random),
    }
    return {"name": name, "title": title, "signed": has_signs, **found, "verdict": verdict(found)}


def _askers(planted: Model, clean: Model, target: int, seed: int) -> _Askers:
    """What makes maps: the methods that fit, then the placebos, which say the same of both versions."""
    found: _Askers = {}
    compared = background.of_dataset(scenes.NAME, planted.spec)
    for fit in methods.for_spec(planted.spec):
        if fit.reason is None:
            method = methods.image_method(fit.method.name)
            more = {"background": compared} if method.needs_background else {}

            def ask(picture: np.ndarray, row: int, method: Any = method, more: Any = more) -> Any:
                return tuple(
                    method.attribute(m, picture, ClassTarget(target), **more).values for m in (planted, clean)
                )

            found[method.name] = (method.title, method.signed, ask)
    size = planted.spec.image_size or 1
    for position, placebo in enumerate(without_model(np.zeros((size, size, 3)), seed)):

        def blind(picture: np.ndarray, row: int, position: int = position) -> Any:
            return (without_model(picture, seed + row)[position].values,) * 2

        found[placebo.name] = (placebo.title, False, blind)
    return found
