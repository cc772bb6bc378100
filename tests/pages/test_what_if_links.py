"""Tabular what-if: a link restores the view, and what cannot be shown is said instead of shown."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from governance import registry
from governance.home import open_store
from models.spec import Definition
from tests import toys
from tests.conftest import OpenPage
from tests.pages.reading import address, alts, button, links, row, shown, slide, widget, words

VIEWS = (
    {},
    {"view": "Surface"},
    {"view": "Surface", "x": "Sepal width", "y": "Sepal length"},
    {"view": "Curve"},
    {"view": "Curve", "along": "Sepal width"},
    {"method": "Decision path"},
    {"target": "setosa"},
    {"locked": ["Petal length", "Petal width"]},
    {"version": "iris_forest", "view": "Curve", "target": "versicolor"},
    {"version": "iris_tree@1"},
)


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_a_link_restores_everything_that_is_shown(
    trained_home: Path, open_page: OpenPage, view: dict[str, Any]
) -> None:
    page = slide(open_page("what_if.py", view), petal_width=1.8, sepal_length=8.1)
    link = address(page)
    assert {"in.petal_width": "1.8", "in.sepal_length": "8.1"}.items() <= link.items()
    assert set(view) <= set(link)
    again = open_page("what_if.py", link)
    assert not again.exception and not again.warning
    assert shown(again) == shown(page)
    assert address(again) == link


def test_choices_made_by_hand_stand_in_the_link(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("what_if.py")
    widget(page, "view").set_value("Surface")
    page.run()
    page.selectbox(key="x").set_value("sepal_width")
    page.selectbox(key="target").set_value("setosa")
    page.selectbox(key="version").set_value("iris_tree@1")
    widget(page, "locked").set_value(["petal_width"])
    page.run()
    link = address(page)
    assert link.pop("locked") == ["Petal width"]
    assert link.pop("view") == ["Surface"]
    assert link == {"x": "Sepal width", "target": "setosa", "version": "iris_tree@1"}


def test_an_alias_in_a_link_is_followed(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("what_if.py", {"version": "iris_forest@champion"})
    assert not page.warning
    assert "iris_forest@1 answers" in words(page)


NONSENSE = (
    ({"version": "iris_tree@99"}, "There is no iris_tree@99."),
    ({"version": "iris_treee"}, "Did you mean iris_tree?"),
    ({"version": "@"}, "'@' names no version."),
    ({"petal_length": "abc"}, "Petal length to 'abc', which is not a number from 0.5 cm to 7.5 cm"),
    ({"petal_length": "99"}, "Petal length to '99', which"),
    ({"petal_length": "-inf"}, "Petal length to '-inf', which"),
    ({"petal_length": "nan"}, "Petal length to 'nan', which"),
    ({"view": "foo"}, "drawing 'foo'"),
    ({"method": "magic"}, "method 'magic'"),
    ({"target": "tulip"}, "class 'tulip'"),
    ({"view": "Curve", "along": "Stem"}, "feature 'Stem'"),
    ({"view": "Surface", "x": "Stem"}, "feature 'Stem'"),
    ({"version": "![](https://example.org/x.png)"}, "There is no ![](https://example.org/x.png)."),
)


@pytest.mark.parametrize(("query", "sentence"), NONSENSE, ids=str)
def test_nonsense_in_a_link_is_named_and_the_rest_is_shown(
    trained_home: Path, open_page: OpenPage, query: dict[str, str], sentence: str
) -> None:
    page = open_page("what_if.py", query)
    assert not page.exception and not page.error
    assert len(page.warning) == 1 and sentence in words(page)
    assert len(alts(page)) == 3
    plain = open_page("what_if.py", {name: v for name, v in query.items() if name == "view" and v != "foo"})
    assert [text for text in shown(page) if not text.startswith("Warning")] == shown(plain)


def test_a_link_cannot_load_a_picture(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("what_if.py", {"version": "![](https://example.org/x.png)"})
    assert "![](" not in page.warning[0].value


def test_two_directions_that_are_one_ask_for_another(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("what_if.py", {"view": "Surface", "x": "Petal width", "y": "Petal width"})
    assert not page.exception
    assert "Choose two different features" in words(page)
    assert [text.split()[0] for text in alts(page)] == ["Bars:", "Waterfall:"]


def test_an_empty_home_says_what_to_do(home: Path, open_page: OpenPage) -> None:
    page = open_page("what_if.py", {"version": "iris_tree@1", "petal_length": "5"})
    assert not page.exception and page.title[0].value == "What if the input were different?"
    assert "Train one in the catalogue" in words(page)
    assert list(links(page)) == ["Open the catalogue"]
    assert not alts(page) and not page.slider


def test_an_altered_artefact_is_refused_and_nothing_is_shown_as_true(
    trained_home: Path, open_page: OpenPage
) -> None:
    found = registry.resolve(open_store(), "iris_tree@1")
    results = found.record.body["results"]
    digest = results["files"][results["artefact"]]["digest"]
    (blob,) = (path for path in (trained_home / "blobs").rglob("*") if path.is_file() and digest in str(path))
    blob.chmod(0o644)
    content = bytearray(blob.read_bytes())
    content[len(content) // 2] ^= 1
    blob.write_bytes(content)
    page = open_page("what_if.py", {"version": "iris_tree@1"})
    assert not page.exception
    assert len(page.error) == 1 and "altered" in page.error[0].value
    assert not alts(page) and not page.metric and not page.slider
    assert not any(label.startswith("Follow this answer") for label in links(page))
    page.selectbox(key="version").set_value("iris_forest").run()
    assert not page.error and len(alts(page)) == 3


def test_training_rows_that_changed_are_not_shown(trained_home: Path, open_page: OpenPage) -> None:
    sentence = "The training rows are gone, or no longer those of the record"
    assert sentence not in words(open_page("what_if.py", {"view": "Surface"}))
    st.cache_resource.clear()
    exchange(trained_home, 1, 3)
    page = open_page("what_if.py", {"view": "Surface", "sepal_length": "8.4"})
    assert sentence in words(page)
    assert len(alts(page)) == 3 and not page.error, "the model can be asked without its rows"
    assert "Never seen" not in words(page), "nobody knows which values were seen"
    assert not {"setosa", "versicolor", "virginica"} & {one.label for one in page.button}
    exchange(trained_home, 1, 3)
    assert sentence not in words(page.run()), "rows that are right again are shown again"


def exchange(home: Path, first: int, second: int) -> None:
    """Exchange the petal lengths of two flowers; done twice, nothing has changed."""
    with sqlite3.connect(home / "crumbtrail.db") as database:
        query = "SELECT flower_id, petal_length FROM iris WHERE flower_id IN (?, ?)"
        values = dict(database.execute(query, (first, second)))
        assert values[first] != values[second]
        change = "UPDATE iris SET petal_length = ? WHERE flower_id = ?"
        database.executemany(change, [(values[second], first), (values[first], second)])


@pytest.mark.parametrize("view", ["Tree", "Surface", "Curve"])
def test_a_model_that_nobody_expected_gets_every_drawing(
    trained_home: Path, toy: Definition, open_page: OpenPage, view: str
) -> None:
    page = slide(open_page("what_if.py", {"version": toys.MODEL, "view": view}), length=7.0, width=2.0)
    assert page.title[0].value == toy.card.what_if
    assert page.metric[0].value.startswith("east")
    assert len(alts(page)) == 3 and all("east" in text for text in alts(page))
    again = open_page("what_if.py", address(page))
    assert shown(again) == shown(page)
    for one in toys.CLASSES:
        button(page, one).click().run()
        assert page.metric[0].value.startswith(one)


def test_the_way_back_ends_where_another_model_begins(
    trained_home: Path, toy: Definition, open_page: OpenPage
) -> None:
    page = slide(open_page("what_if.py", {"version": "iris_tree"}), petal_length=5.0)
    page.selectbox(key="target").set_value("virginica").run()
    page.selectbox(key="version").set_value(toys.MODEL).run()
    assert not page.exception
    assert button(page, "Undo").disabled
    slide(page, length=9.0)
    button(page, "Undo").click().run()
    assert row(page, toys.SPEC) == [feature.default for feature in toys.FEATURES]


def test_the_link_to_the_lineage_names_version_method_class_and_row(
    trained_home: Path, open_page: OpenPage
) -> None:
    page = slide(open_page("what_if.py", {"version": "iris_forest@1", "target": "setosa"}), petal_length=1.7)
    query = links(page)["Follow this answer back to its data"]
    assert query == {
        "of": "iris_forest@1",
        "of.explain": "tree_shap",
        "of.target": "setosa",
        "of.in.sepal_length": "5.8",
        "of.in.sepal_width": "3.0",
        "of.in.petal_length": "1.7",
        "of.in.petal_width": "1.3",
    }
    lineage = open_page("lineage.py", query)
    assert not lineage.warning and not lineage.error
    receipt = re.search(r"Receipt (\w{12})", words(page))
    assert receipt and f"Receipt {receipt[1]}" in words(lineage)
    back = links(lineage)["Back to the what-if with these values"]
    assert shown(open_page("what_if.py", back)) == shown(open_page("what_if.py", address(page)))
