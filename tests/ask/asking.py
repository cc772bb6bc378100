"""Answers of models that are stored nowhere, and closer looks at them as the command asks for them."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np

from ask.answer import Answer
from ask.asking import instead_of
from ask.cache import Memory
from ask.evidence import Evidence
from ask.looks import catalogue
from ask.looks.base import Finding
from ask.picture_answer import PictureAnswer
from ask.question import PictureInput, Question, RowInput, SceneInput, pairs_of
from ask.row_answer import RowAnswer
from explain.neighbours.examples import Examples
from explain.rows.table_rows import Rows
from governance.record import Record


class Known(Evidence):
    """What a test says is known about a version; the store is not asked."""

    table: Rows | None = None
    stored_limits: Any = None
    stored_examples: Examples | None = None
    pictures: np.ndarray | None = None

    def table_rows(self) -> Rows | None:
        return self.table

    def limits(self) -> Any:
        return self.stored_limits

    def examples(self) -> Examples | None:
        return self.stored_examples

    def examples_id(self) -> str | None:
        return None if self.stored_examples is None else "e" * 64

    def background(self, dataset: str) -> Any:
        return super().background(dataset) if self.pictures is None else self.pictures


def known(model: Any, version: Any, **facts: Any) -> Known:
    """`Known` with some facts."""
    found = type("Known", (Known,), facts)
    return found(None, version, model.spec, Memory())  # type: ignore[no-any-return]


def version_of(**more: Any) -> Any:
    """A version that is stored nowhere."""
    fields = {
        "model": "toy",
        "reference": "toy@1",
        "record_id": "a",
        "weights_digest": "ab12",
        "record": Record({"data": {}, "parameters": {}}),
    }
    return SimpleNamespace(**{**fields, **more})


def answer_of(
    model: Any,
    x: Any = None,
    *,
    scene: Any = None,
    changes: Any = None,
    definition: Any = None,
    version: Any = None,
    facts: Any = None,
    **asked: Any,
) -> Any:
    """The answer of a model to an array or a scene; `asked` are fields of the question, `facts` what is known."""
    version = version or version_of()
    spec, pixels = model.spec, pairs_of(changes or {})
    if spec.modality == "tabular":
        given: Any = None if x is None else RowInput.of(spec, x)
    else:
        given = PictureInput(x, pixels) if scene is None else SceneInput(scene, pixels)
    question = Question(version.reference, given, **asked)
    kind = RowAnswer if spec.modality == "tabular" else PictureAnswer
    kind = type(
        kind.__name__,
        (kind,),
        {
            "definition": definition or SimpleNamespace(spec=spec, dataset="toy_pictures"),
            "with_question": instead_of,
        },
    )
    return kind(
        None, question, version, model, version.weights_digest, known(model, version, **(facts or {}))
    )


def asked_again(model: Any, question: Question, facts: Any) -> Any:
    """The answer to a question that a front end put together."""
    return answer_of(model, facts=facts).with_question(question)


def tell(name: str, asked: Answer) -> Finding:
    """What a look finds; its values must be JSON, and its table a table."""
    found = catalogue.look(name, asked.definition).tell(asked, lambda progress: None)
    assert json.loads(json.dumps(found.values, allow_nan=False)) == found.values
    assert all(isinstance(one, str) and one for one in found.words)
    for cells in found.table.rows if found.table else ():
        assert len(cells) == len(found.table.columns) and all(isinstance(cell, str) for cell in cells)
    return found
