"""Occlusion: how far the target's logit falls when a window of the picture is covered.

M. D. Zeiler, R. Fergus, "Visualizing and understanding convolutional networks", ECCV 2014. A pixel
gets the mean over all windows that cover it; windows that reach over the right or lower edge are cut
there. This is what ``captum.attr.Occlusion`` gives for windows over all channels; here many windows go
through the network at once, and no gradient is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from explain.attribution import MethodError
from explain.image_method import ImageMethod, Map, Passes, Question, baseline_choice
from explain.pictures import as_tensor, baseline, pictures_a_pass
from models.spec import ModelSpec, Setting


class OcclusionMethod(ImageMethod):
    """Covers the picture window by window and sees what the answer loses."""

    name = "occlusion"
    title = "Occlusion"
    signed = True
    cost = "1 pass forward for each window, and 1 for the picture; no pass back"
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
        return Passes(len(_starts(spec.image_size or 1, chosen["window"], chosen["stride"])) ** 2 + 1)

    def _chosen(self, spec: ModelSpec, given: Mapping[str, Any]) -> dict[str, Any]:
        chosen = super()._chosen(spec, given)
        if chosen["stride"] > chosen["window"]:
            raise MethodError(
                f"Occlusion: stride {chosen['stride']} is more than window {chosen['window']}, "
                "which leaves pixels that no window covers. Make the stride smaller."
            )
        return chosen

    def _map(self, question: Question) -> Map:
        import torch

        picture, settings = question.picture, question.settings
        stand_in = baseline(picture, settings["baseline"])
        starts = _starts(len(picture), settings["window"], settings["stride"])
        windows = [_window(y, x, settings["window"]) for y in starts for x in starts]
        size, network = pictures_a_pass(picture), question.model.network
        with torch.no_grad():
            output = float(network(as_tensor(picture[None]))[0, question.target])
            fallen = [
                output - network(as_tensor(_covered(picture, stand_in, part)))[:, question.target].double()
                for part in (windows[begin : begin + size] for begin in range(0, len(windows), size))
            ]
        total, count = np.zeros(picture.shape[:2]), np.zeros(picture.shape[:2])
        for window, by in zip(windows, torch.cat(fallen).tolist(), strict=True):
            total[window] += by
            count[window] += 1
        return Map(total / count, output)


def _starts(side: int, window: int, stride: int) -> list[int]:
    """Where windows begin: the last one is the first that reaches the edge."""
    return [number * stride for number in range(-(-(side - window) // stride) + 1)]


def _window(y: int, x: int, side: int) -> tuple[slice, slice]:
    return slice(y, y + side), slice(x, x + side)


def _covered(picture: np.ndarray, stand_in: np.ndarray, windows: list[tuple[slice, slice]]) -> np.ndarray:
    """One copy of the picture for each window, covered there; shape (n_windows, height, width, 3)."""
    copies = np.repeat(picture[None], len(windows), axis=0)
    for copy, window in zip(copies, windows, strict=True):
        copy[window] = stand_in[window]
    return copies


METHOD = OcclusionMethod()
