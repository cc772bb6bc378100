"""The badge of a map, strong, weak or fails, and the sentence why.

The rule. A map **fails** if it shows nothing of this model or of this answer: it changes no more when all
weights are replaced than a placebo does under noise, or the pixels that it puts first matter no more to the
answer than pixels in random order. So does a map that is the same everywhere, whose order of pixels is a
random one. It is **strong** if it does neither, beats in deletion and insertion both 95 % of the placebos and a
blob in the centre of the very picture, and moves under noise no more than the limit that 95 % of the placebos
keep to. Anything else is **weak**; so is at best a map of a model without a network, whose weights cannot be replaced
to see whether the map hangs on them.

Where the limits come from: `explain.trust.trust_thresholds`, never from taste. Two of them need a word, and why
deletion and insertion are compared in log-odds stands in `explain.trust.checks.pixel_removal`.

- By construction a placebo does not change at all when the weights are replaced, so any trace of change
  would beat it. Its score in the randomisation check is therefore its change under the noise of the
  stability check: a map that new weights change no more than that does not look at them.
- Stability is won by whatever never moves, as a blob. So it is a bound, not a contest: only placebos that
  look at the picture count, and a map may move as much as 95 % of them do.

Localisation and the completeness gap are told and decide nothing. A map of a network that learned a
shortcut must lie off the object to be right; and a promise to add up is kept by a map that adds up wrongly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from explain.numbers import signed

Badge = Literal["strong", "weak", "fails"]
RANDOMISATION, REMOVAL, STABILITY = "randomisation", "removal_log_odds", "stability"
MASS, RANK, POINTING = "localisation_mass", "localisation_rank", "localisation_pointing"
METRICS = (RANDOMISATION, REMOVAL, STABILITY, MASS, RANK, POINTING)
LOW_IS_GOOD = frozenset({STABILITY})
_FLAT_IN_SHORT = "It is the same everywhere: it puts no pixel before another."
_FLAT = (
    "The map is the same everywhere: it puts no pixel before another, so it says nothing of where the answer comes "
    "from."
)


# For a model without a network, by whether the map beat the placebos and by whether it kept still under noise.
_UNKNOWN_IN_SHORT = {
    (
        True,
        True,
    ): "Its pixels carry the answer and noise hardly moves it; what was learned cannot be checked.",
    (
        True,
        False,
    ): "Its pixels carry the answer, but noise moves it too much; what was learned cannot be checked.",
    (False, True): "Noise hardly moves it, but a placebo finds as much; what was learned cannot be checked.",
    (
        False,
        False,
    ): "A placebo finds as much, and noise moves it too much; what was learned cannot be checked.",
}


@dataclass(frozen=True, slots=True)
class MeasuredOn:
    """On what limits were measured: held-out scenes, or held-out pictures of a dataset that is named."""

    inputs: int
    dataset: str | None = None

    @property
    def words(self) -> str:
        """As in ``200 scenes``, or ``9 held-out pictures of toy_patches``."""
        return (
            f"{self.inputs} scenes"
            if self.dataset is None
            else f"{self.inputs} held-out pictures of {self.dataset}"
        )

    def to_json(self) -> dict[str, Any]:
        """As a measurement's record says it."""
        if self.dataset is None:
            return {"scenes": self.inputs}
        return {"pictures": self.inputs, "dataset": self.dataset}


@dataclass(frozen=True, slots=True)
class Limits:
    """What the placebos reach.

    Attributes
    ----------
    values : mapping of str to float
        By `METRICS`: to pass, a map must be above it, for stability not above it.
    measured_on : MeasuredOn or None
        None for the placebos on this picture alone.
    blob : float or None
        What a blob in the centre of this very picture reaches in `REMOVAL`, and a map has to beat as well. Among
        the placebos of all scenes many are easy to beat: where objects lie in the middle, the blob is above the
        limit of all together more often than once in twenty. None where the limits are those of this picture.
    """

    values: Mapping[str, float]
    measured_on: MeasuredOn | None
    blob: float | None = None

    def bound(self, metric: str) -> float:
        """What a score is held to."""
        measured = self.values[metric]
        return measured if metric != REMOVAL or self.blob is None else max(measured, self.blob)


def limits_of(thresholds: Mapping[str, Any], blob: float) -> Limits:
    """The limits that `explain.trust.trust_thresholds.measure` found, with the lift of this picture's blob."""
    if "pictures" in thresholds:
        on = MeasuredOn(int(thresholds["pictures"]), str(thresholds["dataset"]))
    else:
        on = MeasuredOn(int(thresholds["scenes"]))
    return Limits(dict(thresholds["limits"]), on, blob)


def best_of(scores: Mapping[str, Mapping[str, float]]) -> Limits:
    """The limits where nothing was measured: what the best placebo reaches on this picture.

    Of stability, what the one that moves most moves.

    Parameters
    ----------
    scores : mapping of str to mapping
        By the placebo's name, by `METRICS`.
    """
    found = {
        metric: max(one[metric] for one in scores.values() if metric in one)
        for metric in METRICS
        if any(metric in one for one in scores.values())
    }
    return Limits(found, None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The badge, why, and metric by metric whether the map is beyond the placebos.

    Attributes
    ----------
    in_short : str
        Why, for somebody who sees a map for the first time: no figures, no field's terms.
    sentence : str
        Why, with the figures.
    """

    badge: Badge
    in_short: str
    sentence: str
    passed: Mapping[str, bool]


def verdict(scores: Mapping[str, float], limits: Limits, is_flat: bool = False) -> Verdict:
    """Weigh a map's scores against what the placebos reach.

    Parameters
    ----------
    scores : mapping of str to float
        At least ``removal_log_odds`` and ``stability``, by `METRICS`; ``randomisation`` where there is a network.
    limits : Limits
    is_flat : bool
        Whether the map is the same everywhere. Its scores are then luck: that it is unlike the map of random
        weights says nothing of the model, and its lift is that of one random order over others.
    """
    passed = {
        name: score <= limits.bound(name) if name in LOW_IS_GOOD else score > limits.bound(name)
        for name, score in scores.items()
        if name in limits.values
    }
    reacts, matters = passed.get(RANDOMISATION), scores[REMOVAL] > 0
    if is_flat:
        return Verdict("fails", _FLAT_IN_SHORT, _FLAT, dict.fromkeys(passed, False))
    badge: Badge
    if reacts is False or not matters:
        badge = "fails"
    elif reacts and passed[REMOVAL] and passed[STABILITY]:
        badge = "strong"
    else:
        badge = "weak"
    return Verdict(badge, _in_short(badge, passed), _sentence(badge, scores, limits, passed), passed)


def _in_short(badge: Badge, passed: Mapping[str, bool]) -> str:
    if RANDOMISATION not in passed and badge != "fails":
        return _UNKNOWN_IN_SHORT[passed[REMOVAL], passed[STABILITY]]
    if passed.get(RANDOMISATION) is False:
        return "It hardly changes when the model forgets all that it learned: it shows the picture, not the model."
    if badge == "fails":
        return "Its pixels matter no more to the answer than pixels picked at random."
    if badge == "strong":
        return "It hangs on what the model learned, its pixels carry the answer, and noise hardly moves it."
    if passed[REMOVAL]:
        return "It hangs on what the model learned, its pixels carry the answer, but noise moves it too much."
    if passed[STABILITY]:
        return "It hangs on what was learned and noise hardly moves it, but a placebo finds as much of the answer."
    return "It hangs on what was learned, but noise moves it too much, and a placebo finds as much of the answer."


def _sentence(badge: Badge, scores: Mapping[str, float], limits: Limits, passed: Mapping[str, bool]) -> str:
    lift, bound = _apart(scores, limits, REMOVAL)
    moved, most = _apart(scores, limits, STABILITY)
    placebos, movers = "95 % of the placebos at most", "95 % of the placebos"
    if limits.measured_on is None:
        placebos, movers = "the best placebo here", "the placebos here"
    elif limits.bound(REMOVAL) > limits.values[REMOVAL]:
        placebos = "a blob in the centre of this picture"
    similarity = f"{1 - scores.get(RANDOMISATION, 0):.2f}"
    if RANDOMISATION not in scores:
        reacts = "Whether the map depends on what the model learned cannot be checked: it has no network to draw anew"
    elif passed[RANDOMISATION]:
        reacts = (
            f"The map depends on what the model learned (similarity {similarity} once its weights are random)"
        )
    else:
        return (
            f"The map hardly changes when the network's weights become random (similarity {similarity}): it shows "
            "little of what the model learned."
        )
    if badge == "fails":
        return (
            f"{reacts}, but its pixels matter no more to the answer than pixels in random order "
            f"(insertion less deletion: {lift} in log-odds)."
        )
    matters = (
        f"Its pixels matter to the answer {'more' if passed[REMOVAL] else 'no more'} than a placebo's "
        f"({lift} in log-odds over random order; {placebos}: {bound})"
    )
    still = "little" if passed[STABILITY] else "too much"
    moves = f"noise that nobody sees moves it {still} ({moved} of its size; {movers}: {most} at most)"
    link = "and" if passed[REMOVAL] == passed[STABILITY] else "but"
    return f"{reacts}. {matters}, {link} {moves}."


def _apart(scores: Mapping[str, float], limits: Limits, metric: str) -> tuple[str, str]:
    """A score and its limit, with as many digits as part them: "too much (0.04; at most 0.04)" explains nothing."""
    both = scores[metric], limits.bound(metric)
    digits = next((n for n in (2, 3, 4) if f"{both[0]:.{n}f}" != f"{both[1]:.{n}f}"), 2)
    score, limit = (f"{v:.{digits}f}" if metric == STABILITY else signed(v, digits) for v in both)
    return score, limit
