"""Pictures as a network sees them in training: cut out, turned, lit and coloured at random.

Works on a batch of bytes at once and draws every number from the generator that it is given, so that
a training can be repeated. Importing this module imports torch.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional

# From RGB to luma and two differences of colour (NTSC's YIQ), in which a hue is an angle.
_YIQ = torch.tensor([[0.299, 0.587, 0.114], [0.596, -0.274, -0.321], [0.211, -0.523, 0.311]])
_RGB = torch.linalg.inv(_YIQ)


@dataclass(frozen=True, slots=True)
class Cut:
    """How much of a picture a random crop keeps, as shares of its area.

    A share ``tight`` of the pictures is cut to between ``closest`` and ``close``, the others to
    between ``close`` and the whole.
    """

    closest: float
    close: float
    tight: float


# A dog in a photo may fill the frame, as in the meme, or stand in a garden. A scene has its own framing.
PHOTO_CUT = Cut(0.08, 0.35, 0.2)
SCENE_CUT = Cut(0.5, 0.5, 0.0)


def plain(images: Tensor, size: int) -> Tensor:
    """Bytes (n, side, side, 3) to floats in [0, 1], (n, 3, size, size), without any chance."""
    pixels = images.permute(0, 3, 1, 2).float().div_(255)
    if pixels.shape[-1] != size:
        pixels = functional.interpolate(pixels, size=(size, size), mode="bilinear", antialias=True)
    return pixels.contiguous(memory_format=torch.channels_last)


def augment(images: Tensor, size: int, cut: Cut, generator: Generator) -> Tensor:
    """Augmented pictures.

    Parameters
    ----------
    images : Tensor of shape (n, side, side, 3), uint8
    size : int
        Side of the result in pixels.

    Returns
    -------
    Tensor of shape (n, 3, size, size), float32 in [0, 1]
    """
    pixels = _crop(images.permute(0, 3, 1, 2).float().div_(255), size, cut, generator)
    pixels = _erase(_colour(pixels, generator), generator)
    soft = _between(len(pixels), 0, 1, generator) < 0.1
    if soft.any():
        # Some pictures that people have are small and were blown up.
        small = functional.avg_pool2d(pixels[soft], 2)
        pixels[soft] = functional.interpolate(small, size=(size, size), mode="bilinear")
    return pixels.contiguous(memory_format=torch.channels_last)


def _between(n: int, low: float, high: float, generator: Generator) -> Tensor:
    return low + (high - low) * torch.rand(n, generator=generator)


def _crop(pixels: Tensor, size: int, cut: Cut, generator: Generator) -> Tensor:
    """A crop of random place, area and shape, mirrored and turned by up to 15°."""
    n = len(pixels)
    is_tight = _between(n, 0, 1, generator) < cut.tight
    area = torch.where(
        is_tight, _between(n, cut.closest, cut.close, generator), _between(n, cut.close, 1, generator)
    )
    shape = torch.exp(_between(n, -0.25, 0.25, generator))
    wide, high = (area * shape).sqrt().clamp(max=1), (area / shape).sqrt().clamp(max=1)
    x = _between(n, -1, 1, generator) * (1 - wide)
    y = _between(n, -1, 1, generator) * (1 - high)
    mirror = torch.where(_between(n, 0, 1, generator) < 0.5, -1.0, 1.0)
    turn = _between(n, -0.26, 0.26, generator)
    across = torch.stack([wide * turn.cos() * mirror, -wide * turn.sin(), x], 1)
    down = torch.stack([high * turn.sin() * mirror, high * turn.cos(), y], 1)
    grid = functional.affine_grid(torch.stack([across, down], 1), [n, 3, size, size], align_corners=False)
    return functional.grid_sample(
        pixels, grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )


def _colour(pixels: Tensor, generator: Generator) -> Tensor:
    """Brightness, contrast, saturation, hue and the light's colour; a tenth of the pictures in grey."""
    n = len(pixels)
    bright, contrast = _between(n, 0.7, 1.3, generator), _between(n, 0.6, 1.4, generator)
    saturation = _between(n, 0.5, 1.5, generator)
    saturation[_between(n, 0, 1, generator) < 0.1] = 0
    hue = _between(n, -0.25, 0.25, generator)
    turned = torch.zeros(n, 3, 3)
    turned[:, 0, 0] = 1
    turned[:, 1, 1], turned[:, 1, 2] = saturation * hue.cos(), -saturation * hue.sin()
    turned[:, 2, 1], turned[:, 2, 2] = saturation * hue.sin(), saturation * hue.cos()
    matrix = (_RGB @ turned @ _YIQ) * (contrast * bright)[:, None, None]
    offset = (bright * pixels.mean((1, 2, 3)) * (1 - contrast))[:, None]
    offset = offset + 0.03 * torch.randn(n, 3, generator=generator)
    return (torch.einsum("nij,njhw->nihw", matrix, pixels) + offset[:, :, None, None]).clamp(0, 1)


def _erase(pixels: Tensor, generator: Generator) -> Tensor:
    """A square of the picture's mean colour over three pictures in ten (Zhong et al., 2020)."""
    n, size = len(pixels), pixels.shape[-1]
    side = _between(n, 0.1, 0.35, generator) * size
    side[_between(n, 0, 1, generator) > 0.3] = 0
    x, y = _between(n, 0, size, generator), _between(n, 0, size, generator)
    place = torch.arange(size)
    inside = (
        (((place - x[:, None]).abs() < side[:, None] / 2)[:, None, :])
        & (((place - y[:, None]).abs() < side[:, None] / 2)[:, :, None])
    )
    return torch.where(inside[:, None], pixels.mean((2, 3), keepdim=True), pixels)
