"""The explanation that a link to the lineage page speaks of, computed again from what the link says."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ask.image_answer import ImageExplanation, explain_image
from ask.row_answer import Explanation, explain_row
from data.failures import UserMistake
from explain.attributions import background
from explain.methods import image_method
from governance.registry import Version
from models.spec import ModelSpec
from pages.common import workspace
from pages.pictures import inputs, maps


class LinkMistake(UserMistake):
    """A link asks for an explanation that cannot be given."""


def explanation(version: Version, query: Mapping[str, str]) -> Explanation | ImageExplanation | None:
    """The explanation that a link asks for; None where it asks for none.

    Parameters
    ----------
    query : mapping
        ``explain`` (a method), ``target`` (a class; the predicted one by default), and the model's
        features by their names, or ``scene`` with its concepts.

    Raises
    ------
    LinkMistake
        With what is wrong in the link.
    CrumbtrailError
        If the version cannot be loaded, or the method does not fit it.
    """
    method = query.get("explain")
    if not method:
        return None
    model = workspace.load(version)
    target, name, weights = query.get("target"), version.reference, version.weights_digest
    try:
        if model.spec.modality == "tabular":
            row = _row(model.spec, version, query)
            rows = workspace.training_rows(version)
            compared = None if rows is None else background.of_rows(rows.x, rows.y)
            return explain_row(
                model, row, method, target, version=name, weights_digest=weights, background=compared
            )
        picture = inputs.of_link(model.spec, query)
        needed = image_method(method).needs_background
        others = maps.background(version.model) if needed else None
        return explain_image(
            model, picture, method, target, version=name, weights_digest=weights, background=others
        )
    except ValueError as error:
        raise LinkMistake(f"The explanation in the link cannot be made again. {error}") from error


def values(spec: ModelSpec, query: Mapping[str, str]) -> dict[str, str]:
    """The part of a query that names the model's features, or the scene and what was changed of it."""
    if spec.modality == "image":
        return {name: value for name, value in query.items() if name in inputs.LINKED}
    return {feature.name: query[feature.name] for feature in spec.features if feature.name in query}


def _row(spec: ModelSpec, version: Version, query: Mapping[str, str]) -> np.ndarray:
    given = values(spec, query)
    lacking = [feature.name for feature in spec.features if feature.name not in given]
    if lacking:
        raise LinkMistake(
            f"The link asks to explain an answer of {version.reference} but gives no {', '.join(lacking)}. "
            "Open the what-if page and follow the answer from there."
        )
    for name, text in given.items():
        try:
            float(text)
        except ValueError:
            raise LinkMistake(f"The link says {name}={text}, which is not a number.") from None
    return np.array([float(given[feature.name]) for feature in spec.features])
