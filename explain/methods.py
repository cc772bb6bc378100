"""The catalogue of methods. A new one is a file of its own and one line here."""

from __future__ import annotations

from dataclasses import dataclass

from data.names import did_you_mean
from explain.attributions import (
    decision_path,
    grad_cam,
    gradient_shap,
    integrated_gradients,
    occlusion,
    permutation_shap,
    saliency,
    smooth_grad,
    superpixel_shap,
    tree_shap,
)
from explain.attributions.attribution import Method, MethodError
from explain.attributions.image_method import ImageMethod
from models.spec import Modality, ModelSpec

# Each modality's recommended method first; for pictures that is also the order of their cost.
_IMAGE: tuple[ImageMethod, ...] = (
    grad_cam.METHOD,
    saliency.METHOD,
    smooth_grad.METHOD,
    integrated_gradients.METHOD,
    occlusion.METHOD,
    gradient_shap.METHOD,
    superpixel_shap.METHOD,
)
_METHODS: dict[Modality, tuple[Method, ...]] = {
    "tabular": (tree_shap.METHOD, decision_path.METHOD, permutation_shap.METHOD),
    "image": _IMAGE,
}


@dataclass(frozen=True, slots=True)
class Fit:
    """A method beside a model: `reason` says in a sentence why it does not fit, None where it does."""

    method: Method
    reason: str | None


def names() -> list[str]:
    """Names of all methods, each modality's recommended one first."""
    return [method.name for methods in _METHODS.values() for method in methods]


def method(name: str) -> Method:
    """Look a method up by its name; raises `MethodError` that names the nearest one."""
    for methods in _METHODS.values():
        for candidate in methods:
            if candidate.name == name:
                return candidate
    hint = did_you_mean(name, names())
    raise MethodError(f"No method is called {name!r}.{hint} There are: {', '.join(names())}.")


def image_method(name: str) -> ImageMethod:
    """A method for pictures by its name, with its choices and passes; raises `MethodError` as `method`."""
    for candidate in _IMAGE:
        if candidate.name == name:
            return candidate
    raise MethodError(f"{method(name).title} does not explain pictures.")


def for_spec(spec: ModelSpec) -> tuple[Fit, ...]:
    """The methods for a model's modality beside the model, those that fit first."""
    fits = [Fit(candidate, candidate.unsupported(spec)) for candidate in _METHODS[spec.modality]]
    return tuple(sorted(fits, key=lambda fit: fit.reason is not None))
