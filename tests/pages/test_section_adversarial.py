"""The section on adversarial examples, on a small network whose answer hangs by a thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from torch import nn

from explain.adversarial.adversarial_example import adversarial_example
from explain.adversarial.adversarial_words import adversarial_finding, magnification, magnified
from tests.ask.asking import answer_of
from tests.explain import image_toys
from tests.explain.test_adversarial_example import undecided
from tests.pages.reading import words

pytestmark = pytest.mark.usefixtures("home")


def shown_for(model: Any, picture: np.ndarray) -> Any:
    return answer_of(model, picture, method="saliency")


@pytest.fixture
def draw() -> Callable[[Any], AppTest]:
    """The section alone."""

    def page(shown):  # type: ignore[no-untyped-def]  # its source alone is run, without imports
        from pages.looks import adversarial

        adversarial.draw(shown)

    return lambda shown: AppTest.from_function(page, args=(shown,), default_timeout=60).run()


def test_both_answers_three_pictures_and_what_it_is_not(draw: Callable[[Any], AppTest]) -> None:
    picture = image_toys.picture()
    model = undecided(picture)
    page = draw(shown_for(model, picture))
    assert not page.exception
    found = adversarial_example(model, picture)
    assert found is not None
    assert [(one.label, one.value) for one in page.metric] == [
        ("Now: a", "33\u00a0%"),
        ("The change", f"{found.largest:.1f} levels"),
        (f"Changed: {'abc'[int(np.argmax(found.after))]}", "33\u00a0%"),
    ]
    assert len(page.get("image")) == 3
    text = words(page)
    assert "does not explain the answer" in text and "What this cannot show" in text
    assert f"{found.passes.forward:,} passes forward" in text and f"{found.l2:.2f} in L2" in text
    page.segmented_control(key="nudge").set_value("Soft shades only").run()
    soft = adversarial_example(model, picture, "soft")
    assert soft is not None and page.metric[1].value == f"{soft.largest:.1f} levels"
    assert "only soft shades are added" in words(page)


def test_it_is_looked_for_once_a_picture_and_kind(
    draw: Callable[[Any], AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def counted(model: Any, x: np.ndarray, kind: str) -> None:
        seen.append(kind)

    monkeypatch.setattr("explain.adversarial.adversarial_example.adversarial_example", counted)
    page = draw(shown_for(image_toys.small(), image_toys.picture()))
    page.run().segmented_control(key="nudge").set_value("Soft shades only").run()
    page.segmented_control(key="nudge").set_value("Any pixel").run()
    assert seen == ["smallest", "soft"]
    assert "No adversarial example was found" in words(page) and not page.metric


def test_a_network_without_gradients_is_told_so(draw: Callable[[Any], AppTest]) -> None:
    shown = shown_for(image_toys.small(), image_toys.picture())
    blind = image_toys.ToyImageModel(nn.Flatten(), capabilities=())
    page = draw(shown_for(blind, shown.input))
    assert [one.value for one in page.info] == [
        "An adversarial example needs a network whose gradients can be taken, and Toy CNN offers none."
    ]


def test_the_magnified_difference_stays_inside_a_picture_and_uses_half_of_it() -> None:
    picture = image_toys.picture()
    found = adversarial_example(undecided(picture), picture)
    assert found is not None
    factor, shown = magnification(found), magnified(found)
    assert factor in {1, 2, 5, 10, 20, 50, 100, 200, 500}
    assert shown == pytest.approx(0.5 + factor * (found.changed.astype(float) - picture))
    assert 0.2 < np.abs(shown - 0.5).max() <= 0.5


def test_the_words_tell_levels_and_what_becomes_of_a_file() -> None:
    picture = image_toys.picture()
    model = undecided(picture)
    found = adversarial_example(model, picture)
    assert found is not None
    said, as_file, kind = adversarial_finding(model.spec, found, "smallest")
    assert f"{found.largest:.1f} of 255 levels" in said and "from a (33" in said
    assert f"by more than {found.largest_saved} levels, and the model says" in as_file
    assert kind == "This does not explain the answer. It shows how thin it is."
    assert adversarial_finding(model.spec, None, "soft") == (
        "No adversarial example was found where only soft shades are added. There may be one still.",
    )
