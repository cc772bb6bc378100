"""The models that can be trained here, by name."""

from __future__ import annotations

import importlib

from data import definitions as definitions_of_projects
from data.failures import UserMistake
from data.names import did_you_mean
from models.spec import Definition

# Modules that each hold one DEFINITION; they import their libraries when they train, not before.
_BUILT_IN = ("iris_tree", "iris_forest", "muffin_cnn")
_registered: dict[str, Definition] = {}


class UnknownModel(UserMistake):
    """The catalogue has no model with this name."""


def register(definition: Definition) -> None:
    """Add a model to this process's catalogue, or replace the one with its name."""
    _registered[definition.spec.name] = definition


def unregister(name: str) -> None:
    """Take a model that was registered out again."""
    _registered.pop(name, None)


def names() -> list[str]:
    """Names of all models: the built-in ones first, then in the order of their registration, then the projects'."""
    return list(dict.fromkeys([*_BUILT_IN, *_registered, *_declared()]))


def problems() -> list[str]:
    """What projects declare and cannot be used, a sentence each; see `data.definitions.problems`."""
    return definitions_of_projects.problems("DEFINITIONS", taken=_BUILT_IN)


def _declared() -> dict[str, Definition]:
    return definitions_of_projects.declared("DEFINITIONS", taken=_BUILT_IN)


def definition(name: str) -> Definition:
    """The catalogue's entry for a model.

    Raises
    ------
    UnknownModel
        With the nearest name, what there is, and what projects declare that cannot be used.
    """
    if name in _registered:
        return _registered[name]
    if name in _BUILT_IN:
        return importlib.import_module(f"models.{name}").DEFINITION
    if name in (declared := _declared()):
        return declared[name]
    hint = did_you_mean(name, names())
    there = f"There are: {', '.join(names())}."
    raise UnknownModel(" ".join([f"No model is called {name!r}.{hint} {there}", *problems()]))


def definitions() -> list[Definition]:
    """All entries, in the order of `names`."""
    return [definition(name) for name in names()]
