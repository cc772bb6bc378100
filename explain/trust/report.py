"""How far one map can be trusted: every check of it, on the very input shown, beside its placebos.

What each check is, and its paper, stands in `explain.trust.checks`; how they become a badge in
`explain.trust.trust_verdict`; where the limits come from in `explain.trust.trust_thresholds`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explain.attributions.attribution import Attribution
from explain.attributions.image_method import ImageMethod, Passes
from explain.trust import placebo_scores, placebos
from explain.trust.asked_again import AskedAgain
from explain.trust.checks.localisation import Localisation, localisation
from explain.trust.checks.pixel_removal import Curves, PixelRemoval
from explain.trust.checks.randomisation import Randomisation, untrained
from explain.trust.checks.stability import RADIUS, SAMPLES, max_sensitivity, nearby
from explain.trust.placebos import Placebo
from explain.trust.trust_verdict import (
    MASS,
    POINTING,
    RANDOMISATION,
    RANK,
    REMOVAL,
    STABILITY,
    Limits,
    Verdict,
    best_of,
    limits_of,
    verdict,
)
from models.spec import Model, Report


@dataclass(frozen=True, slots=True, eq=False)
class TrustReport:
    """What the checks of one map found.

    Attributes
    ----------
    method : str
        Name of the method.
    target : str
        What the map is evidence for, in words.
    randomisation : Randomisation or None
        None for a model without a network whose weights could be drawn anew.
    curves, blob : Curves
        Deletion and insertion by the map, and by a blob in the centre.
    random : tuple of Curves
        By pixels in random order.
    sensitivity : float
        See `explain.trust.checks.stability.max_sensitivity`.
    gap_share : float or None
        Completeness gap over |output - base|, where the method promises completeness and the two differ.
    localisation : Localisation or None
        Where a mask is known.
    scores : mapping of str to float
        By the metrics of `explain.trust.trust_verdict`.
    placebos : tuple of Placebo
    placebo_scores : mapping of str to mapping
        By the placebo's name; what each reaches on this picture.
    limits : Limits
    verdict : Verdict
    passes : Passes
        What the checks of this map cost where nothing is known before, without the map itself.
    seed : int
    milliseconds : float
    """

    method: str
    target: str
    randomisation: Randomisation | None
    curves: Curves
    blob: Curves
    random: tuple[Curves, ...]
    sensitivity: float
    gap_share: float | None
    localisation: Localisation | None
    scores: Mapping[str, float]
    placebos: tuple[Placebo, ...]
    placebo_scores: Mapping[str, Mapping[str, float]]
    limits: Limits
    verdict: Verdict
    passes: Passes
    seed: int
    milliseconds: float

    @property
    def removal_error(self) -> float:
        """How far the lift over random order is uncertain because few orders are drawn: their standard error."""
        evidence = [one.evidence for one in self.random]
        return float(np.std(evidence, ddof=1) / np.sqrt(len(evidence)))

    @property
    def told(self) -> str:
        """Badge and sentence, and with what the map was compared."""
        on = self.limits.measured_on
        where = "this picture alone" if on is None else on.words
        return f"Trust in the map: {self.verdict.badge}. {self.verdict.sentence} Compared with the placebos on {where}."

    def to_json(self) -> dict[str, Any]:
        """What stands under ``trust`` in ``python -m explain --json``, JSON values only."""
        on = self.limits.measured_on
        told: dict[str, Any] = {
            "badge": self.verdict.badge,
            "sentence": self.verdict.sentence,
            "randomisation": self._randomisation(),
            "deletion": self._curve("deletion"),
            "insertion": self._curve("insertion"),
            "removal": {
                **self._judged(REMOVAL),
                "units": "log-odds",
                "lift_over_random": self.scores[REMOVAL],
                "lift_standard_error": self.removal_error,
                "lift_over_blob": self.curves.evidence - self.blob.evidence,
                "difference_of_probability": self.curves.difference,
            },
            "stability": {**self._judged(STABILITY), "radius": RADIUS, "samples": SAMPLES},
            "placebos": {name: dict(scores) for name, scores in self.placebo_scores.items()},
            "compared_with": {"scenes": None} if on is None else on.to_json(),
            "passes": {"forward": self.passes.forward, "backward": self.passes.backward},
            "seed": self.seed,
        }
        if self.gap_share is not None:
            told["completeness_gap_share"] = self.gap_share
        if self.localisation is not None:
            where = self.localisation
            told["localisation"] = {
                share: {
                    **self._judged(metric),
                    "map": getattr(where.map, share),
                    "centre_blob": getattr(where.blob, share),
                }
                for share, metric in (("mass", MASS), ("rank", RANK), ("pointing", POINTING))
            }
        return told

    def _randomisation(self) -> dict[str, Any] | None:
        found = self.randomisation
        if found is None:
            return None
        return {
            **self._judged(RANDOMISATION),
            "similarity": found.similarity,
            "draws": list(found.draws),
            "complexity_rise": found.complexity_rise,
            "stages": [
                {"layer": s.layer, "replaced": s.replaced, "rank": s.rank, "structure": s.structure}
                for s in found.stages
            ],
        }

    def _judged(self, metric: str) -> dict[str, Any]:
        return {
            "score": self.scores[metric],
            "limit": self.limits.values.get(metric),
            "passed": self.verdict.passed.get(metric),
        }

    def _curve(self, which: str) -> dict[str, Any]:
        area = f"{which}_auc"
        return {
            "auc": getattr(self.curves, area),
            "random_auc": float(np.mean([getattr(one, area) for one in self.random])),
            "centre_blob_auc": getattr(self.blob, area),
            "curve": getattr(self.curves, which).tolist(),
        }


def assess(
    model: Model,
    picture: np.ndarray,
    method: ImageMethod,
    attribution: Attribution,
    *,
    background: np.ndarray | None = None,
    mask: np.ndarray | None = None,
    thresholds: Mapping[str, Any] | None = None,
    removal: PixelRemoval | None = None,
    seed: int = 0,
    report: Report = lambda progress: None,
) -> TrustReport:
    """Check a map in every way that applies.

    Parameters
    ----------
    model : Model
        Left as it is. Of one without a network, whose weights cannot be drawn anew, the rest is checked.
    picture : ndarray of shape (height, width, 3), float32 in [0, 1]
        What the map is of.
    method : ImageMethod
        What made the map.
    attribution : Attribution
        The map, with target and settings.
    background : ndarray of shape (n, height, width, 3), optional
        For a method that needs one: the same that made the map.
    mask : ndarray of shape (height, width), bool, optional
        Where the object is; without one, and where it is the same everywhere, nothing is said of places.
    thresholds : mapping, optional
        What `explain.trust.trust_thresholds.measure` gave for this version. Without it the map is compared
        with the placebos on this very picture.
    removal : PixelRemoval, optional
        Of the same model, picture, target and seed, so that curves are not computed again.
    seed : int
        Decides every random draw.
    report : callable (Progress)
        Told after each map, of how many at most; what it raises ends the work.

    Raises
    ------
    MethodError, ValueError
        As the method's ``attribute`` does.
    """
    start = time.perf_counter()
    asked = AskedAgain(model, picture, method, attribution, background, report)
    # Told is what these checks cost alone: who asks the same gets the same document.
    removal = removal.counted_anew() if removal else PixelRemoval(model, picture, attribution.target, seed)
    where = mask if mask is not None and mask.any() and not mask.all() else None
    values, near = attribution.values, nearby(picture, seed)
    changed = asked.randomised(values, seed)
    sensitivity = max_sensitivity(values, [asked.of_picture(one) for one in near])
    scores = {STABILITY: sensitivity, **placebo_scores.on_the_picture(values, removal, where)}
    shams, others = placebos.without_model(picture, seed), None
    if changed is not None:
        scores = {RANDOMISATION: changed.score, **scores}
        shams = (*shams, placebos.random_weights(method.title, changed.random_map))
        if thresholds is None:
            untaught = untrained(model, changed.random_seed)
            others = [asked.of_picture(one, untaught) for one in near]
    by_placebo = placebo_scores.of_placebos(shams, near, others, removal, where)
    if thresholds is None:
        limits = best_of(by_placebo)
    else:
        limits = limits_of(thresholds, by_placebo[placebos.BLOB][REMOVAL])
    return TrustReport(
        method=method.name,
        target=attribution.target.words(model.spec),
        randomisation=changed,
        curves=removal.curves(values),
        blob=removal.blob,
        random=removal.random,
        sensitivity=sensitivity,
        gap_share=_gap_share(attribution) if method.complete else None,
        localisation=None if where is None else localisation(values, where),
        scores=scores,
        placebos=shams,
        placebo_scores=by_placebo,
        limits=limits,
        verdict=verdict(scores, limits, is_flat=bool(np.ptp(values) == 0)),
        passes=asked.cost(removal.passes),
        seed=seed,
        milliseconds=(time.perf_counter() - start) * 1000,
    )


def _gap_share(attribution: Attribution) -> float | None:
    explained = abs(attribution.output - attribution.base_value)
    return attribution.completeness_gap / explained if explained else None
