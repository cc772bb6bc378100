"""The pictures that a version learned from, with those that decided its weights apart from those kept back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data import scenes
from data.dataset_types import DatasetError
from data.failures import UserMistake
from data.images import ImageDataset
from governance.record import Record
from models import scene_inputs
from models.spec import Definition


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """A dataset, and what the training did with its pictures.

    Attributes
    ----------
    dataset : ImageDataset
    fitted : ndarray of shape (n,), int64
        Rows that the weights were learned from.
    kept_back : ndarray of shape (m,), int64
        Rows of the same sources that the weights were not learned from. They are the training's own
        validation part where that can be had again, else its test part.
    instead : str
        Why these stand in for the version's own, in a sentence; empty where they are its own.
    """

    dataset: ImageDataset
    fitted: np.ndarray
    kept_back: np.ndarray
    instead: str = ""


def learned_from(definition: Definition, record: Record, data: str | None = None) -> Learned:
    """What a version learned from, or scenes where its photos are gone and scenes show the same classes.

    Parameters
    ----------
    definition : Definition
        Of the model.
    record : Record
        The version's.
    data : str, optional
        Name of the dataset, or path of the folder of photos; the record's name by default.

    Raises
    ------
    UserMistake
        If the pictures are not here and scenes cannot stand in for them, if `data` names none, or if there
        never were pictures.
    """
    from models import training

    asked, name, fingerprint = record.parameters, record.data.name, record.data.fingerprint
    try:
        expect = fingerprint if data is None else None
        dataset = training.load_data(definition, data or name, asked.settings, expect)
    except (DatasetError, UserMistake) as error:
        if data is not None:
            raise
        return _stand_in(definition, name, error)
    if not isinstance(dataset, ImageDataset):
        raise UserMistake(f"{definition.spec.title} learned from rows of a table; there are no pictures.")
    if dataset.fingerprint != fingerprint:
        said = f"The pictures of {name} are no longer those of the record."
        return Learned(dataset, dataset.split.train, _alike(dataset), said)
    if definition.kept_back is None:
        return Learned(dataset, dataset.split.train, _alike(dataset))
    kept_back = definition.kept_back(dataset, asked.seed)
    return Learned(dataset, np.setdiff1d(dataset.split.train, kept_back), kept_back)


def _alike(dataset: ImageDataset) -> np.ndarray:
    """Rows of the test of sources that the training has too: a test may hold pictures of another kind."""
    trained_on = np.isin(dataset.source[dataset.split.test], dataset.source[dataset.split.train])
    return dataset.split.test[trained_on]


def _stand_in(definition: Definition, name: str, error: Exception) -> Learned:
    if not scene_inputs.fits(definition.spec):
        raise UserMistake(
            f"The pictures that it learned from ({name}) are not on this machine. Put the folder back, and "
            "its nearest examples can be shown."
        ) from error
    drawn = scenes.load()
    said = (
        f"The photos that it learned from ({name}) are not on this machine; scenes, which it learned from too "
        "or which show the same classes, stand in for them."
    )
    return Learned(drawn, drawn.split.train, _alike(drawn), said)
