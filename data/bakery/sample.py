"""Scenes drawn at random, and how far a scene lies from what is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from data.bakery.noise import Draws
from data.bakery.scene import CONCEPTS, KINDS, SEED_LIMIT, TRAITS, Scene


@dataclass(frozen=True, slots=True)
class Range:
    """Where a concept is drawn: low + (high - low) * u ** skew with u uniform; skew above 1 favours low."""

    low: float
    high: float
    skew: float = 1.0


_SHARED = {
    "framing": Range(0.0, 0.3),
    "light": Range(-70.0, 70.0),
    "blur": Range(0.0, 1.0, 4.0),
    "background": Range(0.0, 360.0),
}

PRIOR: dict[str, dict[str, Range]] = {
    "muffin": {
        "berry_spacing": Range(1.3, 2.8),
        "berry_size": Range(0.7, 1.3),
        "bake": Range(13.0, 34.0),
        "irregularity": Range(0.0, 0.9),
        "cup_hue": Range(0.0, 360.0, 1.6),
        **_SHARED,
    },
    "chihuahua": {
        "ear_size": Range(0.75, 1.25),
        "fur_tone": Range(0.0, 0.95, 1.3),
        "eye_size": Range(0.8, 1.25),
        "muzzle": Range(0.75, 1.3),
        "head_tilt": Range(-25.0, 25.0),
        **_SHARED,
    },
}
"""The prior: where each concept of each kind is drawn. Narrower than its `Feature`, which a person may set."""

TRAIT_WEIGHTS: dict[str, dict[str, dict[str, float]]] = {
    "muffin": {
        "flavour": {"blueberry": 0.6, "chocolate_chip": 0.2, "chocolate": 0.1, "plain": 0.1},
        "backdrop": {"plain": 0.35, "table": 0.25, "grass": 0.15, "bokeh": 0.25},
    },
    "chihuahua": {
        "coat": {"solid": 0.45, "blaze": 0.25, "black_and_tan": 0.15, "sable": 0.15},
        "hair": {"smooth": 0.7, "long": 0.3},
        "backdrop": {"plain": 0.35, "table": 0.25, "grass": 0.15, "bokeh": 0.25},
    },
}
"""The prior's weights of each option. Backdrops weigh the same for both kinds."""


def sample_scenes(n: int, seed: int, framing: tuple[float, float] | None = None) -> list[Scene]:
    """Draw scenes from the prior, as many of one kind as of the other (an odd one is a chihuahua).

    Scene i depends on (seed, i) alone: a longer list begins with the shorter one.

    Parameters
    ----------
    n : int
        How many, 0 or more.
    seed : int
        0 to 2**53 - 1.
    framing : (low, high), optional
        Draw the framing evenly from this range, inside 0 to 1, and not from the prior.

    Raises
    ------
    ValueError
        For a negative n, a seed or a framing out of range.
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 0:
        raise ValueError(f"sample_scenes: n is {n!r}, it must be an integer of 0 or more.")
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < SEED_LIMIT:
        raise ValueError(
            f"sample_scenes: seed is {seed!r}, it must be an integer from 0 to {SEED_LIMIT - 1}."
        )
    if framing is not None and not 0 <= framing[0] <= framing[1] <= 1:
        raise ValueError(
            f"sample_scenes: framing is {framing!r}, it must be low, high with 0 <= low <= high <= 1."
        )
    override = {} if framing is None else {"framing": Range(*framing)}
    return [_draw(KINDS[i % 2], Draws(seed, f"sample/{i}"), override) for i in range(n)]


def _draw(kind: str, draws: Draws, override: Mapping[str, Range]) -> Scene:
    seed = int(draws.uniform(0, 2**32))
    concepts = []
    for feature in CONCEPTS[kind]:
        where = override.get(feature.name) or PRIOR[kind][feature.name]
        value = where.low + (where.high - where.low) * draws.uniform(0, 1) ** where.skew
        concepts.append((feature.name, round(value, feature.decimals + 1)))
    traits = tuple((name, draws.choice(TRAIT_WEIGHTS[kind][name])) for name in TRAITS[kind])
    return Scene(kind, seed, tuple(concepts), traits)


def off_prior(scene: Scene) -> dict[str, float]:
    """How far each concept lies outside the prior, as a share of the prior's width; 0 inside."""
    distances = {}
    for name, value in scene.concepts:
        where = PRIOR[scene.kind][name]
        distances[name] = max(where.low - value, value - where.high, 0.0) / (where.high - where.low)
    return distances
