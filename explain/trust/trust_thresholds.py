"""The limits that a map has to pass, measured: what placebos reach on pictures that no training has seen.

For each metric the 95th percentile of all placebos' scores, each put through the same checks as a method.
They belong to one version, because its answers decide what deletion and insertion give. The placebo with
random weights uses the model's recommended method, because the limits hold for all methods; a model without a
network has none.

Where scenes show a model's classes, they are measured on scenes, of which there are as many as one likes and whose
objects are known pixel by pixel. Any other version has the held-out pictures of its own dataset; where the object is
in those nobody knows, so places get no limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from data import bakery, images, scenes
from data.failures import UserMistake
from explain import methods
from explain.attributions.background import drawn_alike
from explain.attributions.image_method import ImageMethod
from explain.levels import offers
from explain.neighbours.learned import Learned
from explain.targets import ClassTarget
from explain.trust import placebo_scores, placebos
from explain.trust.checks.pixel_removal import PixelRemoval
from explain.trust.checks.randomisation import untrained
from explain.trust.checks.stability import nearby
from explain.trust.trust_verdict import METRICS, RANDOMISATION, REMOVAL, STABILITY, MeasuredOn
from governance import measurements
from governance.registry import Version
from governance.store import Store
from governance.stored_records import StoredRecord
from models import scene_inputs
from models.spec import Model, ModelSpec, Progress, Report

NAME = "trust_thresholds"
MOST = 200
"""Scenes, or held-out pictures at most."""

PERCENTILE = 95
# Fewer would make a percentile of one picture's luck.
_FEWEST = 2


def unsupported(spec: ModelSpec) -> str | None:
    """The reason, in one sentence, that they cannot be measured for a model; None where they can."""
    if spec.modality == "image":
        return None
    return f"The limits are those of maps, and {spec.title} answers for rows of a table."


def needs_pictures(spec: ModelSpec) -> bool:
    """Whether they are measured on held-out pictures of a version's own dataset, and not on scenes."""
    return not scene_inputs.fits(spec)


def measured_over(spec: ModelSpec) -> str:
    """What they would be measured on, in words."""
    return f"up to {MOST} pictures that it never saw" if needs_pictures(spec) else f"{MOST} scenes"


def stored(store: Store, version: Version, spec: ModelSpec) -> StoredRecord | None:
    """The limits that are kept with a version, in the body's ``results``; None where there are none.

    Those that were measured by other metrics than today's are none.
    """
    if unsupported(spec) is not None:
        return None
    found = measurements.newest(store, version, NAME)
    if found is None or not set(_metrics(spec)) <= set(found.measurement.results["limits"]):
        return None
    return found


def measure(
    model: Model, n: int, seed: int, report: Report, learned: Learned | None = None
) -> dict[str, Any]:
    """Put the placebos through the checks on held-out scenes or pictures.

    Parameters
    ----------
    model : Model
        For which `unsupported` gives no reason.
    n : int
        How many, 2 or more; of pictures at most what was held out. The predicted class is explained.
    seed : int
        Decides every random draw.
    report : callable (Progress)
        Told after each of them.
    learned : Learned, optional
        The version's own pictures, where `needs_pictures` says so.

    Returns
    -------
    dict
        JSON values: ``limits`` by metric (`explain.trust.trust_verdict.METRICS`, those of places for scenes alone),
        ``scenes``, or ``pictures`` and ``dataset``; ``seed``, ``percentile``, ``method`` of the random weights, and
        ``placebos``: by name and metric the 5th, 50th and 95th percentile.

    Raises
    ------
    UserMistake
        If the version's own pictures are gone or no longer the same, or fewer than 2 were held out.
    """
    method = next(f.method for f in methods.for_spec(model.spec) if isinstance(f.method, ImageMethod))
    if learned is None:
        on, inputs = MeasuredOn(n), _scenes(model.spec, n)
    else:
        rows = _held_out(learned, n, seed)
        on, inputs = MeasuredOn(len(rows), learned.dataset.name), _pictures(model.spec, learned, rows)
    found: dict[str, dict[str, list[float]]] = {}
    for number, (picture, where) in enumerate(inputs):
        for name, scores in _of_picture(model, method, picture, where, seed + number).items():
            for metric, score in scores.items():
                found.setdefault(name, {}).setdefault(metric, []).append(score)
        report(Progress("placebos", number + 1, on.inputs))
    return {
        "limits": {
            metric: float(
                np.percentile([s for one in found.values() for s in one.get(metric, [])], PERCENTILE)
            )
            for metric in _metrics(model.spec)
        },
        **on.to_json(),
        "seed": seed,
        "percentile": PERCENTILE,
        "method": method.name,
        "placebos": {
            name: {metric: _spread(scores) for metric, scores in by_metric.items()}
            for name, by_metric in found.items()
        },
    }


def _metrics(spec: ModelSpec) -> tuple[str, ...]:
    return (RANDOMISATION, REMOVAL, STABILITY) if needs_pictures(spec) else METRICS


def _scenes(spec: ModelSpec, n: int) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """Held-out scenes as pictures, each with where its object is."""
    assert spec.image_size is not None
    for scene in scenes.held_out(n):
        rendered = bakery.render(scene, spec.image_size)
        mask = rendered.mask != bakery.Part.BACKGROUND
        # A crop of nothing but the object has no place off it.
        yield rendered.image, mask if mask.any() and not mask.all() else None


def _held_out(learned: Learned, n: int, seed: int) -> np.ndarray:
    """Rows of the test part, of each class alike."""
    if learned.instead:
        raise UserMistake(
            f"{learned.instead} Limits are measured on pictures that a version never saw; put its own back."
        )
    test = learned.dataset.split.test
    if len(test) < _FEWEST:
        raise UserMistake(
            f"{learned.dataset.name} holds back {len(test)} pictures; limits are measured on {_FEWEST} or more."
        )
    return np.sort(test[drawn_alike(learned.dataset.y[test], n, seed)])


def _pictures(
    spec: ModelSpec, learned: Learned, rows: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """Pictures of the version's own dataset; nobody knows where their object is."""
    assert spec.image_size is not None
    pixels = learned.dataset.pixels(lambda done, total: None, rows)
    for picture in images.as_input(images.scaled(pixels, spec.image_size)):
        yield picture, None


def _of_picture(
    model: Model, method: ImageMethod, picture: np.ndarray, where: np.ndarray | None, seed: int
) -> dict[str, dict[str, float]]:
    """Scores of the placebos, by name and metric."""
    target = ClassTarget(int(np.argmax(model.predict_proba(picture[None])[0])))
    near, shams, others = nearby(picture, seed), placebos.without_model(picture, seed), None
    if offers(model.spec, "gradients"):
        untaught = untrained(model, seed)
        first, *others = [method.attribute(untaught, one, target).values for one in (picture, *near)]
        shams = (*shams, placebos.random_weights(method.title, first))
    removal = PixelRemoval(model, picture, target, seed)
    return placebo_scores.of_placebos(shams, near, others, removal, where)


def _spread(scores: list[float]) -> dict[str, float]:
    low, middle, high = np.percentile(scores, (5, 50, PERCENTILE))
    return {"p5": float(low), "p50": float(middle), "p95": float(high)}
