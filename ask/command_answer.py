"""An attribution as the command line asks for it: put together as on the pages, with the checks of its map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ask.image_answer import ImageExplanation, explain_image
from ask.questions.base import Asked
from ask.row_answer import Explanation, explain_row
from data.dataset_types import DatasetError, UnknownDataset
from explain import methods
from explain.attributions import background
from explain.rows import nearest_flip, ranges
from explain.rows.table_rows import rows_of
from explain.trust import trust_thresholds
from explain.trust.report import TrustReport, assess


def attribution(
    asked: Asked, method: str, out: str | None
) -> tuple[Explanation | ImageExplanation, dict[str, Any], tuple[str, ...]]:
    """The explanation of an input by a method, the document of it, and its sentences.

    Parameters
    ----------
    out : str or None
        Path of the file that will hold the values.
    """
    if asked.spec.modality == "image":
        picture, trust = _of_picture(asked, method)
        return picture, picture.to_json(out, trust, asked.options.changes), (*picture.words, trust.told)
    row = _of_row(asked, method)
    return row, row.to_json(out), row.words


def _of_row(asked: Asked, method: str) -> Explanation:
    model, version, row = asked.model, asked.version, asked.input
    outside: Sequence[ranges.Outside] = ()
    others = None
    try:
        x, y = rows_of(version.record["data"]).training
        others = background.of_rows(x, y)
        outside = ranges.outside_training(model.spec, row, x.min(axis=0), x.max(axis=0))
    except (DatasetError, UnknownDataset):
        pass  # The rows are gone: as on the page, nothing is said of them.
    flip = None
    if nearest_flip.unsupported(model.spec) is None:
        flip = nearest_flip.nearest_flip(model, row, locked=asked.options.locked)
    return explain_row(
        model,
        row,
        method,
        asked.evidence_words,
        version=version.reference,
        weights_digest=version.weights_digest,
        background=others,
        flip=flip,
        outside=outside,
    )


def _of_picture(asked: Asked, name: str) -> tuple[ImageExplanation, TrustReport]:
    """The explanation and the checks of its map. Where the object is, is known of a scene alone."""
    model, version, scene, picture = asked.model, asked.version, asked.scene, asked.input
    method = methods.image_method(name)
    others = background.of_dataset(asked.compared_with, model.spec) if method.needs_background else None
    measured = trust_thresholds.stored(asked.store, version, model.spec)
    explanation = explain_image(
        model,
        picture,
        name,
        asked.evidence_words,
        version=version.reference,
        weights_digest=version.weights_digest,
        background=others,
        truth=None if scene is None else scene.kind,
    )
    return explanation, assess(
        model,
        explanation.picture,
        method,
        explanation.attribution,
        background=others,
        mask=_object(asked),
        thresholds=None if measured is None else measured.body["results"],
    )


def _object(asked: Asked) -> np.ndarray | None:
    if asked.scene is None:
        return None
    from data import bakery

    return bakery.render(asked.scene, len(asked.input)).mask != bakery.Part.BACKGROUND
