"""Looks at a scene, which can be rendered again: its parts, its concepts, and the answer along them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ask.answer import Answer, of_classes
from ask.looks.base import Finding, Look, Table, names_wrong
from ask.looks.picture import maps_of
from ask.question import Question, pairs_of
from explain import methods
from explain.concepts import concept_flip as flips
from explain.concepts import perturbations
from explain.concepts.concept_flip import ConceptFlip
from explain.concepts.space import Concepts, of_scene
from explain.numbers import percent, signed
from explain.truth.part_agreement import PartAgreement, caution, compare
from explain.truth.part_effects import PartEffects, part_effects, unsupported
from models import scene_inputs
from models.spec import Definition, Progress, Report

if TYPE_CHECKING:
    pass


def no_scenes(definition: Definition) -> str | None:
    """The reason, in one sentence, that a model cannot be asked about scenes; None where it can."""
    return scene_inputs.lacking(definition.spec, "no concept can be moved")


def concepts_of(asked: Answer) -> Concepts:
    """The concepts of the scene that is asked about, with the changes of its pixels."""
    assert asked.scene is not None and asked.spec.image_size is not None
    return of_scene(asked.scene, asked.spec.image_size, asked.question.changes)


def parts_of(asked: Answer) -> PartEffects:
    """What each part of the scene really does to the target; see `explain.truth.part_effects`."""
    scene = asked.scene
    assert scene is not None
    finish = partial(perturbations.apply, settings=asked.question.changes)
    return asked.kept(
        "parts",
        (scene.digest, asked.target),
        lambda: part_effects(asked.model, scene, asked.target, finish),
    )


def flip_of(asked: Answer, report: Report) -> ConceptFlip:
    """The smallest change of concepts that was found to flip the answer, the question's locked ones held."""
    locked = asked.question.locked
    return asked.kept(
        "concept flip",
        (asked.scene and asked.scene.digest, pairs_of(asked.question.changes), *locked),
        lambda: flips.concept_flip(asked.model, concepts_of(asked), locked=locked, report=report),
    )


def _parts(asked: Answer, report: Report) -> Finding:
    report(Progress("Rendering the scene without each part", 0, 1))
    parts = parts_of(asked)
    if not parts.interventions:
        sentence = (
            "No part of this scene is large enough to be changed. Move the framing back to see more of it."
        )
        return Finding((sentence,), {"target": asked.spec.classes[parts.target], "parts": [], "methods": {}})
    target = asked.spec.classes[parts.target]
    found = {
        name: compare(parts, one.attribution.values, methods.method(name).signed, target)
        for name, one in maps_of(asked, report).items()
    }
    # The page opens with the recommended method.
    first = next(iter(found))
    return Finding(
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


def _part_values(asked: Answer, parts: PartEffects, row: int) -> dict[str, Any]:
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


def _flip(asked: Answer, report: Report) -> Finding:
    found = flip_of(asked, report)
    return Finding((found.summary, found.margin), _flip_values(asked, found), _flip_table(found))


def _flip_values(asked: Answer, found: ConceptFlip) -> dict[str, Any]:
    return {
        "found": found.found,
        "locked": list(asked.question.locked),
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


def _refuse_flip(definition: Definition, question: Question) -> str | None:
    assert question.scene is not None
    return names_wrong(question.locked, question.scene.live_concepts, "--lock")


LOOKS = (
    Look(
        "parts",
        "Part effects",
        "What do the parts really do?",
        "scene",
        lambda definition: unsupported(definition.spec),
        _parts,
        takes=("target", "background"),
    ),
    Look(
        "flip",
        "Counterfactual",
        "What is the smallest change of concepts that flips the answer?",
        "scene",
        no_scenes,
        _flip,
        takes=("lock",),
        refuse=_refuse_flip,
    ),
)
