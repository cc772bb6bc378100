"""What offers to measure a version: what became of it is told, and a new measurement counts at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ask.cache import Memory
from ask.evidence import Evidence
from governance import jobs, measurements, registry, sessions
from governance.home import open_store
from models import catalogue
from pages.common import measuring
from tests.pages.reading import button, words

STOPPED = "Measuring iris_tree@1: agreement, truth table was stopped."


def offering() -> None:
    """A page that offers to measure; its source is run by itself."""
    import streamlit as st

    from governance import registry
    from pages.common import measuring, workspace

    lacking = st.session_state.get("lacking", ["agreement", "truth_table"])
    measuring.offer(registry.resolve(workspace.store(), "iris_tree"), lacking, "It lacks something.")


def test_whoever_stopped_it_is_told_so_also_where_a_part_was_measured_before(trained_home: Path) -> None:
    page = AppTest.from_function(offering).run()
    button(page, "Measure it now").click().run()
    assert not page.exception
    (job,) = jobs.recent(open_store(), unfinished_only=True)
    jobs.cancel(open_store(), job.id)
    assert STOPPED in words(page.run())
    page.session_state["lacking"] = ["truth_table"]
    assert STOPPED in words(page.run()) and not button(page, "Measure it now").disabled
    page.session_state["lacking"] = ["typicality"]
    assert STOPPED not in words(page.run())


def test_work_that_ends_while_the_page_is_drawn_leaves_nothing_behind(
    trained_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = AppTest.from_function(offering).run()
    button(page, "Measure it now").click().run()
    recent, ended = jobs.recent, []

    def ends_just_now(store, limit=20, unfinished_only=False):  # type: ignore[no-untyped-def]
        found = recent(store, limit, unfinished_only)
        if unfinished_only and found and not ended:
            ended.append(found[0].id)
            jobs.finish(store, found[0].id, "failed", message="It was too much.")
        return found

    monkeypatch.setattr(measuring.jobs, "recent", ends_just_now)
    page.run()
    assert ended and not page.exception
    assert not button(page, "Measure it now").disabled
    assert "It was too much." in words(page)


def test_training_examples_that_are_measured_meanwhile_count_at_once(
    trained_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    newest = measurements.newest

    def counted(*asked: Any) -> Any:
        read.append(asked[2])
        return newest(*asked)

    monkeypatch.setattr(measurements, "newest", counted)
    store = open_store()
    version = registry.resolve(store, "iris_tree")
    evidence = Evidence(store, version, catalogue.definition("iris_tree").spec, Memory())
    assert [evidence.examples() for _ in range(2)] == [None, None] and read == ["typicality"]
    example = {"name": "a", "label": 0, "digest": "d", "features": "AAA="}
    results = {"sources": [{"name": "s", "examples": [example], "apart": [0.5]}], "instead": ""}
    asked = {"n": 1, "seed": 0}
    kept = measurements.keep(store, version, "typicality", asked, results, sessions.start(store, "test"))
    assert evidence.examples_id() == kept.id and read == ["typicality"] * 2
