"""Looks along the concepts of a scene, and along the changes of any picture's pixels: a curve, or a map over two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ask.answer import Answer, of_classes
from ask.looks.base import Finding, Look, Table, always, names_wrong
from ask.looks.scene import concepts_of
from ask.picture_answer import PictureAnswer
from ask.question import Question, pairs_of
from data.features import Feature
from explain.concepts import concept_map as maps
from explain.concepts import perturbations
from explain.concepts.concept_map import ConceptMap
from explain.concepts.concept_response import ConceptResponse, concept_response
from explain.concepts.concept_response import finding as curve_finding
from explain.concepts.perturbations import PERTURBATIONS
from explain.numbers import exact, percent
from models.spec import Definition, Report

if TYPE_CHECKING:
    from data.bakery import Scene


def movable(scene: Scene | None) -> tuple[Feature, ...]:
    """What a curve can go along: the scene's concepts, and the changes of any picture's pixels."""
    return (() if scene is None else scene.live_concepts) + PERTURBATIONS


def curve_of(asked: PictureAnswer, name: str, report: Report) -> ConceptResponse:
    """How the answer changes along a concept or a change of the pixels, by its name; all else as it is.

    Scenes are rendered once, whichever curve asks for them: the next step of a slider asks for nearly the same.
    """
    scene, changes = asked.scene, asked.question.changes
    feature = next(one for one in movable(scene) if one.name == name)
    if scene is not None and feature in scene.live_concepts:
        render: Callable[[float], np.ndarray] = partial(_with_concept, asked, scene, name)
        now = scene.value(name)
    else:
        render = partial(_with_pixels, asked.unchanged, changes, name)
        now = changes.get(name, feature.default)
    return asked.kept(
        "concept response",
        (name, scene and scene.digest, pairs_of(changes)),
        lambda: concept_response(asked.model, render, feature, now, report=report),
    )


def _with_concept(asked: PictureAnswer, scene: Scene, name: str, value: float) -> np.ndarray:
    """The scene with one of its concepts at another value, and its pixels changed as was asked for."""
    image = asked.rendering(scene.replace(**{name: value})).image
    return perturbations.apply(image, asked.question.changes)


def _with_pixels(picture: np.ndarray, changes: dict[str, float], name: str, value: float) -> np.ndarray:
    """A picture with its pixels changed, but one of the changes at another value."""
    return perturbations.apply(picture, {**changes, name: value})


def map_of(
    asked: Answer,
    x: str,
    y: str,
    report: Report,
    draft: Callable[[ConceptMap], None] = lambda coarse: None,
) -> ConceptMap:
    """The answer over two concepts, by their names.

    It is kept for all else that decides it; where the two stand now is put in afterwards, so that a click on the map
    is answered at once.

    Parameters
    ----------
    draft : callable (ConceptMap)
        Told of coarser maps on the way.
    """
    concepts, scene = concepts_of(asked), asked.scene
    assert scene is not None
    rest = scene.replace(**{f.name: f.default for f in scene.live_concepts if f.name in (x, y)})
    found = asked.cache.kept(
        "concept map",
        (asked.weights_digest, rest.digest, pairs_of(asked.question.changes), x, y, asked.target),
        lambda: maps.concept_map(asked.model, concepts, x, y, asked.target, report, draft=draft),
    )
    now = (concepts.values[x], concepts.values[y])
    return replace(found, now=now, now_probabilities=asked.probabilities)


def _curve(asked: Answer, report: Report) -> Finding:
    assert isinstance(asked, PictureAnswer)
    if len(asked.question.along) == 2:
        return _map(asked, report)
    name = asked.question.along[0] if asked.question.along else movable(asked.scene)[0].name
    return _curve_told(asked, curve_of(asked, name, report))


def _curve_told(asked: Answer, found: ConceptResponse) -> Finding:
    curve, classes = found.response, asked.spec.classes
    rows = [(exact(found.feature, one.at), classes[one.before], classes[one.after]) for one in curve.flips]
    return Finding(
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


def _map(asked: Answer, report: Report) -> Finding:
    x, y = asked.question.along
    found = map_of(asked, x, y, report)
    classes = asked.spec.classes
    shares = np.bincount(found.classes.ravel(), minlength=len(classes)) / found.classes.size
    return Finding(
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


def _refuse_curve(definition: Definition, question: Question) -> str | None:
    if len(question.along) < 2:
        return names_wrong(question.along, movable(question.scene), "--along")
    if question.scene is None:
        return "A map over two concepts renders a scene again. Give a scene, or --along once."
    return names_wrong(question.along, question.scene.live_concepts, "--along")


LOOKS = (
    Look(
        "curve",
        "Concept response",
        "How does the answer change along one concept, or two?",
        "picture",
        always,
        _curve,
        takes=("along", "target"),
        refuse=_refuse_curve,
    ),
)
