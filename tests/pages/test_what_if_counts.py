"""Tabular what-if: a moved slider costs an answer, and nothing that was done before.

Times are printed by ``make bench`` and never asserted; what a rerun asks of the database and the libraries
can be counted on any machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
import skops.io
from sklearn.tree import DecisionTreeClassifier
from sqlalchemy import Engine, event

from governance.home import open_store
from models import catalogue
from tests import toys
from tests.conftest import OpenPage
from tests.pages.reading import slide

pytestmark = pytest.mark.usefixtures("trained_home")
MOST_QUESTIONS = 10
Recording = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def statements() -> Recording:
    """Record every SQL statement of this process, whichever engine it goes to."""

    @contextmanager
    def record() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    return record


def reads_data(statement: str) -> bool:
    return "FROM iris" in statement


def test_the_first_visit_reads_the_data_and_a_moved_slider_does_not(
    open_page: OpenPage, statements: Recording
) -> None:
    with statements() as first:
        page = open_page("what_if.py", {"version": "iris_tree"})
    assert any(map(reads_data, first)), "the recording sees the reading of a dataset"
    with statements() as second:
        slide(page, petal_length=5.0)
    assert second and not any(map(reads_data, second))
    assert all(statement.startswith(("SELECT", "PRAGMA", "BEGIN")) for statement in second)
    assert sum(statement.startswith("SELECT") for statement in second) <= MOST_QUESTIONS
    with statements() as third:
        slide(page, petal_length=6.0)
    assert third == second, "a rerun asks the same, however often"


def test_more_versions_do_not_mean_more_questions_to_the_database(
    open_page: OpenPage, statements: Recording
) -> None:
    page = open_page("what_if.py", {"version": "iris_tree@1"})
    with statements() as few:
        slide(page, petal_length=5.0)
    for seed in range(3):
        toys.train_into(open_store(), catalogue.definition("iris_tree"), seed=seed, max_depth=1)
    page.run()
    with statements() as many:
        slide(page, petal_length=6.0)
    assert len(many) == len(few)


def test_a_moved_slider_neither_trains_nor_opens_an_artefact(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    loads, fit = skops.io.loads, DecisionTreeClassifier.fit

    def noted_loads(*args: Any, **settings: Any) -> Any:
        calls.append("loads")
        return loads(*args, **settings)

    def noted_fit(*args: Any, **settings: Any) -> Any:
        calls.append("fit")
        return fit(*args, **settings)

    monkeypatch.setattr(skops.io, "loads", noted_loads)
    monkeypatch.setattr(DecisionTreeClassifier, "fit", noted_fit)
    page = open_page("what_if.py", {"version": "iris_forest"})
    for petal_length in (1.0, 5.0, 6.0):
        slide(page, petal_length=petal_length)
    # Another test of this process may have opened the same artefact already.
    assert calls in (["loads"], [])
