"""Judges an image model: each source of pictures apart, and whether its probabilities mean what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from data import images
from data.images import ImageDataset
from governance.metrics import ACCURACY
from models import calibration, evaluation

if TYPE_CHECKING:
    from models.calibrated_network import CalibratedNetwork
    from models.networks import NetworkModel


def accuracy(network: CalibratedNetwork, inputs: np.ndarray, y: np.ndarray) -> float:
    """Share of the pictures that a network is right about.

    Parameters
    ----------
    inputs : ndarray of shape (n, size, size, 3), float32 in [0, 1]
    y : ndarray of shape (n,)
    """
    import torch

    pixels = torch.from_numpy(inputs).permute(0, 3, 1, 2)
    with torch.no_grad():
        found = torch.cat([network(chunk).argmax(1) for chunk in pixels.split(64)])
    return float(np.mean(found.numpy() == y))


def judge(
    model: NetworkModel, dataset: ImageDataset, pixels: np.ndarray, validation: np.ndarray, size: int
) -> dict[str, Any]:
    """Set the temperature by the validation rows, then look at the test rows, once.

    Parameters
    ----------
    pixels : ndarray of shape (n_rows, side, side, 3), uint8
        Of the whole dataset.
    validation : ndarray of int
        Training rows that were kept back.
    size : int
        Side of the pictures that the model takes.

    Returns
    -------
    dict
        ``by_source`` and ``validation``: for each source of pictures the accuracy with its interval,
        ``ece`` and ``brier``, and both as they were before the temperature was set; ``accuracy`` (of the
        first source in the test), ``temperature`` and ``parameters`` (their number).
    """

    def ask(rows: np.ndarray) -> np.ndarray:
        return model.predict_proba(images.as_input(images.scaled(pixels[rows], size)))

    raw, source = ask(validation), dataset.source[validation]
    # Each source weighs the same, so that many scenes do not decide how sure to be about a photo.
    weight = 1 / np.bincount(source)[source]
    found = calibration.temperature(np.log(raw), dataset.y[validation], weight)
    model.network.temperature.fill_(found)
    test = dataset.split.test
    by_source = _by_source(ask(test), dataset, test, found)
    return {
        # Sources come in the order of their weight: photos before scenes, whole scenes before crops.
        ACCURACY.name: next(iter(by_source.values())),
        "by_source": by_source,
        "validation": _by_source(calibration.tempered(raw, found), dataset, validation, found),
        "temperature": found,
        "parameters": sum(value.numel() for value in model.network.parameters()),
    }


def _by_source(
    answers: np.ndarray, dataset: ImageDataset, rows: np.ndarray, temperature: float
) -> dict[str, Any]:
    y, source = dataset.y[rows], dataset.source[rows]
    found = {}
    for number in sorted(set(source.tolist())):
        here = source == number
        figures = evaluation.accuracy_on(answers[here], y[here])
        found[dataset.sources[number]] = figures | _calibration(answers[here], y[here], temperature)
    return found


def _calibration(answers: np.ndarray, y: np.ndarray, temperature: float) -> dict[str, Any]:
    """Calibration error and Brier score with the temperature, and as they were before it was set."""
    before = calibration.tempered(answers, 1 / temperature)
    return {
        "ece": calibration.expected_calibration_error(answers, y),
        "brier": calibration.brier_score(answers, y),
        "ece_before": calibration.expected_calibration_error(before, y),
        "brier_before": calibration.brier_score(before, y),
    }
