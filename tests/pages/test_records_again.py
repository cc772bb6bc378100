"""Making a version again from its page: what is asked for, how it goes, and the verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from governance import jobs, reproduce, sessions, stored_records, worker
from governance.home import open_store
from governance.stored_records import StoredRecord
from models.spec import Setting
from pages.common import levels
from tests.conftest import OpenPage
from tests.pages.records_of import buttons, headline, texts, verify, version

GREEN = ("bit-identical", "prediction-identical")


def test_reproduce_puts_the_recorded_settings_into_the_queue(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("records.py", {"model": "iris_tree"})
    page.button(key="reproduce_iris_tree@1").click().run()

    (job,) = jobs.recent(open_store(), unfinished_only=True)
    assert job.kind == "reproduce"
    assert job.request == reproduce.job_request(version("iris_tree@1"), {})
    session = sessions.get(open_store(), job.session)
    assert session is not None
    assert session.kind == "app"
    assert "In the queue: it is next" in page.get("progress")[0].proto.text

    # A second press joins the work that waits already.
    page.button(key="reproduce_iris_tree@1").click().run()
    assert len(jobs.recent(open_store(), unfinished_only=True)) == 1


def test_what_is_changed_on_purpose_is_asked_for(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("records.py", {"model": "iris_tree"})
    page.number_input(key="again_iris_tree@1_seed").set_value(5)
    page.select_slider(key="again_iris_tree@1_max_depth").set_value(2)
    page.run()
    assert "Reproduce now, with seed 5 and max_depth 2" in buttons(page)

    page.button(key="reproduce_iris_tree@1").click().run()
    (job,) = jobs.recent(open_store(), unfinished_only=True)
    assert job.request["overrides"] == {"seed": "5", "max_depth": "2"}
    assert job.request["seed"] == 5


def test_work_is_shown_to_whoever_comes_by_and_can_be_cancelled(
    trained_home: Path, queue_is_run: None, open_page: OpenPage
) -> None:
    opened = open_store()
    request = reproduce.job_request(version("iris_tree@1"), {})
    job, _ = jobs.submit(opened, "reproduce", "iris_tree", request, sessions.start(opened, "test"))
    jobs.claim(opened)
    jobs.note_progress(
        opened, job.id, {"step": "cross-validation", "done": 12, "total": 50, "figures": {"accuracy": 0.9512}}
    )
    page = open_page("records.py", {"model": "iris_tree"})

    bar = page.get("progress")[0].proto
    assert bar.text == "Cross-validation: 12 of 50"
    assert bar.value == 24
    assert "accuracy 0.951" in texts(page)
    page.button(key=f"cancel_job_{job.id}").click().run()
    assert jobs.get(opened, job.id).cancel_requested
    assert page.button(key=f"cancel_job_{job.id}").disabled


@pytest.mark.parametrize("level", reproduce.LEVELS)
def test_a_verdict_says_its_level_and_green_is_for_what_is_the_same(
    trained_home: Path, open_page: OpenPage, level: str
) -> None:
    verify("iris_tree@1", level)
    page = open_page("records.py", {"model": "iris_tree"})

    said = headline(page)
    assert level in said
    assert (":green[" in said) is (level in GREEN)
    assert levels.LEVELS[level].meaning in texts(page)
    assert level in page.dataframe[0].value["Made again"][0]


def test_every_difference_is_named_by_its_part(trained_home: Path, open_page: OpenPage) -> None:
    differences = [
        {"fact": "code.files.models/iris_tree.py", "recorded": "a" * 64, "found": "b" * 64},
        {"fact": "numerics.torch.threads", "recorded": 2, "found": None},
        {"fact": "results.weights_digest", "recorded": "c" * 64, "found": "d" * 64},
    ]
    verify("iris_tree@1", "within tolerance", {"seed": "3"}, differences=differences)
    page = open_page("records.py", {"model": "iris_tree"})

    labels = [expander.label for expander in page.expander]
    assert "**Code**: models/iris\\_tree.py" in labels
    assert "**Numerics**: torch.threads" in labels
    assert "**Results**: weights\\_digest" in labels
    assert labels.index("**Code**: models/iris\\_tree.py") < labels.index("**Results**: weights\\_digest")
    assert "with seed 3" in texts(page)
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics == {"Arrays identical": "1 of 2", "Probability gap": "0.25", "Accuracy gap": "0.01"}


def test_an_earlier_verdict_can_be_looked_at_again(trained_home: Path, open_page: OpenPage) -> None:
    earlier = verify("iris_tree@1", "different", {"seed": "9"})
    verify("iris_tree@1", "bit-identical")
    page = open_page("records.py", {"record": earlier[:12]})

    assert "different" in headline(page)
    # The table judges a version by the tries that changed nothing on purpose.
    table = page.dataframe[0].value.set_index("Version")["Made again"]
    assert "bit-identical" in table["iris_tree@1 (champion)"]


def test_nothing_to_compare_says_why(trained_home: Path, open_page: OpenPage) -> None:
    reason = "The data are not those of the record. Table iris has another fingerprint."
    verify("iris_tree@1", "not comparable", reason=reason, tensors={})
    page = open_page("records.py", {"model": "iris_tree"})

    assert reason in texts(page)
    assert not page.metric


def test_a_reproduction_from_the_page_ends_in_a_verdict(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("records.py", {"model": "iris_tree"})
    page.button(key="reproduce_iris_tree@1").click().run()
    opened = open_store()
    (job,) = jobs.recent(opened, unfinished_only=True)
    worker.wait_for(opened, job, lambda job: None)
    page.run()

    assert "bit-identical" in headline(page)
    assert "No recorded fact differs" in texts(page)
    assert "Cancel" not in buttons(page)


def test_a_failed_reproduction_says_why(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("records.py", {"model": "iris_tree"})
    page.button(key="reproduce_iris_tree@1").click().run()
    opened = open_store()
    (job,) = jobs.recent(opened, unfinished_only=True)
    jobs.finish(opened, job.id, "broken", message="The process that ran it ended.")
    page.run()

    assert "The process that ran it ended." in "\n".join(error.value for error in page.error)


def test_the_newest_try_that_changed_nothing_counts() -> None:
    def verification(level: str, **overrides: str) -> StoredRecord:
        return StoredRecord(
            level, "verification", "m", "r", "t", {"level": level, "asked": {"overrides": overrides}}
        )

    plain, changed = verification("bit-identical"), verification("different", seed="3")
    assert stored_records.newest_unchanged([changed, plain]) is plain
    assert stored_records.newest_unchanged([changed]) is None
    # The same photos in another place are the same; other photos there would not have been compared.
    moved, lost = verification("bit-identical", data="moved"), verification("not comparable", data="gone")
    assert stored_records.newest_unchanged([lost, moved, plain]) is moved
    assert stored_records.newest_unchanged([verification("different", data="moved", seed="3")]) is None


@pytest.mark.parametrize(
    ("setting", "value", "kind"),
    [
        (Setting("a", "A", "", "choice", "x", choices=("x", "y")), "y", "selectbox"),
        (Setting("a", "A", "", "int", "auto", low=1, high=6, auto=True), 4, "select_slider"),
        (Setting("a", "A", "", "int", 3, low=1, high=6), 9, "select_slider"),
        (Setting("a", "A", "", "int", 100, low=1, high=500), 70, "number_input"),
        (Setting("a", "A", "", "float", 0.5, low=0.0, high=1.0), 0.25, "number_input"),
        (Setting("a", "A", "", "float", 0.5), 0.25, "number_input"),
    ],
)
def test_a_setting_is_drawn_from_what_it_says_of_itself(setting: Setting, value: Any, kind: str) -> None:
    # Its source runs as a script of its own, which knows no annotation of this file.
    def script(setting, value):  # type: ignore[no-untyped-def]
        import streamlit as st

        from pages.common.setting_widget import setting_widget

        st.session_state["out"] = setting_widget(setting, value, "widget")

    page = AppTest.from_function(script, args=(setting, value), default_timeout=30).run()

    assert not page.exception
    assert len(page.get(kind)) == 1
    # A value that the setting cannot have gives way to its default.
    assert page.session_state["out"] == (3 if value == 9 else value)
