"""Catalogue: the dialog that trains a new version."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from governance import jobs
from governance.home import open_store
from models import catalogue
from models.spec import Definition, Setting
from tests import toys
from tests.conftest import OpenPage
from tests.pages.reading import words


def open_dialog(page: AppTest, model: str) -> AppTest:
    page.button(key=f"train_{model}").click().run()
    assert not page.exception
    return page


def submit(page: AppTest, model: str) -> AppTest:
    """Press the dialog's button. An AppTest runs the whole script where a browser runs the dialog
    alone, so the button that opened it has to be pressed once more."""
    (button,) = (one for one in page.button if str(one.key).startswith("FormSubmitter"))
    page.button(key=f"train_{model}").click()
    button.click().run()
    assert not page.exception
    return page


def control(
    page: AppTest, model: str, setting: Setting
) -> tuple[list[str] | None, float | None, float | None]:
    """Options, or lowest and highest value, of a setting's widget."""
    key = f"{model}_{setting.name}"
    for kind in (page.select_slider, page.selectbox):
        for one in kind:
            if one.key == key:
                return list(one.options), None, None
    found = page.number_input(key=key)
    return None, found.min, found.max


@pytest.mark.parametrize("model", ["iris_tree", "iris_forest", toys.MODEL])
def test_the_dialog_asks_for_what_the_model_declares(
    trained_home: Path, toy: Definition, open_page: OpenPage, model: str
) -> None:
    definition = catalogue.definition(model)
    page = open_dialog(open_page(), model)
    assert definition.settings
    for setting in definition.settings:
        options, low, high = control(page, model, setting)
        if setting.kind == "choice":
            assert options == list(setting.choices)
        elif options is None:
            assert (low, high) == (setting.low, setting.high)
        else:
            assert options[int(setting.auto)] == f"{setting.low:g}" and options[-1] == f"{setting.high:g}"
            assert ("auto" in options) == setting.auto
    for number in page.number_input:
        assert number.label != "Seed" or number.value == 0


def test_submitting_puts_exactly_one_job_in_the_queue(trained_home: Path, open_page: OpenPage) -> None:
    store = open_store()
    before = [job.id for job in jobs.recent(store)]
    page = open_dialog(open_page(), "iris_tree")
    page.select_slider(key="iris_tree_max_depth").set_value(2)
    (seed,) = (one for one in page.number_input if one.label == "Seed")
    seed.set_value(11)
    submit(page, "iris_tree")
    (job,) = (job for job in jobs.recent(store) if job.id not in before)
    assert (job.kind, job.model, job.status) == ("train", "iris_tree", "queued")
    assert job.request["settings"] == {"max_depth": 2}
    assert job.request["seed"] == 11
    assert "Training" in words(page) and "In the queue: it is next" in page.get("progress")[0].proto.text
    page.run().run()
    assert len(jobs.recent(store)) == len(before) + 1


def test_defaults_are_not_sent_as_wishes(trained_home: Path, open_page: OpenPage) -> None:
    submit(open_dialog(open_page(), "iris_forest"), "iris_forest")
    assert jobs.recent(open_store())[0].request["settings"] == {}


def test_two_visitors_who_want_the_same_watch_one_training(trained_home: Path, open_page: OpenPage) -> None:
    store, before = open_store(), len(jobs.recent(open_store()))
    # Both have opened the dialog before either submits.
    first, second = (open_dialog(open_page(), "iris_tree") for _ in range(2))
    for page in (first, second):
        page.select_slider(key="iris_tree_max_depth").set_value(4)
        submit(page, "iris_tree")
        assert len(page.get("progress")) == 1
    assert len(jobs.recent(store)) == before + 1
    page = open_dialog(open_page(), "iris_tree")
    page.select_slider(key="iris_tree_max_depth").set_value(5)
    submit(page, "iris_tree")
    assert len(jobs.recent(store)) == before + 2, "another wish is another training"
