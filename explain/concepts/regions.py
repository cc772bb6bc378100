"""Regions of any picture, covered one or several at a time: what does the answer hang on, where no renderer exists?

Regions are superpixels (`explain.attributions.superpixels`), which follow edges. A covered region is filled with what
stands for absent pixels (see `explain.pictures.BASELINES`); the picture with a hole is one that the model
never saw, and some of an effect is the hole's own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from explain.concepts.space import margin
from explain.numbers import plural, signed
from explain.pictures import BASELINES, as_picture, baseline, pictures_a_pass
from explain.targets import check_class
from models.spec import Model, ModelSpec

REGIONS = 40
FILLS = ("mean", "blurred")


@dataclass(frozen=True, slots=True, eq=False)
class RegionEffects:
    """What covering each region alone does.

    Attributes
    ----------
    labels : ndarray of shape (height, width), int64
        Region of each pixel, from 0.
    target : int
        Position of the class.
    before : ndarray of shape (n_classes,)
        Probabilities with nothing covered.
    without : ndarray of shape (n_regions, n_classes)
        Probabilities with this region covered.
    weight : ndarray of shape (n_regions,)
        What the region adds to the target's margin over the best other class, in logits: above 0 where
        it speaks for the target.
    """

    labels: np.ndarray
    target: int
    before: np.ndarray
    without: np.ndarray
    weight: np.ndarray


def covered(picture: np.ndarray, labels: np.ndarray, chosen: Collection[int], fill: str) -> np.ndarray:
    """A picture with some regions filled; the picture given is left as it is.

    Parameters
    ----------
    picture : ndarray of shape (height, width, 3), float32 in [0, 1]
    labels : ndarray of shape (height, width)
    chosen : collection of int
        Regions to cover.
    fill : str
        A key of `explain.pictures.BASELINES`.

    Raises
    ------
    ValueError
        If a region or the fill is unknown.
    """
    unknown = sorted(set(chosen) - set(range(labels.max() + 1)))
    if unknown or fill not in BASELINES:
        raise ValueError(
            f"There are regions 0 to {labels.max()} and fills {', '.join(BASELINES)}; given are "
            f"{sorted(chosen)} and {fill!r}."
        )
    made = picture.copy()
    hidden = np.isin(labels, list(chosen))
    made[hidden] = baseline(picture, fill)[hidden]
    return made


def region_effects(
    model: Model, picture: np.ndarray, labels: np.ndarray, target: int, fill: str
) -> RegionEffects:
    """Cover each region alone and ask: one pass a region, and one for the picture as it is.

    Raises
    ------
    ValueError
        If the picture, the target or the fill do not fit.
    """
    check_class(model.spec, target)
    whole = as_picture(model.spec, picture)
    pictures = [whole, *(covered(whole, labels, [region], fill) for region in range(labels.max() + 1))]
    size = pictures_a_pass(whole)
    answers = np.concatenate(
        [
            model.predict_proba(np.stack(pictures[begin : begin + size]))
            for begin in range(0, len(pictures), size)
        ]
    )
    margins = np.array([margin(answer, [target]) for answer in answers])
    return RegionEffects(labels, target, answers[0], answers[1:], margins[0] - margins[1:])


def finding(spec: ModelSpec, found: RegionEffects) -> str:
    """Say how often covering one region changes the answer, and how much the strongest region counts."""
    now = int(np.argmax(found.before))
    flips = int(np.sum(found.without.argmax(axis=1) != now))
    strongest = int(np.argmax(np.abs(found.weight)))
    changes = (
        "No region alone changes the answer when it is covered"
        if flips == 0
        else f"Covering one region alone changes the answer for {flips} of {plural(len(found.weight), 'region')}"
    )
    return (
        f"{changes}; the strongest is region {strongest + 1}, with {signed(found.weight[strongest], 2)} logits for "
        f"{spec.classes[found.target]}."
    )


def rectangles(labels: np.ndarray) -> list[tuple[int, int, int, int, int]]:
    """Regions as rectangles (region, x0, x1, y0, y1) in pixels, ends excluded, which cover each pixel once.

    Equal runs of neighbouring lines are joined, so that there are few.
    """
    done: list[tuple[int, int, int, int, int]] = []
    growing: dict[tuple[int, int, int], int] = {}
    for y, line in enumerate(labels):
        starts = [0, *(np.flatnonzero(np.diff(line)) + 1).tolist()]
        ends = [*starts[1:], len(line)]
        runs = {(int(line[a]), a, b): y for a, b in zip(starts, ends, strict=True)}
        still = {run: growing.get(run, begin) for run, begin in runs.items()}
        done += [(*run, begin, y) for run, begin in growing.items() if run not in runs]
        growing = still
    return done + [(*run, begin, len(labels)) for run, begin in growing.items()]
