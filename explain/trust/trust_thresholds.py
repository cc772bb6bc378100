"""The limits that a map has to pass, measured: what placebos reach on scenes that no training has seen.

For each metric the 95th percentile of all placebos' scores, each put through the same checks as a method.
They belong to one version, because its answers decide what deletion and insertion give. The placebo with
random weights uses the model's recommended method, because the limits hold for all methods.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from data import bakery, scenes
from explain import methods
from explain.attributions.image_method import ImageMethod
from explain.trust import placebo_scores, placebos
from explain.trust.checks.pixel_removal import PixelRemoval
from explain.trust.checks.randomisation import untrained
from explain.trust.checks.stability import nearby
from explain.trust.trust_verdict import METRICS
from governance import measurements
from governance.registry import Version
from governance.store import Store
from governance.stored_records import StoredRecord
from models.spec import Model, ModelSpec, Progress, Report

NAME = "trust_thresholds"
SCENES = 200
PERCENTILE = 95


def unsupported(spec: ModelSpec) -> str | None:
    """The reason, in one sentence, that they cannot be measured for a model; None where they can."""
    if set(spec.classes) != set(bakery.KINDS):
        return f"The limits are measured on scenes, and {spec.title} does not tell {' from '.join(bakery.KINDS)}."
    return None if "gradients" in spec.capabilities else f"{spec.title} has no network to draw anew."


def stored(store: Store, version: Version, spec: ModelSpec) -> StoredRecord | None:
    """The limits that are kept with a version, in the body's ``results``; None where there are none.

    Those that were measured by other metrics than today's are none.
    """
    if unsupported(spec) is not None:
        return None
    found = measurements.newest(store, version, NAME)
    return found if found is not None and set(METRICS) <= set(found.measurement.results["limits"]) else None


def measure(model: Model, n: int, seed: int, report: Report) -> dict[str, Any]:
    """Put the placebos through the checks on held-out scenes.

    Parameters
    ----------
    model : Model
        For which `unsupported` gives no reason.
    n : int
        Scenes, 2 or more; the predicted class is explained.
    seed : int
        Decides every random draw.
    report : callable (Progress)
        Told after each scene.

    Returns
    -------
    dict
        JSON values: ``limits`` by metric (`explain.trust.trust_verdict.METRICS`), ``scenes``, ``seed``,
        ``percentile``, ``method`` of the random weights, and ``placebos``: by name and metric the 5th, 50th
        and 95th percentile.
    """
    method = next(f.method for f in methods.for_spec(model.spec) if isinstance(f.method, ImageMethod))
    size = model.spec.image_size
    assert size is not None
    found: dict[str, dict[str, list[float]]] = {}
    for number, scene in enumerate(scenes.held_out(n)):
        rendered = bakery.render(scene, size)
        for name, scores in _of_scene(model, method, rendered, seed + number).items():
            for metric, score in scores.items():
                found.setdefault(name, {}).setdefault(metric, []).append(score)
        report(Progress("placebos", number + 1, n))
    return {
        "limits": {
            metric: float(
                np.percentile([s for one in found.values() for s in one.get(metric, [])], PERCENTILE)
            )
            for metric in METRICS
        },
        "scenes": n,
        "seed": seed,
        "percentile": PERCENTILE,
        "method": method.name,
        "placebos": {
            name: {metric: _spread(scores) for metric, scores in by_metric.items()}
            for name, by_metric in found.items()
        },
    }


def _of_scene(
    model: Model, method: ImageMethod, rendered: bakery.Rendering, seed: int
) -> dict[str, dict[str, float]]:
    picture, mask = rendered.image, rendered.mask != bakery.Part.BACKGROUND
    target = int(np.argmax(model.predict_proba(picture[None])[0]))
    untaught, near = untrained(model, seed), nearby(picture, seed)
    maps = [method.attribute(untaught, one, target).values for one in (picture, *near)]
    shams = (*placebos.without_model(picture, seed), placebos.random_weights(method.title, maps[0]))
    # A crop of nothing but the object has no place off it.
    where = mask if mask.any() and not mask.all() else None
    return placebo_scores.of_placebos(
        shams, near, maps[1:], PixelRemoval(model, picture, target, seed), where
    )


def _spread(scores: list[float]) -> dict[str, float]:
    low, middle, high = np.percentile(scores, (5, 50, PERCENTILE))
    return {"p5": float(low), "p50": float(middle), "p95": float(high)}
