"""The truth bar's section, on a model that reads the berries alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from data import bakery
from data.bakery import Part, Scene
from explain import methods
from explain.truth.part_effects import part_effects
from pages.looks import parts_beside_maps
from tests.ask.asking import answer_of
from tests.explain import image_toys
from tests.explain.part_toys import SIDE, reader_of
from tests.pages.reading import alts, words

pytestmark = pytest.mark.usefixtures("home")

MUFFIN = Scene.of("muffin", 5, berry_size=1.5, berry_spacing=2.6)


def shown_for(model: Any, picture: np.ndarray, scene: Scene | None, **pixels: float) -> Any:
    return answer_of(model, picture, scene=scene, changes=pixels, method="saliency")


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], AppTest]:
    """Draw the section alone; it links to a page that only the whole app has."""
    fits = tuple(methods.Fit(methods.image_method(name), None) for name in ("saliency", "occlusion"))
    monkeypatch.setattr(methods, "for_spec", lambda spec: fits)
    monkeypatch.setattr(parts_beside_maps, "link", lambda *given, **more: None)

    def page(shown):  # the text of a function is what AppTest runs: no name of this file is known in it
        from pages.looks import parts

        parts.draw(shown)

    return lambda shown: AppTest.from_function(page, args=(shown,), default_timeout=60).run()


def test_every_part_has_its_effect_its_picture_and_its_answer(draw: Callable[[Any], AppTest]) -> None:
    model, _ = reader_of(Part.BERRY, MUFFIN)
    page = draw(shown_for(model, bakery.render(MUFFIN, SIDE).image, MUFFIN))
    assert not page.exception
    text, found = words(page), part_effects(model, MUFFIN, 1)
    assert len(page.get("image")) == 1 + 4
    for title in ("Berries taken away", "Dome painted grey", "Cup taken away", "Background painted grey"):
        assert f"**{title}**" in text and f"- **{title}.**" in text
    (told,) = alts(page)
    assert found.effects[0] < 0  # berries are darker than dough, and brightness is what this model counts
    assert f"Berries taken away −{-found.effects[0]:.2f} logits" in told
    assert f"Logit +{found.output:.2f}" in text
    assert f"Logit +{found.output - found.effects[0]:.2f}" in text
    assert "**Saliency.** The changes agree with this map" in text and "the berries" in text
    assert "once in 24 tries" in text and "What this cannot show" in text
    (table,) = page.dataframe
    strongest = dict(zip(table.value["Method"], table.value["Strongest part"], strict=True))
    # A window that covers a berry covers dough too: occlusion sees the dome.
    assert set(strongest) == {"Saliency", "Occlusion"} and strongest["Saliency"] == "berries"


def test_what_was_computed_is_not_computed_again(draw: Callable[[Any], AppTest]) -> None:
    model, _ = reader_of(Part.BERRY, MUFFIN)
    page = draw(shown_for(model, bakery.render(MUFFIN, SIDE).image, MUFFIN))
    before = model.network.seen
    page.run()
    assert not page.exception and model.network.seen == before


def test_changed_pixels_are_changed_in_every_picture(draw: Callable[[Any], AppTest]) -> None:
    model, _ = reader_of(Part.BERRY, MUFFIN)
    usual = part_effects(model, MUFFIN, 1).effects[0]
    picture = 0.5 + 0.5 * (bakery.render(MUFFIN, SIDE).image - 0.5)
    (told,) = alts(draw(shown_for(model, picture.astype(np.float32), MUFFIN, contrast=0.5)))
    assert f"Berries taken away −{-usual / 2:.2f} logits" in told


def test_a_photo_has_no_renderer_and_says_what_to_do(draw: Callable[[Any], AppTest]) -> None:
    model, _ = reader_of(Part.BERRY, MUFFIN)
    page = draw(shown_for(model, bakery.render(MUFFIN, SIDE).image, None))
    assert not page.exception and not alts(page)
    assert "cannot be rendered again" in page.info[0].value and "Scene" in page.info[0].value


def test_a_model_of_other_classes_is_told_why(draw: Callable[[Any], AppTest]) -> None:
    page = draw(shown_for(image_toys.small(), image_toys.picture(), MUFFIN))
    assert not page.exception and not alts(page)
    assert "knows a, b, c" in page.info[0].value
