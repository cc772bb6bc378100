"""Occlusion: how far the target's score falls when a window of the picture is covered.

M. D. Zeiler, R. Fergus, "Visualizing and understanding convolutional networks", ECCV 2014. A pixel
gets the mean over all windows that cover it; windows that reach over the right or lower edge are cut
there. This is what ``captum.attr.Occlusion`` gives for windows over all channels, without its repetition:
many windows go through the network at once, and of each only what it changes (`explain.attributions.windowed_pass`).
A model without a network is asked for its answers; `explain.attributions.scores` says what is followed then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from explain.attributions.attribution import Attribution, MethodError
from explain.attributions.image_method import ImageMethod, Map, Passes, Question, baseline_choice
from explain.levels import offers
from explain.pictures import as_tensor, baseline, pictures_a_pass
from explain.targets import Target
from models.spec import Model, ModelSpec, Setting

# Of a window little more than its patch has to be held, so more of them go through at once than pictures.
_WINDOWS_FOR_A_PICTURE = 4
# The picture itself, and of a network a window in the middle twice: whole, and in parts, to see that they agree.
_MORE, _MORE_OF_NETWORK = 1, 3
_Window = tuple[int, int]


class OcclusionMethod(ImageMethod):
    """Covers the picture window by window and sees what the answer loses."""

    name = "occlusion"
    title = "Occlusion"
    signed = True
    cost = (
        "1 pass forward for each window, of a network through the cells that it reaches, and at most 3 more"
    )
    needs = "probabilities"
    normalisation = "mean over the windows that cover a pixel; all channels are covered together; not scaled"

    def choices(self, spec: ModelSpec) -> tuple[Setting, ...]:
        side = spec.image_size or 1
        window, stride = max(1, side // 6), max(1, side // 12)
        return (
            Setting("window", "Window", "Side of the window, in pixels.", "int", window, low=1, high=side),
            Setting("stride", "Stride", "Pixels from window to window.", "int", stride, low=1, high=side),
            baseline_choice(),
        )

    def _passes(self, spec: ModelSpec, chosen: Mapping[str, Any]) -> Passes:
        windows = _windows(spec.image_size or 1, chosen["window"], chosen["stride"])
        return Passes(len(windows) + _more(spec))

    def _chosen(self, spec: ModelSpec, given: Mapping[str, Any]) -> dict[str, Any]:
        chosen = super()._chosen(spec, given)
        if chosen["stride"] > chosen["window"]:
            raise MethodError(
                f"Occlusion: stride {chosen['stride']} is more than window {chosen['window']}, "
                "which leaves pixels that no window covers. Make the stride smaller."
            )
        return chosen

    def stages(
        self,
        model: Model,
        x: np.ndarray,
        target: Target,
        cancelled: Callable[[], bool] | None = None,
        **settings: Any,
    ) -> Iterator[Attribution]:
        """A coarse map soon, then finer ones; the last is what `attribute` gives, bit for bit.

        Each is the map of a stride twice as fine as before, and its settings say so; no window is asked
        about twice. Parameters and errors are those of `attribute_unless`.
        """
        question = self._question(model, x, target, settings, cancelled)
        start = time.perf_counter()
        for stride, found in self._maps(question, every=True):
            of_stage = replace(question, settings={**question.settings, "stride": stride})
            yield self._attribution(model.spec, of_stage, found, start)

    def _map(self, question: Question) -> Map:
        *_, (_, found) = self._maps(question, every=False)
        return found

    def _maps(self, question: Question, every: bool) -> Iterator[tuple[int, Map]]:
        """Strides from coarse to fine with their maps; if not `every`, only the last stride's map.

        The last map's windows are asked about in the same order either way, so that the bits are the same.
        """
        side, window, last = len(question.picture), question.settings["window"], question.settings["stride"]
        covering, lost = _Covering(question), dict[_Window, float]()
        final, more = set(_windows(side, window, last)), _more(question.asked.spec)
        for stride in _strides(window, last):
            wanted = _windows(side, window, stride)
            # Beyond the last whole window a coarse grid may have one that the finest grid has not.
            groups = [[w for w in wanted if w in final], [w for w in wanted if w not in final]]
            for group in groups if every else groups[:1]:
                new = [one for one in group if one not in lost]
                lost.update(zip(new, covering.lost(new), strict=True))
            if every or stride == last:
                values = _mean_over_windows({one: lost[one] for one in wanted}, side, window)
                yield (
                    stride,
                    Map(values, covering.output, passes=Passes(len(lost) + more), units=covering.units),
                )


class _Covering:
    """A model that is asked about a picture with windows of it covered.

    Attributes
    ----------
    output : float
        The target's score for the picture itself, in `units`.
    """

    def __init__(self, question: Question) -> None:
        import torch

        self._question, self._scores = question, question.scores
        self.units = self._scores.units
        self._side: int = question.settings["window"]
        stand_in = baseline(question.picture, question.settings["baseline"])
        self._ends = as_tensor(question.picture[None]), as_tensor(stand_in[None])
        self._cover = self._whole
        if self._scores.network is None:
            self.output = float(self._scores(self._ends[0]))
            return
        middle = [((len(question.picture) - self._side) // 2,) * 2]
        self.output, expected = self._scores(torch.cat([self._ends[0], self._whole(middle)])).tolist()
        if self._agree(middle, expected):
            self._cover = self._parts

    def lost(self, windows: list[_Window]) -> list[float]:
        """By how much each window makes the target's score fall."""
        size = pictures_a_pass(self._question.picture)
        if self._cover == self._parts:
            size *= _WINDOWS_FOR_A_PICTURE
        fallen: list[float] = []
        for begin in range(0, len(windows), size):
            self._question.go_on()
            scores = self._scores(self._cover(windows[begin : begin + size]))
            fallen += (self.output - scores.double()).tolist()
        return fallen

    def _agree(self, windows: list[_Window], expected: float) -> bool:
        """Whether the network can be run on parts of pictures, and then says what it says to whole ones."""
        try:
            (found,) = self._scores(self._parts(windows)).tolist()
        except (RuntimeError, TypeError, ValueError):
            return False
        return bool(np.isclose(found, expected, rtol=1e-4, atol=1e-5))

    def _parts(self, windows: list[_Window]) -> Any:
        from explain.attributions.windowed_pass import covered

        top, left = np.array(windows).T
        return covered(*self._ends, top, left, self._side)

    def _whole(self, windows: list[_Window]) -> Any:
        """One copy of the picture for each window; Tensor of shape (n_windows, 3, height, width)."""
        picture, stand_in = self._ends
        copies = picture.repeat(len(windows), 1, 1, 1)
        for copy, (y, x) in zip(copies, windows, strict=True):
            part = (slice(None), *_slices(y, x, self._side))
            copy[part] = stand_in[0][part]
        return copies


def _more(spec: ModelSpec) -> int:
    return _MORE_OF_NETWORK if offers(spec, "logits") else _MORE


def _windows(side: int, window: int, stride: int) -> list[_Window]:
    """First rows and columns of all windows: the last ones are the first that reach the edge."""
    starts = [number * stride for number in range(-(-(side - window) // stride) + 1)]
    return [(y, x) for y in starts for x in starts]


def _strides(window: int, last: int) -> list[int]:
    """From coarse to fine, each twice the next, and none leaves pixels that no window covers."""
    doubled = [last]
    while 2 * doubled[-1] <= window:
        doubled.append(2 * doubled[-1])
    return doubled[::-1]


def _slices(y: int, x: int, side: int) -> tuple[slice, slice]:
    return slice(y, y + side), slice(x, x + side)


def _mean_over_windows(lost: Mapping[_Window, float], side: int, window: int) -> np.ndarray:
    total, count = np.zeros((side, side)), np.zeros((side, side))
    for (y, x), by in lost.items():
        covered = _slices(y, x, window)
        total[covered] += by
        count[covered] += 1
    return total / count


METHOD = OcclusionMethod()
