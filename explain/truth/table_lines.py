"""The lines of the table of methods: every method, and what each is compared with because it explains nothing.

Two kinds never ask the model about the picture. **Placebos** see at most the picture, or where its object is; a map
without signs has placebos without, and one with signs those with: a blob less its own mean speaks against the edge of a
picture, and a map that is +1 on the object and -1 beside it knows what a person knows before any explanation. The
**lookup table** never sees the picture: it says of each part what it does in the other scenes, on average. A map that
is no better says nothing about this one picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from data import scenes
from data.bakery import Part
from explain import methods
from explain.attributions import background
from explain.attributions.image_method import ImageMethod, Passes
from explain.targets import ClassTarget
from explain.trust.placebos import Placebo, centre_blob, without_model
from explain.truth.part_effects import PartEffects
from models.spec import Model, ModelSpec

EVEN, LOOKUP, LOOKUP_SIZES = "even", "lookup_table", "lookup_sizes"
SIGNED_BLOB, OBJECT = "signed_centre_blob", "object_against_background"
Role = Literal["method", "placebo", "lookup"]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line of the table: something that makes a map.

    Attributes
    ----------
    role : str
        What it is: a method, or what methods are compared with.
    passes : Passes or None
        What a map costs; None for what does not ask the model.
    values : callable (parts, number) -> ndarray of shape (height, width)
        The map for a scene, whose number is its position.
    """

    name: str
    title: str
    has_signs: bool
    role: Role
    passes: Passes | None
    values: Callable[[PartEffects, int], np.ndarray]


def lines(model: Model, told: Sequence[PartEffects], seed: int) -> list[Line]:
    """The methods that fit the model, then the placebos, then the lookup table with its signs and without.

    Parameters
    ----------
    told : sequence of PartEffects
        Of all scenes, in their order.
    seed : int
        Of what is random among the placebos.
    """
    compared: list[np.ndarray] = []

    def of(method: ImageMethod) -> Line:
        if method.needs_background and not compared:
            compared.append(background.of_dataset(scenes.NAME, model.spec))
        more = {"background": compared[0]} if method.needs_background else {}

        def values(parts: PartEffects, number: int) -> np.ndarray:
            return method.attribute(model, parts.pictures[0], ClassTarget(parts.target), **more).values

        return Line(
            method.name, method.title, method.signed, "method", method.passes(model.spec, more), values
        )

    fitting = [fit.method.name for fit in methods.for_spec(model.spec) if fit.reason is None]
    return [
        *(of(methods.image_method(name)) for name in fitting),
        *_placebos(model.spec, seed),
        Line(EVEN, "The same everywhere (area alone)", False, "placebo", None, _ones),
        Line(SIGNED_BLOB, "Centre blob less its mean", True, "placebo", None, _signed_blob),
        Line(OBJECT, "Object against background", True, "placebo", None, _object),
        Line(LOOKUP, "Lookup table (mean effect elsewhere)", True, "lookup", None, _lookup(told, np.asarray)),
        Line(
            LOOKUP_SIZES,
            "Lookup table, sizes (mean effect elsewhere)",
            False,
            "lookup",
            None,
            _lookup(told, np.abs),
        ),
    ]


def _placebos(spec: ModelSpec, seed: int) -> list[Line]:
    def of(position: int, placebo: Placebo) -> Line:
        def values(parts: PartEffects, number: int) -> np.ndarray:
            return without_model(parts.pictures[0], seed + number)[position].values

        return Line(placebo.name, placebo.title, False, "placebo", None, values)

    # What they are called does not depend on the picture.
    blank = np.zeros((spec.image_size or 1, spec.image_size or 1, 3))
    return [of(position, placebo) for position, placebo in enumerate(without_model(blank, seed))]


def _ones(parts: PartEffects, number: int) -> np.ndarray:
    return np.ones(parts.pictures.shape[1:3])


def _signed_blob(parts: PartEffects, number: int) -> np.ndarray:
    blob = centre_blob(parts.pictures.shape[1:3])
    return blob - blob.mean()


def _object(parts: PartEffects, number: int) -> np.ndarray:
    """+1 on the object, -1 on the background."""
    behind = np.zeros(parts.pictures.shape[1:3], dtype=bool)
    for one, mask in zip(parts.interventions, parts.masks, strict=True):
        if Part.BACKGROUND in one.parts:
            behind |= mask
    return np.where(behind, -1.0, 1.0)


def _lookup(
    told: Sequence[PartEffects], size: Callable[[np.ndarray], np.ndarray]
) -> Callable[[PartEffects, int], np.ndarray]:
    def values(parts: PartEffects, number: int) -> np.ndarray:
        others = [
            one
            for k, one in enumerate(told)
            if k != number and (one.kind, one.target) == (parts.kind, parts.target)
        ]
        found = np.zeros(parts.pictures.shape[1:3])
        for name, mask in zip(parts.names, parts.masks, strict=True):
            effects = [one.effects[one.names.index(name)] for one in others if name in one.names]
            if effects:
                # Spread over the part, so that its mass is the mean.
                found[mask] = size(np.array(effects)).mean() / mask.sum()
        return found

    return values
