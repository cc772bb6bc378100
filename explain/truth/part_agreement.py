"""Does a map agree with what the parts really do? Its mass on every part, beside the measured effects.

The mass of a part is the sum of the map's values in the part's mask. Its weight is the size of that mass,
as a share of all parts' together, so that maps in different units can be laid beside each other. A signed
map is compared with the effects as they are; a map without signs says only how much a part counts, and is
compared with the sizes of the effects.

**Rank correlation** is Spearman's (C. Spearman, American Journal of Psychology 15, 1904): Pearson's, of
ranks, with the mean rank for ties. A scene has four or five parts, and over so few even chance gives +1 now
and then (`caution` says how often): one scene proves nothing, `explain.truth.truth_table` takes many.

**A map is contradicted** by the changes if any of these holds:

1. its strongest part does next to nothing: less than `NEXT_TO_NOTHING` of the largest effect;
2. its strongest part does the opposite of what a signed map says;
3. the part that counts most has less weight than its share of the area, which is what a map gets that is
   the same everywhere, and less than its share of all effects. Without the second half a large part would
   have a map contradicted whose masses are the very effects.

It **agrees** if its strongest part is the one that counts most; otherwise the verdict is mixed. Where no part
moves the logit by `TOO_LITTLE`, or fewer than two parts are visible, nothing can be judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import Literal

import numpy as np

from explain.numbers import percent, signed
from explain.truth.part_effects import PartEffects

NEXT_TO_NOTHING = 0.1
# Logits. Where there are two classes, and the other's logit moves as far the other way, it moves a probability by 5
# points at most.
TOO_LITTLE = 0.1

Verdict = Literal["agrees", "mixed", "contradicted", "cannot be judged"]


@dataclass(frozen=True, slots=True, eq=False)
class PartAgreement:
    """One map beside the measured effects of n parts.

    Attributes
    ----------
    has_signs : bool
        Whether the map's values can speak against the target.
    masses : ndarray of shape (n,)
        Sum of the values in each part's mask, in the map's units.
    weights : ndarray of shape (n,)
        Sizes of the masses as shares of all parts' together, 0 to 1; all 0 for a map that is 0 on every
        part.
    correlation : float or None
        Spearman's rank correlation of masses and effects, -1 to 1; None where one of them is the same on
        every part.
    signs : float or None
        Share of the parts whose mass has the effect's sign, among those that do more than next to nothing;
        None for a map without signs.
    top_is_right : bool
        Whether the part with most weight is the one that counts most.
    verdict : str
        See the module.
    sentence : str
        The verdict with its reason.
    """

    has_signs: bool
    masses: np.ndarray
    weights: np.ndarray
    correlation: float | None
    signs: float | None
    top_is_right: bool
    verdict: Verdict
    sentence: str


def compare(parts: PartEffects, values: np.ndarray, has_signs: bool, target: str) -> PartAgreement:
    """Lay a map beside the measured effects.

    Parameters
    ----------
    parts : PartEffects
        Of the scene that the map explains, for the same target.
    values : ndarray of shape (height, width)
        The map.
    has_signs : bool
        As in `explain.attributions.attribution.Method.signed`.
    target : str
        The class that is explained, for the sentence.
    """
    masses = np.array([float(values[mask].sum()) for mask in parts.masks])
    sizes = np.abs(masses)
    weights = sizes / sizes.sum() if sizes.any() else sizes
    measured = parts.effects if has_signs else np.abs(parts.effects)
    verdict, sentence = _judge(parts, masses, weights, has_signs, target)
    judged = verdict != "cannot be judged"
    return PartAgreement(
        has_signs=has_signs,
        masses=masses,
        weights=weights,
        correlation=rank_correlation(masses, measured),
        signs=_same_signs(masses, parts.effects) if has_signs and judged else None,
        top_is_right=bool(judged and weights.any() and _strongest(weights) == _strongest(parts.effects)),
        verdict=verdict,
        sentence=sentence,
    )


def can_be_judged(parts: PartEffects) -> bool:
    """Whether there are two parts or more, and one of them moves the logit by `TOO_LITTLE`."""
    return len(parts.effects) >= 2 and bool(np.abs(parts.effects).max() >= TOO_LITTLE)


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float | None:
    """Spearman's rank correlation of two arrays of shape (n,); None where one of them holds one value only."""
    import pandas as pd

    first, second = (pd.Series(one).rank().to_numpy() - (len(one) + 1) / 2 for one in (a, b))
    if not (first.any() and second.any()):
        return None
    return float(first @ second / np.sqrt((first @ first) * (second @ second)))


def caution(n: int) -> str:
    """How little a rank correlation over n parts means, in one sentence."""
    return (
        f"Over {n} parts, ranks that are drawn at random have a correlation of +1 once in {factorial(n):,} "
        "tries: one scene proves little, many do (Methods, measured)."
    )


def _strongest(sizes: np.ndarray) -> int:
    return int(np.argmax(np.abs(sizes)))


def _same_signs(masses: np.ndarray, effects: np.ndarray) -> float:
    matters = np.abs(effects) >= NEXT_TO_NOTHING * np.abs(effects).max()
    return float(np.mean(np.sign(masses[matters]) == np.sign(effects[matters])))


def _judge(
    parts: PartEffects, masses: np.ndarray, weights: np.ndarray, has_signs: bool, target: str
) -> tuple[Verdict, str]:
    if len(parts.effects) < 2:
        return "cannot be judged", "Cannot be judged: fewer than two parts are large enough to be changed."
    if not can_be_judged(parts):
        return "cannot be judged", f"Cannot be judged: no part moves the logit by {TOO_LITTLE:g} or more."
    why = _contradiction(parts, masses, weights, has_signs, target)
    if why is not None:
        return "contradicted", f"The changes contradict this map: {why}."
    top, most = _strongest(weights), _strongest(parts.effects)
    its = f"the {parts.names[top]} ({percent(weights[top])} of its weight)"
    if top == most:
        return (
            "agrees",
            f"The changes agree with this map: its strongest part, {its}, is also what counts most "
            f"({_logits(parts, most)}).",
        )
    return (
        "mixed",
        f"The changes neither confirm nor contradict this map: what counts most is the {parts.names[most]} "
        f"({_logits(parts, most)}), with {percent(weights[most])} of the map's weight; its strongest part is "
        f"{its}, which counts less ({_logits(parts, top)}).",
    )


def _contradiction(
    parts: PartEffects, masses: np.ndarray, weights: np.ndarray, has_signs: bool, target: str
) -> str | None:
    """Which of the three rules the map breaks, as the end of a sentence; None where it breaks none."""
    top, most, effects = _strongest(weights), _strongest(parts.effects), parts.effects
    counts = f"what counts most is the {parts.names[most]} ({_logits(parts, most)})"
    if not weights.any():
        return f"it is empty on every part, and {counts}"
    its = f"the {parts.names[top]} ({percent(weights[top])} of its weight)"
    if abs(effects[top]) < NEXT_TO_NOTHING * abs(effects[most]):
        return f"its strongest part, {its}, does next to nothing ({_logits(parts, top)}), and {counts}"
    if has_signs and masses[top] * effects[top] < 0:
        side = "for" if masses[top] > 0 else "against"
        return (
            f"it has its strongest part, {its}, speak {side} {target}, and the change shows the opposite "
            f"({_logits(parts, top)})"
        )
    pixels = parts.masks.sum(axis=(1, 2))
    area = float(pixels[most] / pixels.sum())
    due = abs(effects[most]) / float(np.abs(effects).sum())
    # What is equal is equal up to the last bits.
    if weights[most] < min(area, due) * (1 - 1e-9):
        share = percent(weights[most])
        return f"{counts}, with {share} of the map's weight, less than its {percent(area)} of the area"
    return None


def _logits(parts: PartEffects, which: int) -> str:
    return f"{signed(parts.effects[which], 2)} logits"
