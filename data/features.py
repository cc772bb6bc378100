"""What a person can move: one number with a name, a range and a step.

A feature of a table, a concept of a scene and a pixel perturbation are the same thing to whoever
draws a slider, so they share this one description.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

MINUS = "\u2212"
"""The sign as it is printed; a hyphen is shorter, and a line may break after it. No `float` reads it."""


def printed(value: float, digits: int) -> str:
    """``4.9`` or ``−4.9``: a number with so many digits after its point; what is printed as zero has no sign."""
    text = f"{abs(value):.{digits}f}"
    return f"{MINUS}{text}" if value < 0 and float(text) != 0 else text


@dataclass(frozen=True, slots=True)
class Feature:
    """One numeric input.

    Parameters
    ----------
    name : str
        Identifier, as in files, URLs and JSON (``petal_length``).
    label : str
        What a person reads (``Petal length``).
    unit : str
        Printed after every value; empty for a pure number.
    low, high : float
        Ends of the range that a person can set. Not the range of the training data.
    step : float
        The smallest change that has a meaning, for instance 0.1 cm. Positive.
    default : float
        Where a slider starts.
    """

    name: str
    label: str
    unit: str
    low: float
    high: float
    step: float
    default: float

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"Feature {self.name}: low {self.low} is not below high {self.high}.")
        if not self.step > 0:
            raise ValueError(f"Feature {self.name}: step {self.step} is not positive.")
        if not self.low <= self.default <= self.high:
            raise ValueError(
                f"Feature {self.name}: default {self.default} is outside {self.low} to {self.high}."
            )

    @property
    def decimals(self) -> int:
        """Digits after the point that the step needs: 1 for 0.1, 2 for 0.25, 0 for 1."""
        exponent = Decimal(repr(float(self.step))).normalize().as_tuple().exponent
        return max(0, -int(exponent))

    def snap(self, value: float) -> float:
        """Nearest multiple of the step inside the range, rounded as it is printed."""
        steps = round(value / self.step)
        low, high = math.ceil(self.low / self.step - 1e-9), math.floor(self.high / self.step + 1e-9)
        return round(min(max(steps, low), high) * self.step, self.decimals)

    def show(self, value: float) -> str:
        """``4.9 cm``: the value with as many digits as the step has, and its unit."""
        return f"{printed(value, self.decimals)} {self.unit}".rstrip()
