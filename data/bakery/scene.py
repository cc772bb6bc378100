"""What a scene is: the parameters of one picture, and the ranges that they may take.

A scene is a value. It holds everything that decides a pixel, so it can be stored, compared, put in a
URL and digested, and nothing about the picture has to be remembered beside it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785

from data.features import Feature
from data.names import did_you_mean

KINDS: tuple[str, ...] = ("chihuahua", "muffin")
SEED_LIMIT = 2**53  # beyond it JSON readers disagree about an integer

_SHARED: tuple[Feature, ...] = (
    Feature("framing", "Framing (whole to close)", "", 0.0, 1.0, 0.05, 0.0),
    Feature("light", "Light from left to right", "°", -80.0, 80.0, 5.0, -35.0),
    Feature("blur", "Blur", "% of width", 0.0, 3.0, 0.1, 0.0),
    Feature("background", "Background hue", "°", 0.0, 360.0, 5.0, 205.0),
)

CONCEPTS: dict[str, tuple[Feature, ...]] = {
    "muffin": (
        Feature("berry_spacing", "Berry spacing", "cm", 1.0, 3.5, 0.1, 2.0),
        Feature("berry_size", "Berry size", "cm", 0.4, 1.6, 0.05, 1.0),
        Feature("bake", "Time in the oven", "min", 5.0, 45.0, 1.0, 22.0),
        Feature("irregularity", "Irregularity", "", 0.0, 1.0, 0.05, 0.4),
        Feature("cup_hue", "Cup hue", "°", 0.0, 360.0, 5.0, 30.0),
        *_SHARED,
    ),
    "chihuahua": (
        Feature("ear_size", "Ear size", "×", 0.5, 1.5, 0.05, 1.0),
        Feature("fur_tone", "Fur tone (cream to black)", "", 0.0, 1.0, 0.05, 0.3),
        Feature("eye_size", "Eye size", "×", 0.6, 1.5, 0.05, 1.0),
        Feature("muzzle", "Muzzle length", "×", 0.6, 1.5, 0.05, 1.0),
        Feature("head_tilt", "Head tilt", "°", -35.0, 35.0, 1.0, 0.0),
        *_SHARED,
    ),
}
"""The numeric inputs of each kind, in the order in which a page lists them."""

_BACKDROPS = ("plain", "table", "grass", "bokeh")

TRAITS: dict[str, dict[str, tuple[str, ...]]] = {
    "muffin": {
        "flavour": ("blueberry", "chocolate_chip", "chocolate", "plain"),
        "backdrop": _BACKDROPS,
    },
    "chihuahua": {
        "coat": ("solid", "blaze", "black_and_tan", "sable"),
        "hair": ("smooth", "long"),
        "backdrop": _BACKDROPS,
    },
}
"""The categorical inputs of each kind; the first option is the default."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The parameters of one picture. Build it with `Scene.of` or `Scene.from_json`.

    Parameters
    ----------
    kind : str
        ``muffin`` or ``chihuahua``: what is seen, and so the true class.
    seed : int
        Decides all that has no name of its own (pose, proportions, grain), 0 to 2**53 - 1.
    concepts : tuple of (name, value)
        One value for each of ``CONCEPTS[kind]``, in that order, inside its low and high.
    traits : tuple of (name, option)
        One option for each of ``TRAITS[kind]``, in that order.

    Raises
    ------
    ValueError
        With a sentence that names the field, the value and what it may be.
    """

    kind: str
    seed: int
    concepts: tuple[tuple[str, float], ...]
    traits: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        _check_kind(self.kind)
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or not 0 <= self.seed < SEED_LIMIT:
            raise ValueError(
                f"Scene: seed is {self.seed!r}, it must be an integer from 0 to {SEED_LIMIT - 1}."
            )
        features = {feature.name: feature for feature in CONCEPTS[self.kind]}
        concepts = _complete(self.kind, "concept", dict(self.concepts), features)
        traits = _complete(self.kind, "trait", dict(self.traits), TRAITS[self.kind])
        checked = tuple((name, _number(self.kind, features[name], concepts[name])) for name in features)
        object.__setattr__(self, "concepts", checked)
        for name, options in TRAITS[self.kind].items():
            if traits[name] not in options:
                raise ValueError(
                    f"Scene ({self.kind}): {name} is {traits[name]!r}, it must be one of {', '.join(options)}."
                    f"{did_you_mean(str(traits[name]), options)}"
                )
        object.__setattr__(self, "traits", tuple((name, traits[name]) for name in TRAITS[self.kind]))

    @classmethod
    def of(cls, kind: str, seed: int = 0, **inputs: float | str) -> Scene:
        """A scene with defaults for every concept and trait that `inputs` leaves out.

        Raises ValueError for an unknown kind or name, or a value outside its range.
        """
        _check_kind(kind)
        base = cls(
            kind,
            seed,
            tuple((feature.name, feature.default) for feature in CONCEPTS[kind]),
            tuple((name, options[0]) for name, options in TRAITS[kind].items()),
        )
        return base.replace(**inputs)

    def replace(self, **inputs: float | str) -> Scene:
        """The same scene with some concepts, traits or the seed changed; all else, and its noise, stays.

        Raises ValueError for an unknown name or a value outside its range.
        """
        concepts: dict[str, Any] = dict(self.concepts)
        traits: dict[str, Any] = dict(self.traits)
        seed: Any = inputs.pop("seed", self.seed)
        for name, value in inputs.items():
            if name not in concepts and name not in traits:
                known = [*concepts, *traits, "seed"]
                raise ValueError(
                    f"Scene ({self.kind}): {name!r} is not an input of this kind.{did_you_mean(name, known)} "
                    f"It has {', '.join(known)}."
                )
            (concepts if name in concepts else traits)[name] = value
        return Scene(self.kind, seed, tuple(concepts.items()), tuple(traits.items()))

    def value(self, concept: str) -> float:
        """The value of a concept, in its feature's unit. Raises KeyError for a name of another kind."""
        return dict(self.concepts)[concept]

    def trait(self, name: str) -> str:
        """The option of a trait. Raises KeyError for a name of another kind."""
        return dict(self.traits)[name]

    @property
    def live_concepts(self) -> tuple[Feature, ...]:
        """The concepts that can change this picture: a plain muffin has no berries to move."""
        plain = self.kind == "muffin" and self.trait("flavour") == "plain"
        return tuple(f for f in CONCEPTS[self.kind] if not (plain and f.name.startswith("berry_")))

    @property
    def digest(self) -> str:
        """SHA-256 of the scene's canonical JSON, in hexadecimal."""
        return hashlib.sha256(rfc8785.dumps(self.to_json())).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """A JSON object with ``kind``, ``seed``, ``concepts`` and ``traits``."""
        return {
            "kind": self.kind,
            "seed": self.seed,
            "concepts": dict(self.concepts),
            "traits": dict(self.traits),
        }

    @classmethod
    def from_json(cls, document: Any) -> Scene:
        """The scene that `to_json` wrote.

        Raises ValueError when a key is missing or unknown, has the wrong type, or a value is out of range.
        """
        if not isinstance(document, Mapping):
            raise ValueError(f"Scene: {document!r} is not a JSON object.")
        _same_names("Scene", "field", document, ("kind", "seed", "concepts", "traits"))
        for field in ("concepts", "traits"):
            if not isinstance(document[field], Mapping):
                raise ValueError(f"Scene: {field} is {document[field]!r}, it must be a JSON object.")
        return cls(
            document["kind"],
            document["seed"],
            tuple(document["concepts"].items()),
            tuple(document["traits"].items()),
        )


def _check_kind(kind: Any) -> None:
    if kind not in KINDS:
        hint = did_you_mean(str(kind), KINDS)
        raise ValueError(f"Scene: kind is {kind!r}, it must be one of {', '.join(KINDS)}.{hint}")


def _same_names(who: str, what: str, given: Mapping[str, Any], wanted: Any) -> None:
    missing = [name for name in wanted if name not in given]
    unknown = [name for name in given if name not in wanted]
    if missing:
        raise ValueError(f"{who}: {what} {missing[0]!r} is missing.")
    if unknown:
        hint = did_you_mean(str(unknown[0]), wanted)
        raise ValueError(f"{who}: {what} {unknown[0]!r} is unknown.{hint} It has {', '.join(wanted)}.")


def _complete(kind: str, what: str, given: dict[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    _same_names(f"Scene ({kind})", what, given, wanted)
    return given


def _number(kind: str, feature: Feature, value: Any) -> float:
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    slack = 1e-9 * (feature.high - feature.low)  # a slider's end, reached by adding steps, is its end
    if not good or not feature.low - slack <= value <= feature.high + slack:
        raise ValueError(
            f"Scene ({kind}): {feature.name} is {value!r}, it must be a number "
            f"from {feature.low:g} to {feature.high:g}{' ' + feature.unit if feature.unit else ''}."
        )
    return float(min(max(value, feature.low), feature.high))
