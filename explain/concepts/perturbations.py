"""Changes to the pixels of any picture, by sliders: how much does the answer hang on them?

They are made in this order, which is the order of `PERTURBATIONS`: blur, contrast, brightness, noise,
box. Between them values may leave [0, 1], so that a later change can bring them back; after the noise
they are cut to it, and the box is painted last and keeps its colour. At its default each does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from data import numerals
from data.failures import UserMistake
from data.features import Feature
from data.names import did_you_mean

PERTURBATIONS: tuple[Feature, ...] = (
    Feature("pixel_blur", "Blur of the pixels", "px", 0.0, 8.0, 0.25, 0.0),
    Feature("contrast", "Contrast", "×", 0.0, 2.0, 0.05, 1.0),
    Feature("brightness", "Brightness", "", -0.5, 0.5, 0.02, 0.0),
    Feature("noise", "Noise", "", 0.0, 0.5, 0.01, 0.0),
    Feature("noise_seed", "Pattern of the noise", "", 0, 999, 1, 0),
    Feature("box_size", "Box: side", "% of the picture", 0, 100, 1, 0),
    Feature("box_x", "Box: from left", "% of the picture", 0, 100, 1, 50),
    Feature("box_y", "Box: from top", "% of the picture", 0, 100, 1, 50),
    Feature("box_colour", "Box: black to white", "", 0.0, 1.0, 0.05, 0.5),
)


class ChangeMistake(UserMistake, ValueError):
    """A change of the pixels that does not exist, or a value that it cannot have."""


def read(given: Iterable[str]) -> dict[str, float]:
    """Changes as a person writes them, ``pixel_blur=2``, for `apply`; what is at its default is left out.

    Raises
    ------
    ChangeMistake
        For a text of another form, an unknown name, a name that comes twice, and a value that its slider
        cannot have: outside its range, or a fraction where it holds whole numbers.
    """
    found: dict[str, float] = {}
    for text in given:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals:
            raise ChangeMistake(f"Write a change as NAME=VALUE, as in pixel_blur=2, not {text!r}.")
        feature = _feature(name)
        if name in found:
            raise ChangeMistake(f"The change {name} is given twice. Give it once.")
        found[name] = _number(feature, value)
    return {name: value for name, value in found.items() if value != _feature(name).default}


def words(changes: Mapping[str, float]) -> str:
    """Changes in a sentence, in the order in which they are made."""
    told = [f"{one.label} {one.show(changes[one.name])}" for one in PERTURBATIONS if one.name in changes]
    return f"The pixels are changed: {', '.join(told)}."


def apply(image: np.ndarray, settings: Mapping[str, float]) -> np.ndarray:
    """Change a picture.

    Parameters
    ----------
    image : ndarray of shape (height, width, 3)
        In [0, 1]; left as it is.
    settings : mapping of str to float
        By the names in `PERTURBATIONS`; what is left out is at its default. ``pixel_blur`` is the
        standard deviation of a Gaussian; ``contrast`` c and ``brightness`` b give ``0.5 + c (x - 0.5) + b``;
        ``noise`` is the standard deviation of normal noise, for each channel apart, of which
        ``noise_seed`` chooses the pattern; the box is a square around ``box_x, box_y``, cut at the
        picture's edges.

    Returns
    -------
    ndarray of shape (height, width, 3), float32
        In [0, 1].

    Raises
    ------
    ChangeMistake
        For an unknown name, and a value outside its range.
    """
    chosen = _complete(settings)
    made = image.astype(np.float32)
    if chosen["pixel_blur"] > 0:
        from scipy.ndimage import gaussian_filter

        made = gaussian_filter(made, (chosen["pixel_blur"], chosen["pixel_blur"], 0), mode="nearest")
    if (chosen["contrast"], chosen["brightness"]) != (1, 0):
        made = 0.5 + chosen["contrast"] * (made - 0.5) + chosen["brightness"]
    if chosen["noise"] > 0:
        # Drawn before it is scaled: more noise is the same pattern, stronger.
        pattern = np.random.default_rng(int(chosen["noise_seed"])).standard_normal(made.shape)
        made = made + (chosen["noise"] * pattern).astype(np.float32)
    made = np.clip(made, 0, 1)
    made[_box(made.shape, chosen)] = chosen["box_colour"]
    return made


def _complete(settings: Mapping[str, float]) -> dict[str, float]:
    for name, value in settings.items():
        feature = _feature(name)
        if not feature.low <= value <= feature.high:
            raise _out_of_range(feature, value)
    return {**{feature.name: feature.default for feature in PERTURBATIONS}, **settings}


def _feature(name: str) -> Feature:
    for feature in PERTURBATIONS:
        if feature.name == name:
            return feature
    names = [feature.name for feature in PERTURBATIONS]
    raise ChangeMistake(
        f"No change of the pixels is called {name!r}.{did_you_mean(name, names)} There are: {', '.join(names)}."
    )


def _number(feature: Feature, text: str) -> float:
    try:
        # A slider whose step is a whole number holds nothing else.
        value = numerals.whole(text) if isinstance(feature.step, int) else numerals.number(text)
    except ValueError:
        raise _out_of_range(feature, text) from None
    if not feature.low <= value <= feature.high:
        raise _out_of_range(feature, text)
    return value


def _out_of_range(feature: Feature, value: float | str) -> ChangeMistake:
    kind = "whole number" if isinstance(feature.step, int) else "number"
    span = f"{feature.low:g} to {feature.high:g} {feature.unit}".rstrip()
    return ChangeMistake(f"{feature.name} must be a {kind} from {span}, not {value!r}.")


def _box(shape: tuple[int, ...], chosen: Mapping[str, float]) -> tuple[slice, slice]:
    """The pixels under the box, down and across; of a picture that is not square, its shorter side counts."""
    height, width = shape[:2]
    side = round(min(height, width) * chosen["box_size"] / 100)
    top = round(height * chosen["box_y"] / 100 - side / 2)
    left = round(width * chosen["box_x"] / 100 - side / 2)
    return slice(max(0, top), max(0, top + side)), slice(max(0, left), max(0, left + side))
