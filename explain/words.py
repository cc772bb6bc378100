"""The finding for a row in two or three plain sentences, made from the values by templates.

A doubtful answer is called doubtful before anything else is said, and is then described, never
defended: an explanation of a wrong answer that reads like a reason is worse than none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explain.attributions.attribution import Attribution
from explain.grid import as_row
from explain.numbers import exact, inside_sentence, percent, points
from explain.rows.nearest_flip import NearestFlip
from models.spec import ModelSpec

DOUBT_BELOW = 0.6
# Half a percentage point: less is not worth a sentence.
WORTH_NAMING = 0.005


def finding(
    spec: ModelSpec,
    row: np.ndarray,
    probabilities: np.ndarray,
    attribution: Attribution,
    flip: NearestFlip | None = None,
    warnings: Sequence[str] = (),
) -> tuple[str, ...]:
    """Say what the model answers, what spoke for and against it, and what would flip it.

    Parameters
    ----------
    spec : ModelSpec
        Names the features and classes.
    row : ndarray of shape (n_features,)
        The row in question.
    probabilities : ndarray of shape (n_classes,)
        The model's answer for the row.
    attribution : Attribution
        Of the same row, for any class.
    flip : NearestFlip, optional
        Adds a sentence.
    warnings : sequence of str
        What is known to be wrong or unusual about the row; comes first.

    Returns
    -------
    tuple of str
        Warnings, if any, then the answer, the attribution, the flip.
    """
    values = as_row(spec, row)
    *doubts, said = answer_words(spec, probabilities, warnings)
    sentences = [*doubts, said]
    sentences.append(_for_and_against(spec, values, attribution, doubtful=bool(doubts)))
    if flip is not None:
        sentences += [f"{flip.summary} {flip.margin}", *flip.as_small]
    return tuple(sentences)


def answer_words(spec: ModelSpec, probabilities: np.ndarray, warnings: Sequence[str] = ()) -> tuple[str, ...]:
    """What a model answers, after what makes that doubtful.

    Parameters
    ----------
    probabilities : ndarray of shape (n_classes,)
    warnings : sequence of str
        What is known to be wrong or unusual; that the model is unsure is added here.
    """
    top = int(np.argmax(probabilities))
    answer, share = spec.classes[top], percent(probabilities[top])
    doubts = list(warnings)
    if probabilities[top] < DOUBT_BELOW:
        doubts.append(f"The model is unsure: its best class has a probability of only {share}.")
    opening = f"Do not rely on this answer. It is {answer}" if doubts else f"The model says {answer}"
    return (*doubts, f"{opening}, with a probability of {share}.")


def _for_and_against(spec: ModelSpec, row: np.ndarray, attribution: Attribution, doubtful: bool) -> str:
    name, values = attribution.target.words(spec), attribution.values
    best, worst = int(np.argmax(values)), int(np.argmin(values))
    verb, towards, away = (
        ("moved the model", "towards", "away from") if doubtful else ("speaks", "for", "against")
    )
    for_it = f"{spec.features[best].label} {_measured(spec, row, values, best)} {verb} most {towards} {name}"
    if values[worst] > -WORTH_NAMING:
        if values[best] >= WORTH_NAMING:
            return f"{for_it}; nothing {verb} {away} it."
        return f"No feature moves the {attribution.target.quantity(spec)} away from {percent(attribution.base_value)}."
    against = f"{_measured(spec, row, values, worst)} {verb} most {away}"
    if values[best] >= WORTH_NAMING:
        return f"{for_it}; {inside_sentence(spec.features[worst].label)} {against} it."
    return f"{spec.features[worst].label} {against} {name}; nothing {verb} {towards} it."


def _measured(spec: ModelSpec, row: np.ndarray, values: np.ndarray, index: int) -> str:
    return f"{exact(spec.features[index], row[index])} ({points(values[index])})"
