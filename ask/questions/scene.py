"""Looks at a scene, which can be rendered again: its parts, its concepts, and the answer along them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ask.questions.base import Asked, Look, Options, Table, Told, always, names_wrong, of_classes
from ask.questions.picture import maps_of
from data.features import Feature
from explain import methods
from explain.concepts import concept_flip as flips
from explain.concepts import concept_map as maps
from explain.concepts import perturbations
from explain.concepts.concept_flip import ConceptFlip
from explain.concepts.concept_response import ConceptResponse, concept_response
from explain.concepts.concept_response import finding as curve_finding
from explain.concepts.perturbations import PERTURBATIONS
from explain.concepts.space import Concepts, of_scene
from explain.numbers import exact, percent, signed
from explain.truth.part_agreement import PartAgreement, caution, compare
from explain.truth.part_effects import PartEffects, part_effects, unsupported
from models import scene_inputs
from models.spec import Definition, Progress

if TYPE_CHECKING:
    from data.bakery import Scene


def _no_scenes(definition: Definition) -> str | None:
    return scene_inputs.lacking(definition.spec, "no concept can be moved")


def _concepts(asked: Asked) -> Concepts:
    assert asked.scene is not None and asked.spec.image_size is not None
    return of_scene(asked.scene, asked.spec.image_size, asked.options.changes)


def _parts(asked: Asked) -> Told:
    assert asked.scene is not None
    asked.report(Progress("Rendering the scene without each part", 0, 1))
    finish = partial(perturbations.apply, settings=asked.options.changes)
    parts = part_effects(asked.model, asked.scene, asked.target_of_input, finish)
    if not parts.interventions:
        sentence = (
            "No part of this scene is large enough to be changed. Move the framing back to see more of it."
        )
        return Told((sentence,), {"target": asked.spec.classes[parts.target], "parts": [], "methods": {}})
    target = asked.spec.classes[parts.target]
    found = {
        name: compare(parts, one.values, methods.method(name).signed, target)
        for name, one in maps_of(asked).items()
    }
    # The page opens with the recommended method.
    first = next(iter(found))
    return Told(
        words=(
            f"{methods.method(first).title}. {found[first].sentence}",
            caution(len(parts.effects)),
        ),
        values={
            "target": target,
            "output": parts.output,
            "parts": [_part_values(asked, parts, row) for row in range(len(parts.effects))],
            "methods": {name: _map_values(parts, one) for name, one in found.items()},
        },
        table=_parts_table(parts, found),
    )


def _part_values(asked: Asked, parts: PartEffects, row: int) -> dict[str, Any]:
    change = parts.interventions[row]
    return {
        "part": change.name,
        "change": change.title,
        "how": change.how,
        "effect": float(parts.effects[row]),
        "without": of_classes(asked.spec, parts.probabilities[row + 1]),
        "share_of_picture": float(parts.shares[row]),
        "change_outside_mask": float(parts.outside[row]),
    }


def _map_values(parts: PartEffects, found: PartAgreement) -> dict[str, Any]:
    return {
        "weights": dict(zip(parts.names, found.weights.tolist(), strict=True)),
        "masses": dict(zip(parts.names, found.masses.tolist(), strict=True)),
        "correlation": found.correlation,
        "signs": found.signs,
        "verdict": found.verdict,
        "sentence": found.sentence,
    }


def _parts_table(parts: PartEffects, found: Mapping[str, PartAgreement]) -> Table:
    """Effects of the parts in the first row, then each method's weights."""
    effects = ("Effect, logits", *(signed(effect, 2) for effect in parts.effects), "", "")
    rows = [
        (
            methods.method(name).title,
            *(percent(weight) for weight in one.weights),
            "none" if one.correlation is None else signed(one.correlation, 2),
            one.verdict,
        )
        for name, one in found.items()
    ]
    return Table(("", *parts.names, "Rank correlation", "By the changes"), [effects, *rows])


def _flip(asked: Asked) -> Told:
    locked = tuple(sorted(asked.options.locked))
    found = flips.concept_flip(asked.model, _concepts(asked), locked=locked, report=asked.report)
    return Told((found.summary, found.margin), _flip_values(asked, found), _flip_table(found))


def _flip_values(asked: Asked, found: ConceptFlip) -> dict[str, Any]:
    return {
        "found": found.found,
        "locked": sorted(asked.options.locked),
        "before": of_classes(asked.spec, found.probabilities_before),
        "after": None if found.probabilities is None else of_classes(asked.spec, found.probabilities),
        "changes": [
            {
                "name": one.name,
                "before": one.before,
                "after": one.after,
                "distance": one.distance,
                "usual": one.usual,
            }
            for one in found.changes
        ],
        "distance": found.distance,
        "pictures": found.renders,
        "complete": found.complete,
    }


def _flip_table(found: ConceptFlip) -> Table | None:
    rows = [(one.label, one.span, f"{one.distance:.2f}") for one in found.changes]
    return Table(("Concept", "Change", "Widths of the usual range"), rows) if rows else None


def _refuse_flip(definition: Definition, scene: Scene | None, options: Options) -> str | None:
    assert scene is not None
    return names_wrong(options.locked, scene.live_concepts, "--lock")


def _curve(asked: Asked) -> Told:
    if len(asked.options.along) == 2:
        return _map(asked)
    movable = _movable(asked.scene)
    name = asked.options.along[0] if asked.options.along else movable[0].name
    feature = next(one for one in movable if one.name == name)
    if asked.scene is not None and feature in asked.scene.live_concepts:
        concepts = _concepts(asked)
        found = concept_response(
            asked.model,
            lambda value: concepts.render({name: value}),
            feature,
            concepts.values[name],
            report=asked.report,
        )
    else:
        assert asked.x is not None
        changes = asked.options.changes
        found = concept_response(
            asked.model,
            partial(_with_pixels, asked.x, changes, name),
            feature,
            changes.get(name, feature.default),
            report=asked.report,
        )
    return _curve_told(asked, found)


def _with_pixels(picture: np.ndarray, changes: Mapping[str, float], name: str, value: float) -> np.ndarray:
    """A picture with its pixels changed, but one of the changes at another value."""
    return perturbations.apply(picture, {**changes, name: value})


def _curve_told(asked: Asked, found: ConceptResponse) -> Told:
    curve, classes = found.response, asked.spec.classes
    rows = [(exact(found.feature, one.at), classes[one.before], classes[one.after]) for one in curve.flips]
    return Told(
        words=(
            curve_finding(asked.spec, found),
            f"{found.renders} pictures were made and asked; all else stays as it is.",
        ),
        values={
            "along": found.feature.name,
            "unit": found.feature.unit,
            "values": curve.line_values.tolist(),
            "probabilities": {
                one: curve.line_probabilities[:, index].tolist() for index, one in enumerate(classes)
            },
            "flips": [
                {"at": f.at, "before": classes[f.before], "after": classes[f.after]} for f in curve.flips
            ],
            "now": {"value": curve.current, **of_classes(asked.spec, curve.current_probabilities)},
            "pictures": found.renders,
        },
        table=Table((f"{found.feature.label}, from", "Before", "After"), rows) if rows else None,
    )


def _map(asked: Asked) -> Told:
    x, y = asked.options.along
    found = maps.concept_map(asked.model, _concepts(asked), x, y, asked.target_of_input, asked.report)
    classes = asked.spec.classes
    shares = np.bincount(found.classes.ravel(), minlength=len(classes)) / found.classes.size
    return Told(
        words=(
            maps.finding(asked.spec, found),
            f"{found.renders} pictures were rendered and asked, where every cell would have taken "
            f"{found.asked.size}; the rest is interpolated.",
        ),
        values={
            "across": x,
            "up": y,
            "target": classes[found.target],
            "x_values": found.x_values.tolist(),
            "y_values": found.y_values.tolist(),
            "classes": [[classes[index] for index in line] for line in found.classes.tolist()],
            "probabilities": found.probabilities[:, :, found.target].tolist(),
            "asked": found.asked.tolist(),
            "line": [piece.tolist() for piece in found.line],
            "now": {x: found.now[0], y: found.now[1], **of_classes(asked.spec, found.now_probabilities)},
            "pictures": found.renders,
        },
        table=Table(
            ("Answer", "Share of the map"),
            [(classes[i], percent(shares[i])) for i in np.argsort(-shares) if shares[i]],
        ),
    )


def _movable(scene: Scene | None) -> tuple[Feature, ...]:
    """What a curve can go along: the scene's concepts, and the changes of any picture's pixels."""
    return (() if scene is None else scene.live_concepts) + PERTURBATIONS


def _refuse_curve(definition: Definition, scene: Scene | None, options: Options) -> str | None:
    if len(options.along) < 2:
        return names_wrong(options.along, _movable(scene), "--along")
    if scene is None:
        return "A map over two concepts renders a scene again. Give a scene, or --along once."
    return names_wrong(options.along, scene.live_concepts, "--along")


LOOKS = (
    Look(
        "parts",
        "What each part really does",
        "scene",
        lambda definition: unsupported(definition.spec),
        _parts,
        takes=("target", "background"),
    ),
    Look(
        "flip",
        "The smallest change of concepts that flips the answer",
        "scene",
        _no_scenes,
        _flip,
        takes=("lock",),
        refuse=_refuse_flip,
    ),
    Look(
        "curve",
        "How the answer changes",
        "picture",
        always,
        _curve,
        takes=("along", "target"),
        refuse=_refuse_curve,
    ),
)
