"""The records page: the table, one record in full, making it again with live steps, the verdict, the log."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from governance import jobs, measurements, registry, sessions, worker
from governance.home import open_store
from pages.common import fact_table
from tests.conftest import OpenPage
from tests.pages.records_of import alter_record, buttons, headline, texts, version

TITLE = "Records and reproduction"


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
    accuracy = asked.record.body["results"]["metrics"]["accuracy"]["value"]
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
    opened = open_store()
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
    opened = open_store()
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
