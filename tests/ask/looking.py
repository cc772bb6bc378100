"""A closer look asked for in a test, as the command asks for it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np

from ask.questions import catalogue
from ask.questions.base import Asked, Options, Told
from governance.record import Record


def asked_of(model: Any, x: Any = None, *, definition: Any = None, **more: Any) -> Asked:
    """A question about a model that is stored nowhere; the target is the predicted class."""
    target = None if x is None else int(np.argmax(model.predict_proba(x[None])[0]))
    version: Any = SimpleNamespace(
        reference="toy@1", record_id="a", record=Record({"data": {}, "parameters": {}})
    )
    definition = definition or SimpleNamespace(spec=model.spec, dataset="toy")
    store: Any = None
    fields = {"x": x, "target": target, "options": Options(), **more}
    return Asked(store, version, model, definition, report=lambda progress: None, **fields)


def tell(name: str, asked: Asked) -> Told:
    """What a look tells; its values must be JSON, and its table a table."""
    told = catalogue.look(name, asked.definition).tell(asked)
    assert json.loads(json.dumps(told.values, allow_nan=False)) == told.values
    assert all(isinstance(one, str) and one for one in told.words)
    for cells in told.table.rows if told.table else ():
        assert len(cells) == len(told.table.columns) and all(isinstance(cell, str) for cell in cells)
    return told
