"""Changes to the pixels of any picture, by sliders: how much does the answer hang on them?

They are made in this order, which is the order of `PERTURBATIONS`: blur, contrast, brightness, noise,
box. Between them values may leave [0, 1], so that a later change can bring them back; after the noise
they are cut to it, and the box is painted last and keeps its colour. At its default each does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from data.features import Feature

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
    ValueError
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
    features = {feature.name: feature for feature in PERTURBATIONS}
    for name, value in settings.items():
        if name not in features:
            raise ValueError(f"No perturbation is called {name!r}. There are: {', '.join(features)}.")
        if not features[name].low <= value <= features[name].high:
            raise ValueError(
                f"{name} must be from {features[name].low:g} to {features[name].high:g}, not {value}."
            )
    return {**{name: feature.default for name, feature in features.items()}, **settings}


def _box(shape: tuple[int, ...], chosen: Mapping[str, float]) -> tuple[slice, slice]:
    """The pixels under the box, down and across; of a picture that is not square, its shorter side counts."""
    height, width = shape[:2]
    side = round(min(height, width) * chosen["box_size"] / 100)
    top = round(height * chosen["box_y"] / 100 - side / 2)
    left = round(width * chosen["box_x"] / 100 - side / 2)
    return slice(max(0, top), max(0, top + side)), slice(max(0, left), max(0, left + side))
