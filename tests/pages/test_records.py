"""The records page: the table, one record in full, making it again with live steps, the verdict, the log."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from governance import jobs, measurements, registry, reproduce, sessions, store, stored_records, worker
from governance.stored_records import StoredRecord
from models.spec import Setting
from pages.kit import fact_table, levels
from tests.pages.records_of import alter_record, texts, verify, version

OpenPage = Callable[..., AppTest]
TITLE = "Can this model be made again?"
GREEN = ("bit-identical", "prediction-identical")


def buttons(page: AppTest) -> list[str]:
    """Labels of the buttons that can be pressed."""
    return [button.label for button in page.button]


def headline(page: AppTest) -> str:
    """How it went when the version was made again: the one title with an icon."""
    (found,) = (heading.value for heading in page.header if heading.value.startswith(":"))
    return str(found)


def test_the_newest_record_is_shown_in_full(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("records.py")

    assert not page.exception
    assert page.title[0].value == TITLE
    newest = version("toy_table@1")
    table = page.dataframe[0].value
    assert set(table["Version"]) == {
        "muffin_cnn@1 (champion)",
        "iris_tree@1 (champion)",
        "iris_forest@1 (champion)",
        "toy_table@1 (champion)",
    }
    assert newest.record_id[:12] in texts(page)
    labels = " ".join(expander.label for expander in page.expander)
    for part in ("Code", "Data", "Parameters", "Numerics", "Environment", "Results", "Session"):
        assert f"**{part}** · " in labels
    assert "Nobody has tried yet" in headline(page)


def test_a_record_in_the_url_is_shown_also_by_a_short_identity(
    trained_home: Path, open_page: OpenPage
) -> None:
    asked = version("iris_tree@1")
    page = open_page("records.py", {"record": asked.record_id[:10]})

    assert "iris_tree@1" in [heading.value for heading in page.header]
    accuracy = asked.record["results"]["metrics"]["accuracy"]["value"]
    results = next(expander.label for expander in page.expander if "Results" in expander.label)
    assert f"accuracy {accuracy:.3f} (95 % interval" in results


def test_a_row_of_the_table_leads_to_its_record(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("records.py")
    shown = list(page.dataframe[0].value["Version"])
    row = shown.index("iris_tree@1 (champion)")

    page.session_state["records of all models 1"] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    page.run()

    assert "iris_tree@1" in [heading.value for heading in page.header]
    assert page.query_params["record"] == version("iris_tree@1").record_id[:12]


def test_the_table_can_be_filtered_by_model(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("records.py", {"model": "iris_forest"})

    assert list(page.dataframe[0].value["Version"]) == ["iris_forest@1 (champion)"]
    assert "iris_forest@1" in [heading.value for heading in page.header]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"record": "nonsense"}, "'nonsense' names no record"),
        ({"record": "0123456789ab"}, "No record begins with 0123456789ab"),
        ({"model": "nonsense"}, "'nonsense'"),
    ],
)
def test_nonsense_in_the_url_is_said_and_the_rest_is_there(
    trained_home: Path, open_page: OpenPage, query: dict[str, str], said: str
) -> None:
    page = open_page("records.py", query)

    assert not page.exception
    complaints = "\n".join(message.value for message in [*page.warning, *page.error]).replace("\\", "")
    assert said in complaints
    assert "What was recorded" in [heading.value for heading in page.header]
    assert len(page.dataframe[0].value) == 4


def test_measurements_of_a_version_are_listed_with_their_records(
    trained_home: Path, open_page: OpenPage
) -> None:
    opened = store.open_store()
    iris = registry.resolve(opened, "iris_tree@1")
    assert "Nothing can be measured" in texts(open_page("records.py", {"model": "iris_tree"}))
    kept = measurements.keep(opened, iris, "how_heavy", {"n": 3, "seed": 5}, {"grams": 1}, "5e" * 32)
    page = open_page("records.py", {"model": "iris_tree"})
    assert not page.exception
    (table,) = (one.value for one in page.dataframe if "Measurement" in one.value.columns)
    assert table[["Measurement", "Inputs", "Seed", "Record"]].values.tolist() == [
        ["how heavy", 3, 5, kept.id[:12]]
    ]


def test_an_empty_store_says_what_to_do_next(home: Path, nothing_shipped: None, open_page: OpenPage) -> None:
    page = open_page("records.py")

    assert not page.exception
    assert page.title[0].value == TITLE
    assert "Train a model in the catalogue" in page.info[0].value
    assert "**0 entries**" in texts(page)


def test_an_empty_store_shows_the_first_training(
    home: Path, nothing_shipped: None, open_page: OpenPage
) -> None:
    opened = store.open_store()
    jobs.submit(opened, "train", "iris_tree", worker.request(), sessions.start(opened, "test"))
    page = open_page("records.py")

    assert "The first training is on its way" in page.info[0].value
    assert "In the queue: it is next" in page.get("progress")[0].proto.text
    assert "Cancel" in buttons(page)


def test_a_model_that_nobody_thought_of_has_its_record(
    trained_home: Path, toy: object, open_page: OpenPage
) -> None:
    page = open_page("records.py", {"model": "toy_table"})

    assert not page.exception
    assert not page.error
    assert {"Depth", "Criterion", "Pruning", "Seed"} <= {
        widget.label for kind in ("select_slider", "selectbox", "number_input") for widget in page.get(kind)
    }
    matrix = next(table.value for table in page.table if "north" in table.value.columns)
    assert list(matrix.columns)[1:] == ["north", "east", "south", "west"]


def test_a_record_of_a_model_that_is_gone_is_still_shown(trained_home: Path, open_page: OpenPage) -> None:
    # Without the fixture `toy` the catalogue does not know the model; its record is there all the same.
    page = open_page("records.py", {"model": "toy_table"})

    assert not page.exception
    assert "The catalogue no longer has toy_table" in texts(page)
    assert "Reproduce now" not in buttons(page)


def test_a_record_that_was_altered_is_named_and_not_shown(trained_home: Path, open_page: OpenPage) -> None:
    alter_record(trained_home, "iris_tree")
    page = open_page("records.py", {"model": "iris_tree"})

    assert not page.exception
    messages = "\n".join(error.value for error in page.error).replace("\\", "")
    assert "was altered in the database" in messages
    assert "Something does not hold" in messages
    table = page.dataframe[0].value
    assert list(table["Made again"]) == ["✕ altered in the database"]
    assert "0.123" not in table.to_string()
    assert "Reproduce now" not in buttons(page)


def test_the_log_is_verified_and_says_what_it_cannot_see(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("records.py")

    assert "Everything holds" in texts(page)
    assert "only a head that was noted elsewhere shows that" in texts(page)
    assert any(re.fullmatch("[0-9a-f]{64}", code.value) for code in page.code)


def test_the_download_has_the_bytes_that_the_identity_is_the_digest_of(
    trained_home: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[Any, ...]] = []
    monkeypatch.setattr(st, "download_button", lambda *words, **settings: given.append(words))
    page = open_page("records.py", {"model": "iris_tree"})

    _, content, name, _ = given[0]
    identity = version("iris_tree@1").record_id
    assert hashlib.sha256(content).hexdigest() == identity
    assert name == f"{identity}.json"
    assert any(f"{identity}  {name}" in code.value for code in page.code)


def test_reproduce_puts_the_recorded_settings_into_the_queue(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("records.py", {"model": "iris_tree"})
    page.button(key="reproduce_iris_tree@1").click().run()

    (job,) = jobs.recent(store.open_store(), unfinished_only=True)
    assert job.kind == "reproduce"
    assert job.request == reproduce.job_request(version("iris_tree@1"), {})
    session = sessions.get(store.open_store(), job.session)
    assert session is not None
    assert session.kind == "app"
    assert "In the queue: it is next" in page.get("progress")[0].proto.text

    # A second press joins the work that waits already.
    page.button(key="reproduce_iris_tree@1").click().run()
    assert len(jobs.recent(store.open_store(), unfinished_only=True)) == 1


def test_what_is_changed_on_purpose_is_asked_for(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("records.py", {"model": "iris_tree"})
    page.number_input(key="again_iris_tree@1_seed").set_value(5)
    page.select_slider(key="again_iris_tree@1_max_depth").set_value(2)
    page.run()
    assert "Reproduce now, with seed 5 and max_depth 2" in buttons(page)

    page.button(key="reproduce_iris_tree@1").click().run()
    (job,) = jobs.recent(store.open_store(), unfinished_only=True)
    assert job.request["overrides"] == {"seed": "5", "max_depth": "2"}
    assert job.request["seed"] == 5


def test_work_is_shown_to_whoever_comes_by_and_can_be_cancelled(
    trained_home: Path, open_page: OpenPage
) -> None:
    opened = store.open_store()
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
    opened = store.open_store()
    (job,) = jobs.recent(opened, unfinished_only=True)
    worker.wait_for(opened, job, lambda job: None)
    page.run()

    assert "bit-identical" in headline(page)
    assert "No recorded fact differs" in texts(page)
    assert "Cancel" not in buttons(page)


def test_a_failed_reproduction_says_why(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("records.py", {"model": "iris_tree"})
    page.button(key="reproduce_iris_tree@1").click().run()
    opened = store.open_store()
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


def test_facts_are_sorted_by_how_they_are_read() -> None:
    sheet = fact_table.sheet(
        {
            "fingerprint": "0123456789abcdef" * 4,
            "sql": "SELECT *",
            "settings": {"depth": 3, "name": "unseen"},
            "accuracy": {"value": 0.95, "interval": [0.9, 1.0], "method": "counted"},
            "files": {f"{i}.py": f"{i:064d}" for i in range(9)},
            "rows": {"train": list(range(20)), "test": [7]},
            "made": "2026-11-23T13:41:32.605359Z",
            "nothing": {},
            "dirty": True,
        }
    )
    assert sheet.lines["Fingerprint"] == "`0123456789ab…`"
    assert sheet.digests["Fingerprint"] == "0123456789abcdef" * 4
    assert sheet.code == {"Query": "SELECT *"}
    assert sheet.lines["Settings"] == ":gray[depth] 3"
    assert sheet.lines["Accuracy"] == "**0.950 (95 % interval 0.900 to 1.000)**"
    assert len(sheet.tables["Files"]) == 9
    assert sheet.tables["Rows"][-1] == {"part": "test", "rows": 7}
    assert fact_table.plain("23 Nov 2026, 13:41 UTC") == sheet.lines["Made"]
    assert sheet.lines["Nothing"] == "none"
    assert sheet.lines["Dirty"] == "yes"


def test_what_was_recorded_cannot_write_markdown() -> None:
    sheet = fact_table.sheet({"note": "**bold** ![x](http://somewhere/x.png) :red[y] $z$"})

    assert re.search(r"(?<!\\)[*\[$:]", sheet.lines["Note"]) is None


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

        from pages.kit.setting_widget import setting_widget

        st.session_state["out"] = setting_widget(setting, value, "widget")

    page = AppTest.from_function(script, args=(setting, value), default_timeout=30).run()

    assert not page.exception
    assert len(page.get(kind)) == 1
    # A value that the setting cannot have gives way to its default.
    assert page.session_state["out"] == (3 if value == 9 else value)
