"""Catalogue: what each card says is what is stored, and nobody has to guess what goes on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explain.job_kinds import measuring
from governance import jobs, registry, sessions, stored_records, worker
from governance.home import open_store
from governance.store import Store
from models import catalogue
from models.spec import Definition
from tests import toys
from tests.conftest import ROOT, OpenPage
from tests.pages.reading import address, links, shown, widget, words

TITLE = "Which model may answer for you?"


def cards(app_test: AppTest) -> list[str]:
    """Titles of the model cards that are shown."""
    return [one.value for one in app_test.header if one.value != "Worth a try"]


def titles() -> list[str]:
    return [definition.spec.title for definition in catalogue.definitions()]


def put_job(store: Store, model: str = "iris_tree", seed: int = 0) -> int:
    """A training in the queue that nobody runs."""
    job, joined = jobs.submit(store, "train", model, worker.request(seed=seed), sessions.start(store, "test"))
    assert not joined
    return job.id


def test_a_card_shows_what_is_declared_and_what_was_measured(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page()
    assert not page.exception and page.title[0].value == TITLE
    assert cards(page) == titles()
    store, text = open_store(), words(page)
    for name in ("iris_tree", "iris_forest"):
        card, champion = catalogue.definition(name).card, registry.resolve(store, name)
        measured = champion.record.body["results"]["metrics"]["accuracy"]
        low, high = measured["interval"]
        assert f"{measured['value']:.3f}" in [metric.value for metric in page.metric]
        assert f"{low:.3f} to {high:.3f}" in text
        for declared in (
            card.question,
            card.summary,
            card.owner,
            card.intended_use,
            *card.users,
            *card.limits,
        ):
            assert declared in text
    stored = [name for name in registry.models(store) if name in catalogue.names()]
    assert text.count("@1 champion") == text.count("not made again yet") == len(stored)
    asked = [query for label, query in links(page).items() if label.startswith("Ask")]
    assert {"iris_tree", "iris_forest"} <= {query["version"] for query in asked} <= set(stored)


def test_a_newer_version_does_not_take_the_champions_place(trained_home: Path, open_page: OpenPage) -> None:
    store = open_store()
    toys.train_into(store, catalogue.definition("iris_tree"), max_depth=1)
    assert "@1 champion" in words(open_page())
    registry.promote(store, "iris_tree@2", "champion", sessions.start(store, "test"), "a look")
    text = words(open_page())
    assert "@2 champion" in text
    measured = registry.resolve(store, "iris_tree@2").record.body["results"]["metrics"]["accuracy"]
    assert f"{measured['interval'][0]:.3f} to {measured['interval'][1]:.3f}" in text


@pytest.mark.parametrize(
    ("bodies", "badge"),
    [
        ([{"level": "bit-identical"}], "bit-identical"),
        ([{"level": "bit-identical"}, {"level": "not comparable"}], "not comparable"),
        # Whoever changes a setting on purpose learns nothing about whether the version can be made again.
        (
            [{"level": "bit-identical"}, {"level": "different", "asked": {"overrides": {"seed": 7}}}],
            "bit-identical",
        ),
        ([{"level": "different", "asked": {"overrides": {"seed": 7}}}], "not made again yet"),
    ],
)
def test_the_badge_says_how_the_champion_came_out_when_it_was_made_again(
    trained_home: Path, open_page: OpenPage, bodies: list[dict[str, Any]], badge: str
) -> None:
    store = open_store()
    subject = registry.resolve(store, "iris_tree").record_id
    for number, body in enumerate(bodies):
        moment = f"2026-11-0{number + 1}T00:00:00.000000Z"
        record: Mapping[str, Any] = {"kind": "verification", "model": "iris_tree", "created": moment, **body}
        with store.writing() as connection:
            stored_records.put_record(connection, record, subject)
    tree = [one.value for one in open_page().markdown]
    tree = tree[: tree.index(f"**{catalogue.definition('iris_forest').card.question}**", 3)]
    assert any(badge in text and "badge" in text for text in tree)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "vote"}, {"Iris forest"}),
        ({"q": "FOREST iris"}, {"Iris forest"}),
        ({"q": "iris_tree"}, {"Iris tree"}),
        ({"tag": "readable"}, {"Iris tree"}),
        ({"tag": "readable", "q": "forest"}, set()),
        ({"dataset": "toy_rows"}, {"Toy table"}),
        ({"owner": "Test engineer"}, {"Toy table"}),
        ({"owner": "Nobody"}, None),
        ({"tag": "unheard of"}, None),
    ],
    ids=str,
)
def test_search_and_filters_work_from_the_url(
    trained_home: Path, toy: Definition, open_page: OpenPage, query: dict[str, str], expected: set[str] | None
) -> None:
    page = open_page(query=query)
    assert not page.exception
    assert set(cards(page)) == (set(titles()) if expected is None else expected)
    assert ("No model fits this search" in words(page)) == (expected == set())
    if expected is None:
        (value,) = query.values()
        assert f"'{value}', which is not here" in words(page)
    else:
        assert address(page) == query


def test_search_and_filters_stand_in_the_url(
    trained_home: Path, toy: Definition, open_page: OpenPage
) -> None:
    page = open_page()
    page.text_input(key="q").set_value("iris")
    page.selectbox(key="tag").set_value("forest").run()
    assert cards(page) == ["Iris forest"]
    assert address(page) == {"q": "iris", "tag": "forest"}
    assert shown(open_page(query=address(page))) == shown(page)
    page.text_input(key="q").set_value("")
    page.selectbox(key="tag").set_value("any").run()
    assert cards(page) == titles() and not address(page)


def test_a_home_without_versions_says_what_comes(home: Path, open_page: OpenPage) -> None:
    page = open_page()
    assert not page.exception and page.title[0].value == TITLE
    assert cards(page) == titles()
    stored = registry.models(open_store())
    assert "iris_tree" not in stored
    assert words(page).count("No version yet") == len(titles()) - len(stored)
    assert len(page.metric) == len(stored)
    assert "Ask Iris tree" not in links(page)


def test_a_first_training_under_way_is_seen_by_everybody(
    home: Path, queue_is_run: None, open_page: OpenPage
) -> None:
    store = open_store()
    running, queued = put_job(store), put_job(store, "iris_forest")
    jobs.claim(store)
    jobs.note_progress(
        store, running, {"step": "choose the depth", "done": 3, "total": 12, "figures": {"accuracy": 0.9}}
    )
    for page in (open_page(), open_page()):
        text = words(page)
        assert "Its first version is being trained" in text
        bars = [(one.proto.text, one.value) for one in page.get("progress")]
        assert bars == [("Choose the depth: 3 of 12", 25), ("In the queue: 1 before it", 0)]
        assert {f"cancel_job_{running}", f"cancel_job_{queued}"} <= {one.key for one in page.button}


def test_a_finished_training_is_told_once_to_those_who_watched(
    trained_home: Path, queue_is_run: None, open_page: OpenPage
) -> None:
    store = open_store()
    watched = open_page()
    running = put_job(store, seed=3)
    jobs.claim(store)
    watched.run()
    assert len(watched.get("progress")) == 1
    version = toys.train_into(store, catalogue.definition("iris_tree"), max_depth=2)
    jobs.finish(store, running, "done", {"version": version.reference, "record": version.record_id})
    watched.run()
    assert f"{version.reference} is trained" in words(watched)
    assert links(watched)["Open its record"]["record"] == version.record_id[:12]
    assert "is trained" not in words(open_page())


@pytest.mark.parametrize("status", ["failed", "cancelled", "broken"])
def test_a_first_training_that_went_wrong_is_told_to_everybody(
    home: Path, open_page: OpenPage, status: str
) -> None:
    store = open_store()
    job = put_job(store)
    jobs.claim(store)
    jobs.finish(store, job, status, message="The flowers [were](http://x) eaten.")
    page = open_page()
    assert f"No version yet, the last training was {status}. The flowers [were](http://x) eaten." in words(
        page
    )
    assert "[were](" not in page.warning[0].value, "a message is text, not Markdown"


def test_a_training_that_was_cut_off_is_told_until_there_is_a_newer_one(
    trained_home: Path, open_page: OpenPage
) -> None:
    store = open_store()
    put_job(store, seed=5)
    jobs.claim(store)
    assert jobs.mark_broken(store) == 1
    assert "Training iris_tree was broken off." in words(open_page())
    made = registry.resolve(store, "iris_tree")
    asked = measuring(made, ["typicality"])
    measured, _ = jobs.submit(store, "measure", "iris_tree", asked, sessions.start(store, "test"))
    jobs.finish(store, measured.id, "done", {"version": made.reference, "records": {}})
    assert "was broken off" in words(open_page()), "a measuring is no training"
    again = put_job(store, seed=6)
    assert "was broken off" in words(open_page())
    jobs.claim(store)
    jobs.finish(store, again, "done", {"version": made.reference, "record": made.record_id})
    assert "was broken off" not in words(open_page())


def test_cancel_ends_a_job_in_the_queue(trained_home: Path, open_page: OpenPage) -> None:
    store = open_store()
    job = put_job(store)
    page = open_page()
    page.button(key=f"cancel_job_{job}").click().run()
    assert jobs.get(store, job).status == "cancelled"
    assert "Training iris_tree was stopped." in words(page)


def test_the_way_into_a_what_if_names_the_model(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page()
    page.button(key="ask_iris_forest").click().run()
    assert page.title[0].value == catalogue.definition("iris_forest").card.what_if
    assert page.selectbox(key="version").value == "iris_forest"


@pytest.mark.parametrize("name", ["iris_tree", "iris_forest", toys.MODEL])
def test_every_prepared_what_if_opens_as_prepared(
    trained_home: Path, toy: Definition, open_page: OpenPage, name: str
) -> None:
    examples = catalogue.definition(name).card.examples
    assert examples
    for example in examples:
        view = {key: str(value) for key, value in example["view"].items()}
        page = open_page("what_if.py", {"version": name} | view)
        assert not page.exception and not page.warning and not page.error
        for feature in catalogue.definition(name).spec.features:
            assert page.slider(key=f"in.{feature.name}").value == float(
                view.get(feature.name, feature.default)
            )
        assert widget(page, "view").value == view["view"]


OPENED_FIRST = """
import sys
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("pages/_router.py", default_timeout=60).run()
assert not page.exception and page.title[0].value
print(*sorted({"sklearn", "scipy", "pandas", "torch", "shap", "captum", "matplotlib"} & set(sys.modules)))
"""


def test_a_first_visit_waits_for_no_library(trained_home: Path) -> None:
    """The catalogue is drawn beside the imports of other threads, so it may not import what they do."""
    code = [sys.executable, "-c", OPENED_FIRST]
    done = subprocess.run(code, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.usefixtures("trained_home")
def test_a_project_s_broken_definition_is_said_and_ends_no_page(home: Path, open_page: OpenPage) -> None:
    folder = home / "projects" / "bikes"
    folder.mkdir(parents=True)
    (folder / "definition.py").write_text("raise ValueError('![](https://elsewhere/x.png)')")
    page = open_page()
    (said,) = page.warning
    assert "projects/bikes/definition.py cannot be read" in said.value
    assert "![" not in said.value, "what a file says could load a picture from anywhere"
    assert cards(page) == titles() and not page.exception
    for file in ("what_if.py", "lineage.py", "records.py", "compare.py", "importance.py"):
        other = open_page(file)
        assert not other.exception and not other.error, file
