"""Addresses that Crumbtrail 0.1 gave out are opened, and the pages show what they showed then."""

from __future__ import annotations

import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ask.picture_answer import PictureAnswer
from data.bakery import CONCEPTS
from data.iris import FEATURES
from explain.concepts.perturbations import PERTURBATIONS
from pages.looks import concepts
from tests.conftest import OpenPage
from tests.old_home import addresses
from tests.pages.reading import alts, bound, links, widget, words

pytestmark = pytest.mark.usefixtures("scenes_answered_once")

ADDRESSES = addresses()
ASKING = ("what_if.py", "image_what_if.py")
INPUTS = {feature.name for kind in (FEATURES, PERTURBATIONS, *CONCEPTS.values()) for feature in kind}
# What is called otherwise now.
LOOKS = {"How sure is it?": "calibration", "Concepts": "flip"}
TEXTS = {"How sure the answer sounds": "Calibration"}
CODE_MOVED_ON = " Does not hold: Code."


def renamed(name: str) -> str:
    """The name of an input in addresses now, behind the page's own prefix."""
    before, dot, bare = name.rpartition(".")
    return f"{before}{dot}in.{bare}" if bare in INPUTS and before in ("", "of") else name


def everything(page: AppTest) -> str:
    """All that can be read on a page."""
    texts = [one.value for kind in (page.title, page.caption) for one in kind]
    return "\n".join(
        [words(page), *alts(page), *texts, *(f"{one.label}: {one.value}" for one in page.metric)]
    )


# Its table was measured again since, with more lines.
BENCHMARK = "methods_against_truth.py"


def number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def link_problems(label: str, old: dict[str, str], new: dict[str, str] | None, said: str) -> list[str]:
    """What a link said that it does not say any more; a class that is the answer's own may go unsaid."""
    if new is None:
        return [f"There is no link {label!r}."]
    found = []
    for name, value in old.items():
        now = new.get(renamed(name))
        if name == "of.target" and now is None and f"the model answers {value}." in said:
            continue
        if now is None or number(now) != number(value):
            found.append(f"Link {label!r}: {name}={value} became {now}.")
    return found


def problems(page: AppTest, file: str, shows: dict[str, Any]) -> list[str]:
    """What the old page showed and this one does not."""
    found = [one.value for kind in (page.exception, page.error, page.warning) for one in kind]
    if found:
        return found
    here = bound(page)
    for name, old in shows["widgets"].items():
        key = renamed(name) if file in ASKING else name
        wanted = LOOKS[old] if name == "look" else old
        value = widget(page, key).value if key in here else "nothing"
        if value != wanted:
            found.append(f"{key} is {value!r}, not {wanted!r}.")
    charts, text, to = alts(page), everything(page), links(page)
    found += [
        f"No chart says {old!r}."
        for old in shows["charts"]
        if old not in charts
        and not (file == "lineage.py" and old + CODE_MOVED_ON in charts)
        and not (file == BENCHMARK and any(now.startswith(old.partition(":")[0]) for now in charts))
    ]
    found += [f"{old!r} is said nowhere." for old in shows["texts"] if TEXTS.get(old, old) not in text]
    metrics, headers = [[one.label, one.value] for one in page.metric], [one.value for one in page.header]
    found += [f"Metrics {metrics}, not {shows['metrics']}."] if metrics != shows["metrics"] else []
    found += [f"Headers {headers}, not {shows['headers']}."] if headers != shows["headers"] else []
    for label, old in shows["links"].items():
        found += link_problems(label, old, to.get(label), text)
    return found


@pytest.mark.usefixtures("old_home", "one_torch_thread")
@pytest.mark.parametrize("file", sorted({one["page"] for one in ADDRESSES}))
def test_old_addresses_show_what_they_showed(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    drawn: list[PictureAnswer] = []
    # The search renders for half a minute; here it matters that it is come to.
    monkeypatch.setitem(concepts._VIEWS, "Counterfactual", drawn.append)
    wrong = {}
    for one in (one for one in ADDRESSES if one["page"] == file):
        query, shows = one["query"], one["shows"]
        if query.get("look") == "Concepts":
            shows = {**shows, "metrics": shows["metrics"][:1]}  # The others are of what the search found.
        found = problems(open_page(None if file == "catalogue.py" else file, query), file, shows)
        if found:
            wrong[str(query)] = found
    assert not wrong
    assert [asked.question.input.scene.kind for asked in drawn] == ["muffin"] * (file == "image_what_if.py")


def test_every_page_has_an_old_address() -> None:
    from tests.conftest import ROOT

    reached = {one["page"] for one in ADDRESSES}
    assert {path.name for path in (ROOT / "pages").glob("*.py")} - {"__init__.py", "_router.py"} == reached
    assert any(re.fullmatch("in\\..*", renamed(name)) for one in ADDRESSES for name in one["query"])
