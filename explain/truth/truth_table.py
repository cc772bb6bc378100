"""The methods by how well their maps agree with what the parts really do, over many held-out scenes.

For every scene each part is changed and each method's map is laid beside the effects
(`explain.truth.part_effects`, `explain.truth.part_agreement`), for the class that the model predicts. What is averaged
is averaged over the scenes in which some part does something; the same scenes for every line. A map that is
empty, or has the same mass on all parts, has no ranks, and counts with a correlation of 0.

Means have percentile bootstrap intervals of 95 % over scenes (B. Efron, R. Tibshirani, "An introduction to
the bootstrap", 1993, chapter 13). What explains nothing has lines too (`explain.truth.table_lines`): placebos, and a
lookup table of what each part does in the other scenes. A map without signs answers an easier question than one with
signs, so each method is compared, scene by scene, with the best placebo on its own question, and with the lookup table
on it; where signs count, the values of a placebo without signs are taken as evidence for the target.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from data import bakery, scenes
from data.failures import UserMistake
from explain.attributions import background
from explain.truth import table_lines
from explain.truth.part_agreement import PartAgreement, can_be_judged, compare
from explain.truth.part_effects import SMALLEST_SHARE, PartEffects, part_effects, unsupported
from explain.truth.table_lines import EVEN, LOOKUP, LOOKUP_SIZES, Line
from models.spec import Model, Progress, Report

RESAMPLES = 2000

__all__ = ["measure", "unsupported"]


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
        above that of the best placebo, whose ``title`` and own mean, ``placebo``, it holds too, and
        ``over_lookup``, by how much it is above the lookup table's, with that one's mean.

    Raises
    ------
    MethodError
        If the model does not fit.
    UserMistake
        If n is below 1, or in none of the scenes any part does anything.
    """
    if n < 1:
        raise UserMistake(f"The table needs at least 1 scene, not {n}.")
    told: list[PartEffects] = []
    for number, scene in enumerate(scenes.held_out(n)):
        told.append(part_effects(model, scene))
        report(Progress("Taking parts away", number + 1, n))
    lines = table_lines.lines(model, told, seed)
    found: dict[str, list[PartAgreement]] = {line.name: [] for line in lines}
    as_evidence: dict[str, list[float]] = {line.name: [] for line in lines if _is_taken(line)}
    for number, parts in enumerate(told):
        if can_be_judged(parts):
            name = model.spec.classes[parts.target]
            for line in lines:
                values = line.values(parts, number)
                found[line.name].append(compare(parts, values, line.has_signs, name))
                if line.name in as_evidence:
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
                "over_lookup": _over_lookup(line, found, random),
            }
            for line in lines
        ],
    }


def _is_taken(line: Line) -> bool:
    """Whether a line's values are taken as evidence where signs are asked for."""
    return line.role == "placebo" and not line.has_signs


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
        "role": line.role,
        "signed": line.has_signs,
        "passes": None if cost is None else {"forward": cost.forward, "backward": cost.backward},
        "correlation": mean_interval(_ranks(found), random),
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
    if line.role != "method":
        return None
    ranks = {other.title: _ranks(found[other.name]) for other in lines if _fits(other, line)}
    if line.has_signs:
        ranks |= {other.title: np.array(as_evidence[other.name]) for other in lines if _is_taken(other)}
    best = max(ranks, key=lambda title: float(ranks[title].mean()))
    above = mean_interval(_ranks(found[line.name]) - ranks[best], random)
    return {**above, "title": best, "placebo": float(ranks[best].mean())}


def _fits(placebo: Line, line: Line) -> bool:
    return placebo.role == "placebo" and placebo.has_signs == line.has_signs


def _over_lookup(
    line: Line, found: Mapping[str, Sequence[PartAgreement]], random: np.random.Generator
) -> dict[str, Any] | None:
    """A method's correlations less those of the lookup table on its question; None for what is no method."""
    if line.role != "method":
        return None
    bar = _ranks(found[LOOKUP if line.has_signs else LOOKUP_SIZES])
    return {**mean_interval(_ranks(found[line.name]) - bar, random), "lookup": float(bar.mean())}


def _ranks(found: Sequence[PartAgreement]) -> np.ndarray:
    return np.array([_correlation(one) for one in found])


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
