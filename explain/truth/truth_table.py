"""The methods by how well their maps agree with what the parts really do, over many held-out scenes.

For every scene each part is changed and each method's map is laid beside the effects
(`explain.truth.part_effects`, `explain.truth.part_agreement`), for the class that the model predicts. What is averaged
is averaged over the scenes in which some part does something; the same scenes for every line. A map that is
empty, or has the same mass on all parts, has no ranks, and counts with a correlation of 0.

Means have percentile bootstrap intervals of 95 % over scenes (B. Efron, R. Tibshirani, "An introduction to
the bootstrap", 1993, chapter 13). The placebos (`explain.trust.placebos`) are lines too, and so is a map that is
the same everywhere and knows only how large each part is. A map without signs answers an easier question
than one with signs, so each method is compared, scene by scene, with the best placebo on its own question:
a placebo's values are then taken as evidence for the target.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from data import bakery, scenes
from data.failures import UserMistake
from explain import methods
from explain.attributions import background
from explain.attributions.image_method import ImageMethod, Passes
from explain.targets import ClassTarget
from explain.trust.placebos import Placebo, without_model
from explain.truth.part_agreement import PartAgreement, can_be_judged, compare
from explain.truth.part_effects import SMALLEST_SHARE, PartEffects, part_effects, unsupported
from models.spec import Model, ModelSpec, Progress, Report

RESAMPLES = 2000
EVEN = "even"

__all__ = ["measure", "unsupported"]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line of the table: something that makes a map.

    Attributes
    ----------
    passes : Passes or None
        What a map costs; None for what does not ask the model, and is there to compare with.
    values : callable (parts, number) -> ndarray of shape (height, width)
        The map for a scene, whose number is its position.
    """

    name: str
    title: str
    has_signs: bool
    passes: Passes | None
    values: Callable[[PartEffects, int], np.ndarray]


def measure(model: Model, n: int, seed: int, report: Report) -> dict[str, Any]:
    """Make the table.

    Parameters
    ----------
    model : Model
        See `unsupported`.
    n : int
        Held-out scenes, at least 1.
    seed : int
        Of the bootstrap and of what is random among the lines; which scenes are taken does not depend on it.
    report : callable (Progress)
        Told after every scene.

    Returns
    -------
    dict
        JSON values: ``scenes``, ``judged`` (scenes in which some part does something), ``parts`` (the mean
        effect of each change in logits, by kind of scene), ``lines``. A line has ``correlation``, ``top``
        (share of scenes whose most important part is the map's strongest), ``contradicted`` (None for the
        map that is the same everywhere: it sets one of the rules) and, with signs, ``signs``, each with
        ``value`` and ``interval``; a method also has ``over_placebo``, by how much its correlation is
        above that of the best placebo, whose ``title`` and own mean, ``placebo``, it holds too.

    Raises
    ------
    MethodError
        If the model does not fit.
    UserMistake
        If n is below 1, or in none of the scenes any part does anything.
    """
    if n < 1:
        raise UserMistake(f"The table needs at least 1 scene, not {n}.")
    drawn = scenes.held_out(n)
    lines = _lines(model, seed)
    told: list[PartEffects] = []
    found: dict[str, list[PartAgreement]] = {line.name: [] for line in lines}
    as_evidence: dict[str, list[float]] = {line.name: [] for line in lines if line.passes is None}
    for number, scene in enumerate(drawn):
        parts = part_effects(model, scene)
        told.append(parts)
        if can_be_judged(parts):
            name = model.spec.classes[parts.target]
            for line in lines:
                values = line.values(parts, number)
                found[line.name].append(compare(parts, values, line.has_signs, name))
                if line.passes is None:
                    as_evidence[line.name].append(_correlation(compare(parts, values, True, name)))
        report(Progress("Laying maps beside what parts really do", number + 1, n))
    judged = len(found[EVEN])
    if not judged:
        raise UserMistake(
            f"In none of {n} scenes any part moves the answer, so no map can be judged. Measure more scenes."
        )
    random = np.random.default_rng(seed)
    return {
        "scenes": n,
        "judged": judged,
        "target": "the predicted class",
        "renderer_version": bakery.RENDERER_VERSION,
        "smallest_share": SMALLEST_SHARE,
        "resamples": RESAMPLES,
        "background": f"{background.PICTURES} scenes of the training part",
        "parts": _of_parts(told, random),
        "lines": [
            {
                **_summary(line, found[line.name], random),
                "over_placebo": _over_placebo(line, found, as_evidence, lines, random),
            }
            for line in lines
        ],
    }


def _lines(model: Model, seed: int) -> list[Line]:
    """The methods that fit the model, then what they are compared with."""
    compared: list[np.ndarray] = []

    def of(method: ImageMethod) -> Line:
        if method.needs_background and not compared:
            compared.append(background.of_dataset(scenes.NAME, model.spec))
        more = {"background": compared[0]} if method.needs_background else {}

        def values(parts: PartEffects, number: int) -> np.ndarray:
            return method.attribute(model, parts.pictures[0], ClassTarget(parts.target), **more).values

        return Line(method.name, method.title, method.signed, method.passes(model.spec, more), values)

    fitting = [fit.method.name for fit in methods.for_spec(model.spec) if fit.reason is None]
    even = Line(EVEN, "The same everywhere (area alone)", False, None, _ones)
    return [*(of(methods.image_method(name)) for name in fitting), *_placebos(model.spec, seed), even]


def _placebos(spec: ModelSpec, seed: int) -> list[Line]:
    def of(position: int, placebo: Placebo) -> Line:
        def values(parts: PartEffects, number: int) -> np.ndarray:
            return without_model(parts.pictures[0], seed + number)[position].values

        return Line(placebo.name, placebo.title, False, None, values)

    # What they are called does not depend on the picture.
    blank = np.zeros((spec.image_size or 1, spec.image_size or 1, 3))
    return [of(position, placebo) for position, placebo in enumerate(without_model(blank, seed))]


def _ones(parts: PartEffects, number: int) -> np.ndarray:
    return np.ones(parts.pictures.shape[1:3])


def mean_interval(values: Sequence[float] | np.ndarray, random: np.random.Generator) -> dict[str, Any]:
    """The mean of values of shape (n,) with its percentile bootstrap interval of 95 %: JSON values."""
    given = np.asarray(values, dtype=np.float64)
    drawn = given[random.integers(0, len(given), (RESAMPLES, len(given)))].mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return {"value": float(given.mean()), "interval": [float(low), float(high)]}


def _correlation(one: PartAgreement) -> float:
    return 0.0 if one.correlation is None else one.correlation


def _summary(line: Line, found: Sequence[PartAgreement], random: np.random.Generator) -> dict[str, Any]:
    cost = line.passes
    against = [one.verdict == "contradicted" for one in found]
    signs = [one.signs for one in found if one.signs is not None]
    return {
        "name": line.name,
        "title": line.title,
        "signed": line.has_signs,
        "passes": None if cost is None else {"forward": cost.forward, "backward": cost.backward},
        "correlation": mean_interval([_correlation(one) for one in found], random),
        "top": mean_interval([one.top_is_right for one in found], random),
        "contradicted": None if line.name == EVEN else mean_interval(against, random),
        "signs": mean_interval(signs, random) if line.has_signs else None,
    }


def _over_placebo(
    line: Line,
    found: Mapping[str, Sequence[PartAgreement]],
    as_evidence: Mapping[str, Sequence[float]],
    lines: Sequence[Line],
    random: np.random.Generator,
) -> dict[str, Any] | None:
    """A method's correlations less those of the placebo that is best on the same question; None for placebos."""
    if line.passes is None:
        return None
    ranks = {
        other.title: np.array(
            as_evidence[other.name] if line.has_signs else [_correlation(one) for one in found[other.name]]
        )
        for other in lines
        if other.passes is None
    }
    best = max(ranks, key=lambda title: float(ranks[title].mean()))
    own = np.array([_correlation(one) for one in found[line.name]])
    above = mean_interval(own - ranks[best], random)
    return {**above, "title": best, "placebo": float(ranks[best].mean())}


def _of_parts(told: Sequence[PartEffects], random: np.random.Generator) -> list[dict[str, Any]]:
    """What each change does to the predicted class's logit, on average over the scenes that show the part."""
    rows = []
    for kind, changes in bakery.INTERVENTIONS.items():
        for change in changes:
            effects = [
                float(parts.effects[parts.interventions.index(change)])
                for parts in told
                if change in parts.interventions and parts.kind == kind
            ]
            if effects:
                one = {"kind": kind, "part": change.name, "title": change.title, "scenes": len(effects)}
                rows.append({**one, "effect": mean_interval(effects, random)})
    return rows
