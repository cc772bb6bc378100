"""The catalogue of methods. A new one is a file of its own and one line here."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from explain import decision_path, tree_shap
from explain.attribution import Method, MethodError
from models.spec import ModelSpec

_METHODS: tuple[Method, ...] = (tree_shap.METHOD, decision_path.METHOD)


@dataclass(frozen=True, slots=True)
class Fit:
    """A method beside a model: `reason` says in a sentence why it does not fit, None where it does."""

    method: Method
    reason: str | None


def names() -> list[str]:
    """Names of all methods, the recommended one first."""
    return [method.name for method in _METHODS]


def method(name: str) -> Method:
    """Look a method up by its name; raises `MethodError` that names the nearest one."""
    for candidate in _METHODS:
        if candidate.name == name:
            return candidate
    near = difflib.get_close_matches(name, names(), n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise MethodError(f"No method is called {name!r}.{hint} There are: {', '.join(names())}.")


def for_spec(spec: ModelSpec) -> tuple[Fit, ...]:
    """Every method beside a model, those that fit first."""
    fits = [Fit(candidate, candidate.unsupported(spec)) for candidate in _METHODS]
    return tuple(sorted(fits, key=lambda fit: fit.reason is not None))
