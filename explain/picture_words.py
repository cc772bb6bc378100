"""The finding for a picture in two or three plain sentences, made from the map by templates.

As for rows (`explain.words`), a doubtful answer is called doubtful before anything else is said, and
is then described, never defended.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explain.attributions.attribution import Attribution
from explain.numbers import percent
from explain.words import answer_words
from models.spec import ModelSpec

_ROWS, _COLUMNS = ("upper", "middle", "lower"), ("left", "middle", "right")
# A ninth of the picture with less than this share of the map is not worth pointing at: 1.5 ninths.
STANDS_OUT = 1 / 6
# The share of the pixels whose share of the map tells how concentrated it is.
STRONGEST = 0.1


def picture_finding(
    spec: ModelSpec,
    probabilities: np.ndarray,
    attribution: Attribution,
    signed: bool,
    truth: str | None = None,
    warnings: Sequence[str] = (),
) -> tuple[str, ...]:
    """Say what the model answers, where the map has its weight, and how concentrated it is.

    Parameters
    ----------
    spec : ModelSpec
        Names the classes.
    probabilities : ndarray of shape (n_classes,)
        The model's answer for the picture.
    attribution : Attribution
        Of the same picture, for any class.
    signed : bool
        Whether the map's values can speak against the target.
    truth : str, optional
        The class that is really shown, where it is known.
    warnings : sequence of str
        What is unusual about the picture; comes first.

    Returns
    -------
    tuple of str
        Warnings, if any, then the answer, then one or two sentences on the map.
    """
    *warnings, said = picture_answer_words(spec, probabilities, truth, warnings)
    told = _of_the_map(attribution.target.words(spec), attribution.values, signed, bool(warnings))
    return (*warnings, said, *told)


def picture_answer_words(
    spec: ModelSpec, probabilities: np.ndarray, truth: str | None = None, warnings: Sequence[str] = ()
) -> tuple[str, ...]:
    """What a model answers, after a warning where the answer is wrong or unsure.

    Parameters
    ----------
    probabilities : ndarray of shape (n_classes,)
    truth : str, optional
        The class that is really shown, where it is known.
    warnings : sequence of str
        What is unusual about the picture; comes first.
    """
    is_wrong = truth is not None and truth != spec.classes[int(np.argmax(probabilities))]
    wrong = [f"The answer is wrong: the picture shows {truth}."] if is_wrong else []
    return answer_words(spec, probabilities, [*warnings, *wrong])


def place(weight: np.ndarray) -> tuple[str, float]:
    """Where a map has its weight: in which ninth of the picture most of it lies, and what share.

    Parameters
    ----------
    weight : ndarray of shape (height, width)
        Not negative, and not zero everywhere.

    Returns
    -------
    tuple of (str, float)
        As in ``upper left``, ``middle`` for the centre; a share above 0, at most 1.
    """
    shares = np.array(
        [
            [cell.sum() for cell in np.array_split(band, 3, axis=1)]
            for band in np.array_split(weight, 3, axis=0)
        ]
    )
    row, column = np.unravel_index(int(np.argmax(shares)), shares.shape)
    names = dict.fromkeys((_ROWS[row], _COLUMNS[column]))
    return " ".join(names), float(shares[row, column] / shares.sum())


def concentration(values: np.ndarray) -> float:
    """Share of a map's weight, the sum of its values' sizes, that its strongest tenth of pixels holds.

    At least a tenth, where all pixels count the same; 1 where a tenth counts alone. The map must not be
    zero everywhere.
    """
    sizes = np.sort(np.abs(values), axis=None)[::-1]
    return float(sizes[: round(STRONGEST * sizes.size)].sum() / sizes.sum())


def _of_the_map(name: str, values: np.ndarray, signed: bool, doubtful: bool) -> tuple[str, ...]:
    if not values.any():
        return (f"The map for {name} is empty: no pixel counts for it.",)
    what = _sides(name, values, doubtful) if signed else _where(np.abs(values), f"the map for {name}")
    tenth = percent(concentration(values))
    return (what, f"The strongest {percent(STRONGEST)} of the pixels hold {tenth} of the map.")


def _sides(name: str, values: np.ndarray, doubtful: bool) -> str:
    towards, away = (
        (f"what moved the model towards {name}", f"what moved it away from {name}")
        if doubtful
        else (f"what speaks for {name}", f"what speaks against {name}")
    )
    positive, negative = np.maximum(values, 0), np.maximum(-values, 0)
    if not positive.any():
        return _where(negative, f"{away}, and so the whole map,")
    against = negative.sum() / (positive.sum() + negative.sum())
    return f"{_where(positive, towards).removesuffix('.')}; {percent(against)} of the map is {away}."


def _where(weight: np.ndarray, what: str) -> str:
    name, share = place(weight)
    if share < STANDS_OUT:
        return f"No part of the picture stands out: {what} is spread over all of it."
    return f"The {name} of the picture holds the largest part of {what} ({percent(share)})."
