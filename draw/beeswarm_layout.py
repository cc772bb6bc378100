"""Where the dots of a beeswarm stand: one a row, piled up beside each other where they would overlap."""

from __future__ import annotations

import numpy as np

# Bins over the whole width of the picture: about the size of a dot.
BINS = 90


def offsets(values: np.ndarray, low: float, high: float, bins: int = BINS) -> np.ndarray:
    """How far each dot stands from the middle of its line, ndarray of shape (n_values,), from -1 to 1.

    Dots of a bin pile up to both sides of the line in turn: 0, 1, -1, 2, -2, ... dots away from it. The
    highest pile fills the line; where all piles are low, dots stand as close as in a pile of 12.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        Where the dots stand along the line.
    low, high : float
        Ends of the picture.
    """
    width = (high - low) or 1.0
    places = np.clip(((values - low) / width * bins).astype(int), 0, bins - 1)
    away = np.zeros(len(values))
    piled: dict[int, int] = {}
    for index in np.argsort(values, kind="stable"):
        count = piled.get(int(places[index]), 0)
        piled[int(places[index])] = count + 1
        away[index] = (count + 1) // 2 * (1 if count % 2 else -1)
    return away / max(6.0, float(np.abs(away).max(initial=0.0)))
