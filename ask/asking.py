"""A question goes in, an answer comes out: the one way for every front end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ask.answer import Answer
from ask.cache import Cache, Memory
from ask.evidence import Evidence
from ask.picture_answer import PictureAnswer, copy_after
from ask.question import Question, RowInput
from ask.row_answer import RowAnswer
from data.failures import UserMistake
from explain.typicality.typicality import of_rows
from governance import registry
from governance.registry import Version
from governance.store import Store
from models import loading


def answer(
    store: Store, question: Question, cache: Cache | None = None, version: Version | None = None
) -> Answer:
    """Ask a version.

    Parameters
    ----------
    store : Store
    question : Question
        With an input.
    cache : Cache, optional
        Where slow parts are kept; for this answer alone by default.
    version : Version, optional
        The version that the question names, where the caller has looked it up already.

    Raises
    ------
    registry.UnknownVersion, UnknownModel
        If there is nothing of that name.
    CrumbtrailError
        If the stored version cannot be loaded.
    UserMistake
        If the input does not fit the model, or the question names an epoch of which no copy was kept.
    """
    found = version or registry.resolve(store, question.version)
    return _of(store, question, found, cache or Memory())


def answers(store: Store, questions: Sequence[Question], cache: Cache | None = None) -> list[Answer]:
    """Ask the same version many questions; the model runs once on all inputs.

    Rows are held against the training together. Raises as `answer` does.
    """
    cache = cache or Memory(most=len(questions) + 1)
    if not questions:
        return []
    first = answer(store, questions[0], cache)
    found = [first, *(instead_of(first, question) for question in questions[1:])]
    inputs = np.stack([one.input for one in found])
    for one, probabilities in zip(found, first.model.predict_proba(inputs), strict=True):
        one.probabilities = probabilities
    rows = [one for one in found if isinstance(one, RowAnswer)]
    if rows and rows[0].training is not None:
        for row, typicality in zip(rows, of_rows(first.model, inputs, rows[0].training.x), strict=True):
            row.typicality = typicality
    return found


def instead(asked: Answer, **changed: Any) -> Answer:
    """The answer of the same version to the same question but for some of its parts, by the names of `Question`."""
    return instead_of(asked, replace(asked.question, **changed))


def instead_of(asked: Answer, question: Question) -> Answer:
    """The answer of the same version to another question."""
    if question.epoch != asked.question.epoch:
        return _of(asked.store, question, asked.version, asked.cache)
    kind = type(asked)
    _check_input(kind, question, asked.version)
    return kind(asked.store, question, asked.version, asked.model, asked.weights_digest, asked.evidence)


def _of(store: Store, question: Question, version: Version, cache: Cache) -> Answer:
    if question.epoch is None:
        model, weights = loading.load(store, version), version.weights_digest
    else:
        model, weights = copy_after(store, version, question.epoch, cache)
    kind = RowAnswer if model.spec.modality == "tabular" else PictureAnswer
    _check_input(kind, question, version)
    return kind(store, question, version, model, weights, Evidence(store, version, model.spec, cache))


def _check_input(kind: type[Answer], question: Question, version: Version) -> None:
    wants_row = issubclass(kind, RowAnswer)
    if question.input is not None and isinstance(question.input, RowInput) != wants_row:
        wanted = "rows of a table" if wants_row else "pictures"
        raise UserMistake(f"{version.reference} answers for {wanted}. Give it one.")
