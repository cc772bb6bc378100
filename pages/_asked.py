"""The explanation that a link to the lineage page speaks of, computed again from what the link says."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from data.failures import UserMistake
from explain.explanation import Explanation, explain_row
from governance.registry import Version
from models.spec import ModelSpec
from pages import _workspace


class LinkMistake(UserMistake):
    """A link asks for an explanation that cannot be given."""


def explanation(version: Version, query: Mapping[str, str]) -> Explanation | None:
    """The explanation that a page's URL asks for; None where it asks for none.

    Parameters
    ----------
    query : mapping
        ``explain`` (a method), ``target`` (a class; the predicted one by default), and the model's
        features by their names.

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
    model = _workspace.load(version)
    row = _row(model.spec, version, query)
    try:
        return explain_row(
            model,
            row,
            method,
            query.get("target"),
            version=version.reference,
            weights_digest=version.weights_digest,
        )
    except ValueError as error:
        raise LinkMistake(f"The explanation in the link cannot be made again. {error}") from error


def values(spec: ModelSpec, query: Mapping[str, str]) -> dict[str, str]:
    """The part of a query that names the model's features."""
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
