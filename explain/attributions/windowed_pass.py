"""Many pictures that differ from one inside a window each, without computing again what is equal in all.

A covered window reaches few cells of a network's early maps; all others hold what they hold for the
picture itself. So the picture's own maps are computed once, and for each window only the patch that it
reaches, from as much of the map before as the operation looks at. Nothing is approximated: what comes out
is what the network gives for the covered pictures, but for the rounding of float32.

`Windowed` is a tensor that goes through any network in the place of a batch. Operations that look at a
bounded neighbourhood (on single cells, normalisation by kept figures, convolution, mean pooling) are
computed on patches. At the first operation of another kind, as the mean over a map, the full maps are put
together, and what follows runs on them. No network is asked what it is made of.

Importing this module imports torch; who needs it does so inside a function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils._pytree import tree_any, tree_map

_ops = torch.ops.aten
_Pair = Sequence[int]


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """Which rows (or columns) of a map the windows reach.

    Attributes
    ----------
    first, last : ndarray of shape (n_windows,), int64
        Both included; ``last < first`` where a window reaches none.
    size : int
        Rows of the map.
    """

    first: np.ndarray
    last: np.ndarray
    size: int

    @property
    def length(self) -> int:
        """Rows of a patch: what the window needs that reaches most, so that all patches are alike."""
        return int(np.clip((self.last - self.first).max() + 1, 1, self.size))

    @property
    def starts(self) -> np.ndarray:
        """The first row of each patch; a patch ends inside the map."""
        return np.clip(self.first, 0, self.size - self.length)

    def after(self, kernel: int, stride: int, padding: int, dilation: int, size: int) -> Span:
        """What is reached after an operation that looks at ``kernel`` rows for each of ``size`` that it gives."""
        looked_at = (kernel - 1) * dilation
        first = -((looked_at - self.first - padding) // stride)
        last = (self.last + padding) // stride
        return Span(np.maximum(first, 0), np.minimum(last, size - 1), size)

    def joined(self, other: Span) -> Span:
        """What either reaches."""
        return Span(np.minimum(self.first, other.first), np.maximum(self.last, other.last), self.size)


class Windowed(Tensor):
    """To a network, maps of shape (n_windows, channels, height, width); kept as one map and n patches.

    Attributes
    ----------
    whole : Tensor of shape (1, channels, height, width)
        The map of the picture that no window covers.
    patches : Tensor of shape (n_windows, channels, rows.length, columns.length)
        What each window makes of the cells from ``rows.starts`` and ``columns.starts`` on.
    rows, columns : Span
    """

    whole: Tensor
    patches: Tensor
    rows: Span
    columns: Span

    @staticmethod
    def __new__(cls, whole: Tensor, patches: Tensor, rows: Span, columns: Span) -> Windowed:
        n, (channels, height, width) = len(patches), whole.shape[1:]
        made: Windowed = Tensor._make_wrapper_subclass(
            cls,
            (n, channels, height, width),
            # As the full maps lie in memory: channels last.
            strides=(channels * height * width, 1, channels * width, channels),
            dtype=whole.dtype,
        )
        made.whole, made.patches, made.rows, made.columns = whole, patches, rows, columns
        return made

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]  # as torch calls it, which its stub does not know
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        found = None
        if func in _LOCAL and not kwargs:
            found = _LOCAL[func](func, *args)
        elif torch.Tag.pointwise in func.tags and "memory_format" not in (kwargs or {}):
            found = _cell_by_cell(func, args, kwargs or {})
        if found is not None:
            return found
        if func._schema.is_mutable and isinstance(args[0], Windowed):
            raise NotImplementedError(f"{func} would write into maps that are kept in parts.")
        return func(*tree_map(_full, args), **tree_map(_full, kwargs or {}))

    def part(self, top: np.ndarray, left: np.ndarray, height: int, width: int) -> Tensor:
        """What each window makes of a part of the map, and 0 outside the map.

        Parameters
        ----------
        top, left : ndarray of shape (n_windows,)
            Where each window's part begins; it may be outside the map.

        Returns
        -------
        Tensor of shape (n_windows, channels, height, width)
        """
        channels, columns = self.whole.shape[1], self.columns
        y, x = top[:, None, None] + np.arange(height)[:, None], left[:, None, None] + np.arange(width)
        down, right = y - self.rows.starts[:, None, None], x - columns.starts[:, None, None]
        in_patch = (down >= 0) & (down < self.rows.length) & (right >= 0) & (right < columns.length)
        in_map = (y >= 0) & (y < self.rows.size) & (x >= 0) & (x < columns.size)
        # Numbers of the rows of a table: first zeros, then the cells of the map, then those of the patches.
        of_map = 1 + y * columns.size + x
        number = np.arange(len(top))[:, None, None] * self.rows.length + down
        of_patch = 1 + self.rows.size * columns.size + number * columns.length + right
        chosen = np.where(in_patch, of_patch, np.where(in_map, of_map, 0))
        cells = [maps.permute(0, 2, 3, 1).reshape(-1, channels) for maps in (self.whole, self.patches)]
        table = torch.cat([self.whole.new_zeros(1, channels), *cells])
        found = table.index_select(0, torch.from_numpy(chosen.reshape(-1)))
        return found.view(len(top), height, width, channels).permute(0, 3, 1, 2)


def covered(picture: Tensor, stand_in: Tensor, top: np.ndarray, left: np.ndarray, side: int) -> Windowed:
    """A picture, covered by a square window in each of n ways; windows are cut at the picture's edge.

    Parameters
    ----------
    picture, stand_in : Tensor of shape (1, channels, height, width)
        What is covered, and what stands inside the windows.
    top, left : ndarray of shape (n_windows,), int64
        The windows' first rows and columns, inside the picture.
    side : int
        Side of a window in pixels.
    """
    height, width = picture.shape[2:]
    rows = Span(top, np.minimum(top + side, height) - 1, height)
    columns = Span(left, np.minimum(left + side, width) - 1, width)
    y, x = (span.starts[:, None] + np.arange(span.length) for span in (rows, columns))
    inside = (y >= top[:, None])[:, None, :, None] & (x >= left[:, None])[:, None, None, :]
    at = (0, slice(None), torch.from_numpy(y[:, :, None]), torch.from_numpy(x[:, None, :]))
    before, after = (of[at].permute(1, 0, 2, 3) for of in (picture, stand_in))
    patches = torch.where(torch.from_numpy(inside), after, before)
    # The map is a copy, for a network may write into what it is given.
    return Windowed(picture.clone(), patches, rows, columns)


def _full(value: Any) -> Any:
    """The full maps of a `Windowed`; anything else as it is."""
    if not isinstance(value, Windowed):
        return value
    nought = np.zeros(len(value), np.int64)
    return value.part(nought, nought, value.rows.size, value.columns.size)


def _convolution(
    func: Any,
    maps: Any,
    weight: Tensor,
    bias: Tensor | None,
    stride: _Pair,
    padding: _Pair,
    dilation: _Pair,
    transposed: bool,
    *others: Any,
) -> Any:
    if transposed or not isinstance(maps, Windowed) or isinstance(weight, Windowed):
        return None

    def run(x: Tensor, padded: _Pair) -> Tensor:
        return func(x, weight, bias, stride, padded, dilation, transposed, *others)

    return _neighbourhoods(maps, run, tuple(weight.shape[2:]), stride, padding, dilation)


def _mean_pooling(
    func: Any,
    maps: Windowed,
    kernel: _Pair,
    stride: _Pair = (),
    padding: _Pair = (0, 0),
    ceiling: bool = False,
    counts_padding: bool = True,
    divisor: int | None = None,
) -> Any:
    steps = stride or kernel
    sizes = maps.rows.size, maps.columns.size
    over_the_edge = ceiling and any((size - k) % s for size, k, s in zip(sizes, kernel, steps, strict=True))
    # These are means over fewer cells at the edge, or no means.
    if divisor is not None or over_the_edge or (any(padding) and (ceiling or not counts_padding)):
        return None

    def run(x: Tensor, padded: _Pair) -> Tensor:
        return func(x, kernel, steps, padded)

    return _neighbourhoods(maps, run, kernel, steps, padding, (1, 1))


def _neighbourhoods(
    maps: Windowed,
    run: Callable[[Tensor, _Pair], Tensor],
    kernel: _Pair,
    stride: _Pair,
    padding: _Pair,
    dilation: _Pair,
) -> Tensor | None:
    """An operation that looks at a neighbourhood of each cell; None where the windows reach every cell."""
    whole = run(maps.whole, padding)
    sizes = whole.shape[2:]
    rows, columns = (
        span.after(*each)
        for span, each in zip(
            (maps.rows, maps.columns), zip(kernel, stride, padding, dilation, sizes, strict=True), strict=True
        )
    )
    if (rows.length, columns.length) == tuple(sizes):
        return None
    spans = tuple(zip((rows, columns), kernel, stride, padding, dilation, strict=True))
    top, left = (span.starts * s - p for span, _, s, p, _ in spans)
    height, width = ((span.length - 1) * s + (k - 1) * d + 1 for span, k, s, _, d in spans)
    # What a part holds outside the map is what padding is: 0.
    return Windowed(whole, run(maps.part(top, left, height, width), (0, 0)), rows, columns)


def _normalisation(
    func: Any, maps: Windowed, weight: Any, bias: Any, mean: Any, variance: Any, training: bool, *others: Any
) -> Any:
    if training:
        return None
    kept = (weight, bias, mean, variance, training, *others)
    whole, patches = (func(part, *kept)[0] for part in (maps.whole, maps.patches))
    # Mean and deviation of this batch, which nobody asks for without training, are empty.
    return Windowed(whole, patches, maps.rows, maps.columns), whole.new_empty(0), whole.new_empty(0)


def _cell_by_cell(func: Any, args: Any, kwargs: Any) -> Any:
    maps = [value for value in args if isinstance(value, Windowed)]
    others = [value for value in (*args, *kwargs.values()) if not isinstance(value, Windowed)]
    sizes = {(one.rows.size, one.columns.size) for one in maps}
    if len(sizes) > 1 or tree_any(_differs_by_place, [*others, *kwargs.values()]):
        return None
    rows, columns = maps[0].rows, maps[0].columns
    for one in maps[1:]:
        rows, columns = rows.joined(one.rows), columns.joined(one.columns)

    def patch(value: Any) -> Any:
        if not isinstance(value, Windowed):
            return value
        if all(one.rows is maps[0].rows and one.columns is maps[0].columns for one in maps):
            return value.patches
        return value.part(rows.starts, columns.starts, rows.length, columns.length)

    # First the patches, for they are put together from maps into which the operation may write.
    patches = func(*map(patch, args), **kwargs)
    whole = func(*(value.whole if isinstance(value, Windowed) else value for value in args), **kwargs)
    if not func._schema.is_mutable:
        return Windowed(whole, patches, rows, columns)
    written = args[0]
    written.whole, written.patches, written.rows, written.columns = whole, patches, rows, columns
    return written


def _differs_by_place(value: Any) -> bool:
    """Whether a value beside maps is not the same for every cell and picture: it then has no patches."""
    if isinstance(value, Windowed):
        return True
    if not isinstance(value, Tensor):
        return False
    return any(size != 1 for size in (*value.shape[-2:], *value.shape[:-3]))


_LOCAL: dict[Any, Callable[..., Any]] = {
    _ops.convolution.default: _convolution,
    _ops.avg_pool2d.default: _mean_pooling,
    _ops.native_batch_norm.default: _normalisation,
}
