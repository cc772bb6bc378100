"""Looks at what lies near a picture: how usual it is, and the training pictures that are most like it."""

from __future__ import annotations

from ask.answer import Answer
from ask.looks.base import Finding, Look, Table, always
from data import photo_folders
from data.workspace import home
from explain.neighbours import features
from explain.neighbours.examples import Examples, examples
from explain.neighbours.features import penultimate
from explain.neighbours.learned import learned_from
from explain.neighbours.neighbours import Neighbour, finding, nearest
from explain.typicality import feature_typicality
from explain.typicality.typicality import Typicality
from models.spec import Definition, Report

NEAREST = 6


def told_of(found: Typicality) -> Finding:
    """Where an input lies, as a look tells it."""
    return Finding((found.sentence,), {"level": found.level, "beyond": found.beyond})


def _typicality(asked: Answer, report: Report) -> Finding:
    found = asked.typicality
    if found is None and features.unsupported(asked.spec) is None:
        # Nothing is kept with the version: its examples are made now.
        among = feature_typicality.among
        changed = bool(asked.question.changes)
        found = among(examples_of(asked, report), asked.model, asked.input, asked.scene, changed)
    if found is None:
        return Finding((features.unsupported(asked.spec) or feature_typicality.UNKNOWN,), {"level": None})
    return told_of(found)


def examples_of(asked: Answer, report: Report) -> Examples:
    """Those that were measured with the version; else made now, once for everybody who asks about it.

    Raises
    ------
    UserMistake
        If the pictures that it learned from are not here, and nothing stands in for them.
    """
    stored = asked.evidence.examples()
    if stored is not None:
        return stored
    return asked.cache.kept(
        "examples made now",
        (asked.version.record_id, str(home())),
        lambda: examples(asked.model, learned_from(asked.definition, asked.version.record), report),
        "process",
    )


def nearest_examples(asked: Answer, found: Examples) -> tuple[Neighbour, ...]:
    """The examples that are most like the input, by the network's features; the nearest first."""
    at = penultimate(asked.model, asked.input[None])[0]
    return nearest(found.features, found.labels, at, NEAREST)


def _neighbours(asked: Answer, report: Report) -> Finding:
    found = examples_of(asked, report)
    near = nearest_examples(asked, found)
    classes = asked.spec.classes
    sentence, against = finding(near, classes, asked.predicted)
    scale = f"The nearest of {found.what}, by the network's features; 0 is the same, 1.41 nothing in common."
    rows = [(found.names[one.position], classes[one.label], f"{one.distance:.2f}") for one in near]
    return Finding(
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
    Look("typicality", "Typicality", "How usual is this picture?", "picture", always, _typicality),
    Look(
        "neighbours",
        "Nearest neighbours",
        "Which pictures that it learned from are most like this?",
        "picture",
        _no_features,
        _neighbours,
    ),
)
