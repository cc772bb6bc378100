"""Looks at what lies near a picture: how usual it is, and the training pictures that are most like it."""

from __future__ import annotations

from ask.looks.base import Asked, Look, Table, Told, always
from data import photo_folders
from explain.neighbours import features
from explain.neighbours.examples import Examples, examples
from explain.neighbours.features import penultimate
from explain.neighbours.learned import learned_from
from explain.neighbours.neighbours import Neighbour, finding, nearest
from explain.typicality import feature_typicality
from explain.typicality.typicality import Typicality, of_scene
from models.spec import Definition

NEAREST = 6


def told_of(found: Typicality) -> Told:
    """Where an input lies, as a look tells it."""
    return Told((found.sentence,), {"level": found.level, "beyond": found.beyond})


def _typicality(asked: Asked) -> Told:
    changed = bool(asked.options.changes)
    if asked.scene is not None and not changed:
        return told_of(of_scene(asked.scene))
    reason = features.unsupported(asked.spec)
    known = None if reason else _examples(asked)
    found = feature_typicality.among(known, asked.model, asked.input, asked.scene, changed)
    if found is None:
        return Told((reason or feature_typicality.UNKNOWN,), {"level": None})
    return told_of(found)


def _examples(asked: Asked) -> Examples:
    """Those that were measured with the version, else made now."""
    stored = feature_typicality.stored(asked.store, asked.version)
    if stored is not None:
        return stored
    return examples(asked.model, learned_from(asked.definition, asked.version.record), asked.report)


def _neighbours(asked: Asked) -> Told:
    found = _examples(asked)
    at = penultimate(asked.model, asked.input[None])[0]
    near = nearest(found.features, found.labels, at, NEAREST)
    classes = asked.spec.classes
    answer = int(asked.model.predict_proba(asked.input[None])[0].argmax())
    sentence, against = finding(near, classes, answer)
    scale = f"The nearest of {found.what}, by the network's features; 0 is the same, 1.41 nothing in common."
    rows = [(found.names[one.position], classes[one.label], f"{one.distance:.2f}") for one in near]
    return Told(
        words=(sentence, scale, found.instead) if found.instead else (sentence, scale),
        values={
            "compared_with": found.what,
            "against": against,
            "neighbours": [_neighbour(found, one, classes[one.label]) for one in near],
        },
        table=Table(("Example", "Class", "Distance"), rows),
    )


def _neighbour(found: Examples, one: Neighbour, name: str) -> dict[str, str | float | None]:
    """A neighbour as JSON; ``public`` is its path in the public data set, where it is from there."""
    return {
        "example": found.names[one.position],
        "public": photo_folders.public_path(found.digests[one.position]),
        "class": name,
        "distance": one.distance,
    }


def _no_features(definition: Definition) -> str | None:
    return features.unsupported(definition.spec)


LOOKS = (
    Look("typicality", "How usual is it?", "picture", always, _typicality),
    Look(
        "neighbours",
        "What it learned from that is most like this picture",
        "picture",
        _no_features,
        _neighbours,
    ),
)
