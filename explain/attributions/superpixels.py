"""Superpixels: patches of like colour that together make up a picture, by SLIC (scikit-image).

R. Achanta et al., "SLIC superpixels compared to state-of-the-art superpixel methods", IEEE TPAMI 34, 2012.
"""

from __future__ import annotations

import numpy as np

# How much distance in place counts beside distance in colour (CIELAB), and the blur before (standard
# deviation in pixels): enough of both that even noise falls into patches of like size.
_COMPACTNESS, _BLUR = 20.0, 1.0


def superpixels(picture: np.ndarray, n: int) -> np.ndarray:
    """Cut a picture into patches, the same ones for the same picture.

    Parameters
    ----------
    picture : ndarray of shape (height, width, 3)
        sRGB, in [0, 1].
    n : int
        How many to look for; there may be a third more, or fewer.

    Returns
    -------
    ndarray of shape (height, width), int64
        The number of each pixel's patch, from 0 without gaps. Each patch hangs together.
    """
    from skimage.segmentation import slic

    labels = slic(picture, n, _COMPACTNESS, sigma=_BLUR, start_label=0, channel_axis=-1)
    return np.unique(labels, return_inverse=True)[1].reshape(labels.shape)
