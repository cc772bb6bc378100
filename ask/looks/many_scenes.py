"""Looks at one concept, or all of them, over many scenes of the same kind."""

from __future__ import annotations

from ask.answer import Answer
from ask.looks.base import Finding, Look, Table, names_wrong
from ask.looks.scene import no_scenes
from ask.question import Question
from data import scenes
from data.failures import UserMistake
from data.features import Feature
from explain.concepts import concept_importance
from explain.concepts.concept_ice import ConceptIce, concept_ice
from explain.concepts.space import of_scene
from explain.numbers import percent
from governance import measurements
from models.spec import Definition, Report

SCENES = 20
# Enough that the first twenty of a kind with berries are among them.
_DRAWN = 60


def ice_of(asked: Answer, feature: Feature, report: Report) -> ConceptIce:
    """A curve along a concept for each of some held-out scenes of the same kind as the one that is asked about."""
    scene, size = asked.scene, asked.spec.image_size
    assert scene is not None and size is not None

    def make() -> ConceptIce:
        held_out = [s for s in scenes.held_out(_DRAWN) if s.kind == scene.kind and feature in s.live_concepts]
        curves = [of_scene(other, size) for other in held_out[:SCENES]]
        return concept_ice(asked.model, curves, feature.name, asked.target, report=report)

    return asked.cache.kept("ice", (asked.weights_digest, scene.kind, feature.name, asked.target), make)


def ice_words(asked: Answer, found: ConceptIce) -> str:
    """In how many scenes the answer changes along the concept."""
    assert asked.scene is not None
    return (
        f"In **{found.flipping} of {len(found.curves)}** held-out scenes ({asked.scene.kind}) the answer changes along "
        "this concept."
    )


def _ice(asked: Answer, report: Report) -> Finding:
    assert asked.scene is not None
    live = asked.scene.live_concepts
    name = asked.question.along[0] if asked.question.along else live[0].name
    feature = next(one for one in live if one.name == name)
    found = ice_of(asked, feature, report)
    return Finding(
        words=(ice_words(asked, found).replace("**", ""),),
        values={
            "along": name,
            "target": asked.spec.classes[found.target],
            "values": found.values.tolist(),
            "curves": found.curves.tolist(),
            "mean": found.mean.tolist(),
            "flipping": found.flipping,
            "scenes": len(found.curves),
        },
        table=Table(
            (feature.label, "Mean probability"),
            [(feature.show(v), percent(p)) for v, p in zip(found.values, found.mean, strict=True)],
        ),
    )


def _refuse_ice(definition: Definition, question: Question) -> str | None:
    if len(question.along) > 1:
        return "--look ice goes along one concept. Give --along once."
    assert question.scene is not None
    return names_wrong(question.along, question.scene.live_concepts, "--along")


def _importance(asked: Answer, report: Report) -> Finding:
    assert asked.scene is not None
    found = measurements.newest(asked.store, asked.version, concept_importance.NAME)
    if found is None:
        raise UserMistake(
            f"Which concepts matter overall was not measured for {asked.version.reference} yet. Measure it by "
            f"python -m explain.measure {asked.version.reference} {concept_importance.NAME}."
        )
    kind, results = asked.scene.kind, found.measurement.results
    concepts = results["kinds"][kind]["concepts"]
    most = max(concepts, key=lambda one: one["total"])
    rows = [(one["label"], f"{one['first']:.2f}", f"{one['total']:.2f}") for one in concepts]
    return Finding(
        words=(
            f"Over scenes ({kind}), {most['label']} matters most: {percent(most['total'])} of the variance of the "
            "logit hang on it, alone or together with others (Sobol' indices).",
        ),
        values={"kind": kind, "record": found.id, "n": results["n"], "concepts": concepts},
        table=Table(("Concept", "First order", "Total"), rows),
    )


LOOKS = (
    Look(
        "ice",
        "Individual conditional expectation",
        "Does a concept do the same in other scenes?",
        "scene",
        no_scenes,
        _ice,
        takes=("along", "target"),
        refuse=_refuse_ice,
    ),
    Look(
        "concept_importance",
        "Concept importance",
        "Which concepts matter overall?",
        "scene",
        lambda definition: concept_importance.unsupported(definition.spec),
        _importance,
    ),
)
