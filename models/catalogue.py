"""The models that can be trained here, by name."""

from __future__ import annotations

import importlib

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
    """Names of all models: the built-in ones first, then in the order of their registration."""
    return [*_BUILT_IN, *(name for name in _registered if name not in _BUILT_IN)]


def definition(name: str) -> Definition:
    """The catalogue's entry for a model.

    Raises
    ------
    UnknownModel
        With the nearest name, and what there is.
    """
    if name in _registered:
        return _registered[name]
    if name in _BUILT_IN:
        return importlib.import_module(f"models.{name}").DEFINITION
    hint = did_you_mean(name, names())
    raise UnknownModel(f"No model is called {name!r}.{hint} There are: {', '.join(names())}.")


def definitions() -> list[Definition]:
    """All entries, in the order of `names`."""
    return [definition(name) for name in names()]
