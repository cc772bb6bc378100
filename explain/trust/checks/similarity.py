"""How alike two maps are, by the sizes of their values, and how complex one is.

J. Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018, compare absolute values by Spearman's
rank correlation and by SSIM. A map that is the same everywhere has no ranks: it counts as equal to
another such map (1) and as unlike any other (0).
"""

from __future__ import annotations

import numpy as np

# Side of the window in which SSIM compares, as in scikit-image.
_WINDOW = 7
# Bars of the histogram whose entropy is a map's complexity, as in Quantus.
_BARS = 100


def rank_similarity(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's rank correlation of the sizes of two maps' values, from -1 to 1.

    Parameters
    ----------
    one, other : ndarray of shape (height, width)
    """
    a, b = np.abs(one).ravel(), np.abs(other).ravel()
    alike = _if_flat(a, b)
    if alike is not None:
        return alike
    # scipy's ranks need all of scipy.stats, whose import takes longer than every check; the pages have pandas.
    import pandas as pd

    return float(np.corrcoef(pd.Series(a).rank(), pd.Series(b).rank())[0, 1])


def structural_similarity(one: np.ndarray, other: np.ndarray) -> float:
    """SSIM of the sizes of two maps' values, each divided by its largest; from -1 to 1.

    Z. Wang et al., "Image quality assessment", 2004, with an even window of 7 pixels.

    Parameters
    ----------
    one, other : ndarray of shape (height, width)
        At least 3 pixels each way.
    """
    a, b = np.abs(one), np.abs(other)
    alike = _if_flat(a, b)
    if alike is not None:
        return alike
    from skimage.metrics import structural_similarity as ssim

    side = min(_WINDOW, *a.shape)
    return float(ssim(a / a.max(), b / b.max(), win_size=side - 1 + side % 2, data_range=1.0))


def complexity(values: np.ndarray) -> float:
    """Entropy of the histogram of a map's values, with 100 bars, in nats: 0 where all are the same.

    A. Hedström et al., "A fresh look at sanity checks for saliency maps", 2024.
    """
    counts, _ = np.histogram(values, bins=_BARS)
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())


def _if_flat(a: np.ndarray, b: np.ndarray) -> float | None:
    """What to say where a map is the same everywhere; None where neither is."""
    flat = [float(np.ptp(sizes)) == 0 for sizes in (a, b)]
    return float(all(flat)) if any(flat) else None
