"""Methods, measured: the stored table of a version, and what to do where there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from governance import jobs, measurements, registry, sessions, shipped
from governance.home import open_store
from governance.registry import Version
from tests import picture_toys, toys
from tests.conftest import OpenPage
from tests.pages.reading import alt, button, links, widget, words

PAGE = "methods_against_truth.py"


@pytest.fixture(scope="module")
def tiny_home(tmp_path_factory: pytest.TempPathFactory, tiny_network: Path) -> Path:
    """A home with a tiny ``muffin_cnn`` and nothing that is shipped, made once by a real training."""
    path = tmp_path_factory.mktemp("measured") / "home"
    with toys.home_at(path), pytest.MonkeyPatch.context() as patch:
        patch.setattr(shipped, "adopt", lambda store: [])
        store = open_store()
        toys.put_tiny_network(store, tiny_network)
        store.engine.dispose()
    return path


@pytest.fixture
def home(tiny_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That home."""
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(tiny_home))
    monkeypatch.delenv("CRUMBTRAIL_DB", raising=False)
    monkeypatch.setattr(shipped, "adopt", lambda store: [])
    return tiny_home


def mean(value: float, low: float, high: float) -> dict[str, Any]:
    return {"value": value, "interval": [low, high]}


def line(name: str, correlation: dict[str, Any], over: dict[str, Any] | None, asks: bool) -> dict[str, Any]:
    return {
        "name": name,
        "title": name.title(),
        "signed": asks,
        "passes": {"forward": 1234, "backward": 5} if asks else None,
        "correlation": correlation,
        "over_even": over,
        "top": mean(0.25, 0.0, 0.5),
        "over_placebo": over and {**over, "title": "Centre blob", "placebo": 0.3},
        "contradicted": mean(0.4, 0.3, 0.5) if over else None,
        "signs": mean(0.75, 0.5, 1.0) if asks else None,
    }


RESULTS: Mapping[str, Any] = {
    "scenes": 30,
    "judged": 28,
    "target": "the predicted class",
    "renderer_version": "2",
    "smallest_share": 0.002,
    "resamples": 2000,
    "background": "24 scenes of the training part",
    "parts": [
        {
            "kind": "muffin",
            "part": "cup",
            "title": "Cup taken away",
            "scenes": 15,
            "effect": mean(-0.5, -1, 0),
        }
    ],
    "lines": [
        line("worse", mean(0.1, -0.2, 0.4), mean(-0.2, -0.5, 0.1), True),
        line("better", mean(0.6, 0.5, 0.7), mean(0.3, 0.1, 0.5), True),
        line("even", mean(0.3, 0.2, 0.4), None, False),
    ],
}


def keep(results: Mapping[str, Any] = RESULTS) -> Version:
    store = open_store()
    version = registry.resolve(store, "muffin_cnn")
    measurements.keep(
        store, version, "truth_table", {"n": 30, "seed": 0}, results, sessions.start(store, "test")
    )
    store.engine.dispose()
    return version


def test_a_version_that_was_not_measured_can_be_measured_from_here(home: Path, open_page: OpenPage) -> None:
    page = open_page(PAGE)
    assert not page.exception
    assert "was not measured yet" in words(page)
    assert "`python -m explain.measure muffin_cnn@1 truth_table`" in words(page)
    assert "What this cannot show" in words(page)
    button(page, "Measure it now").click().run()
    assert not page.exception
    (job,) = jobs.recent(open_store(), unfinished_only=True)
    assert (job.kind, job.model) == ("measure", "muffin_cnn")
    assert job.request == {"version": "muffin_cnn@1", "names": ["truth_table"], "n": None, "beside": None}
    assert "**Measuring muffin_cnn@1: truth table**" in words(page) and "You can leave this page" in words(
        page
    )
    # Whoever comes now sees the same work, and cannot ask for it twice.
    again = open_page(PAGE)
    assert "**Measuring muffin_cnn@1: truth table**" in words(again)
    assert button(again, "Measure it now").disabled


def test_the_stored_table_is_shown_best_first_with_its_intervals(home: Path, open_page: OpenPage) -> None:
    version = keep()
    page = open_page(PAGE, {"version": version.reference})
    assert not page.exception
    assert widget(page, "version").value == version.reference
    text = words(page)
    assert "**Better than any placebo over 28 scenes: Better.** Cannot be told from it: Worse." in text
    assert "30 held-out scenes" in text and f"python -m explain.measure {version.reference}" in text
    told = alt(page, "Means with 95 % intervals over 28 scenes")
    best = "+0.60 Better · with signs (+0.50 to +0.70), best placebo Centre blob +0.30"
    assert told.index(best) < told.index("Worse") < told.index("Even · sizes only")
    frames = {tuple(one.value.columns): one.value for one in page.dataframe}
    parts, table = frames.values()
    assert parts["Effect, logits"][0] == "−0.50 (−1.00 to 0.00)"
    assert list(table["Map"]) == ["Better", "Worse", "Even"]
    assert list(table["Over the best placebo"]) == [
        "+0.30 (+0.10 to +0.50)",
        "−0.20 (−0.50 to +0.10)",
        "–",
    ]
    assert [one.replace("\u00a0", " ") for one in table["Right sign"]] == ["75 % (50 % to 100 %)"] * 2 + ["–"]
    assert list(table.iloc[:, -1]) == ["1,234 + 5", "1,234 + 5", "none"]


def test_methods_that_are_no_better_than_a_placebo_are_said_to_be_so(home: Path, open_page: OpenPage) -> None:
    last = line("last", mean(0.0, -0.2, 0.2), mean(-0.3, -0.5, -0.1), True)
    version = keep({**RESULTS, "lines": [RESULTS["lines"][0], last, RESULTS["lines"][2]]})
    text = words(open_page(PAGE, {"version": version.reference}))
    assert "No method is surely better than a placebo" in text
    assert "Cannot be told from it: Worse. Surely worse: Last." in text


def test_a_method_that_says_no_more_than_a_lookup_table_is_said_to(home: Path, open_page: OpenPage) -> None:
    def against(**over: dict[str, Any]) -> str:
        lines = [
            {**one, "over_lookup": over.get(one["name"]), "role": "method"} if one["passes"] else one
            for one in RESULTS["lines"]
        ]
        version = keep({**RESULTS, "lines": lines})
        return words(open_page(PAGE, {"version": version.reference}))

    below = {**mean(-0.1, -0.2, 0.0), "lookup": 0.4}
    assert "**No method surely says more about a picture than a lookup table" in against(
        worse=below, better=below
    )
    text = against(worse=below, better={**mean(0.2, 0.1, 0.3), "lookup": 0.4})
    assert re.search(r"\*\*More than a lookup table, [^*]*: Better\.\*\*", text)
    # What an earlier version measured has no such bar, and nothing is said of it.
    earlier = keep()
    assert "lookup" not in words(open_page(PAGE, {"version": earlier.reference})).replace(
        "the lookup table of", ""
    )


def test_a_link_to_a_version_that_is_not_there_is_said(home: Path, open_page: OpenPage) -> None:
    page = open_page(PAGE, {"version": "muffin_cnn@99"})
    assert not page.exception and page.title[0].value == "Method benchmark"
    assert page.warning


def test_models_of_other_classes_are_not_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: OpenPage
) -> None:
    monkeypatch.setattr(shipped, "adopt", lambda store: [])
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(tmp_path / "patches"))
    toys.train_into(open_store(), picture_toys.register_image_model())
    try:
        page = open_page(PAGE)
        assert not page.exception
        assert "No model that answers for scenes" in words(page)
        assert any("catalogue" in label for label in links(page))
    finally:
        picture_toys.unregister_image_model()
