"""How numbers are printed in sentences and on charts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.features import MINUS, Feature, printed

MOST_DIGITS = 9
# A number and its per cent sign stay on one line.
PER_CENT = "\u00a0%"


def as_compared(values: np.ndarray) -> np.ndarray:
    """Values as scikit-learn's trees compare them: rounded to float32, held in float64 again.

    A plain ``float32 <= 2.45`` would round the threshold too, which scikit-learn does not do.
    """
    return np.asarray(values, dtype=np.float64).astype(np.float32).astype(np.float64)


def percent(probability: float) -> str:
    """``98 %``; never ``100 %`` or ``0 %`` for what is not certain or not impossible.

    The space before the sign is U+00A0, which does not break.
    """
    whole = round(probability * 100)
    if whole == 100 and probability < 1:
        return f"over 99{PER_CENT}"
    if whole == 0 and probability > 0:
        return f"under 1{PER_CENT}"
    return f"{whole}{PER_CENT}"


def share(probability: float) -> str:
    """``0.98``; never ``1.00`` or ``0.00`` for what is not certain or not impossible."""
    text = f"{probability:.2f}"
    if text == "1.00" and probability < 1:
        return "over 0.99"
    if text == "0.00" and probability > 0:
        return "under 0.01"
    return text


def signed(value: float, digits: int) -> str:
    """``+0.45`` or ``−0.02``, with a real minus; what is printed as zero carries no sign."""
    text = printed(value, digits)
    return text if value <= 0 or float(text) == 0 else f"+{text}"


def points(value: float) -> str:
    """``+48.2 points``: a change of a probability, in percentage points."""
    return f"{signed(value * 100, digits=1)} points"


def plural(count: int, noun: str) -> str:
    """``1 step``, ``7 steps``, ``1,204 steps``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def inside_sentence(label: str) -> str:
    """A label after the first word of a sentence: ``petal length``, but ``BMI``."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def moving(labels: Sequence[str]) -> str:
    """How a sentence on a change begins: ``Moving``, or ``With petal width kept as it is, moving``."""
    if not labels:
        return "Moving"
    *first, last = map(inside_sentence, labels)
    kept = f"{', '.join(first)} and {last} kept as they are" if first else f"{last} kept as it is"
    return f"With {kept}, moving"


def with_unit(text: str, feature: Feature) -> str:
    """A printed number followed by the feature's unit, if it has one."""
    return f"{text} {feature.unit}".rstrip()


def exact(feature: Feature, value: float) -> str:
    """A value as the slider prints it, or with more digits where it lies off the slider's steps."""
    for digits in range(feature.decimals, MOST_DIGITS):
        if abs(round(value, digits) - value) <= 1e-9 * max(1.0, abs(value)):
            return with_unit(printed(value, digits), feature)
    return with_unit(printed(value, MOST_DIGITS).rstrip("0"), feature)


def threshold(feature: Feature, value: float) -> str:
    """A threshold with up to two digits more than the slider's steps: ``2.45 cm``, ``5 mm``."""
    return with_unit(_short(value, feature.decimals + 2), feature)


def comparison(feature: Feature, value: float, limit: float) -> tuple[str, str]:
    """Print a compared value and its threshold so that the printed numbers compare alike.

    The float32 of 2.45 is above a threshold of 2.44999999; printed with two digits, that would read
    "2.45 is above 2.45". Digits are added until the text says what was really compared.

    Parameters
    ----------
    feature : Feature
        Says unit and digits.
    value : float
        As given, before it is rounded to float32.
    limit : float
        The node's threshold.

    Returns
    -------
    tuple of str
        Value and threshold, with units.
    """
    compared = float(as_compared(np.array(value)))
    shown, bound = exact(feature, value), threshold(feature, limit)
    digits = feature.decimals + 2
    while (_number(shown) <= _number(bound)) != (compared <= limit) and digits <= 2 * MOST_DIGITS:
        digits += 1
        shown, bound = (with_unit(_short(number, digits), feature) for number in (compared, limit))
    return shown, bound


def _short(value: float, digits: int) -> str:
    text = printed(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(text: str) -> float:
    return float(text.split(" ")[0].replace(MINUS, "-"))
