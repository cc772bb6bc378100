"""The badge under the map, the trust pack in full, and the blind round."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ask import picture_answer
from data import bakery
from explain import methods
from explain.targets import ClassTarget
from explain.trust import trust_thresholds
from explain.trust.report import assess
from explain.trust.trust_verdict import METRICS
from governance import measurements, registry
from governance.home import open_store
from governance.record import Measurement
from models import loading
from models.muffin_cnn import DEFINITION
from tests import picture_toys, toys
from tests.conftest import OpenPage
from tests.pages.reading import alt, button, words

TINY: dict[str, Any] = {"epochs": 2, "width": 4, "scenes": 16, "augment": "none"}
LIMITS = dict.fromkeys(METRICS, 0.25)


@pytest.fixture(scope="module")
def tiny_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a tiny ``muffin_cnn``, made once by a real training."""
    path = tmp_path_factory.mktemp("trust") / "home"
    with toys.home_at(path):
        store = open_store()
        toys.train_into(store, DEFINITION, **TINY)
        store.engine.dispose()
    return path


@pytest.fixture
def home(tiny_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That home: these tests write nothing to it."""
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(tiny_home))
    monkeypatch.delenv("CRUMBTRAIL_DB", raising=False)
    return tiny_home


@pytest.fixture
def patches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with the 3-class image model, about which nobody knows scenes."""
    path = tmp_path / "patches"
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(path))
    toys.train_into(open_store(), picture_toys.register_image_model())
    yield path
    picture_toys.unregister_image_model()


class Kept:
    """What a measurement looks like to those who read it."""

    id = "f" * 64
    measurement = Measurement({"results": {"limits": LIMITS, "scenes": 200}})


def section(reference: str, method: str) -> None:
    """A page of the section alone; its source is run by itself."""
    import numpy as np

    from ask.question import PictureInput, Question, SceneInput
    from data import bakery
    from models import catalogue, scene_inputs
    from pages.common.visit import ask
    from pages.looks import trust

    spec = catalogue.definition(reference.partition("@")[0]).spec
    size = spec.image_size or 0
    given = PictureInput(np.random.default_rng(3).random((size, size, 3), dtype=np.float32))
    if scene_inputs.fits(spec):
        given = SceneInput(bakery.named_scenes()["muffin-1"])
    trust.draw(ask(Question(reference, given, method=method)))


def opened(reference: str, method: str = "grad_cam") -> AppTest:
    app_test = AppTest.from_function(section, args=(reference, method), default_timeout=120).run()
    assert not app_test.exception
    return app_test


def test_the_badge_stands_under_the_map_and_says_what_the_checks_say(home: Path, open_page: OpenPage) -> None:
    page = open_page("image_what_if.py")
    assert not page.exception
    store = open_store()
    version = registry.resolve(store, "muffin_cnn")
    model = loading.load(store, version)
    known = trust_thresholds.stored(store, version, model.spec)
    assert known is not None
    rendered = bakery.render(bakery.named_scenes()["muffin-1"], 96)
    method = methods.image_method("grad_cam")
    target = int(np.argmax(model.predict_proba(rendered.image[None])[0]))
    expected = assess(
        model,
        rendered.image,
        method,
        method.attribute(model, rendered.image, ClassTarget(target)),
        mask=rendered.mask != bakery.Part.BACKGROUND,
        thresholds=known.body["results"],
    )
    text = words(page)
    assert f"Trust in this map: {expected.verdict.badge}" in text
    assert expected.verdict.sentence in text
    assert "placebos reach on 200 scenes" in text
    (table,) = (one.value for one in page.table if "Check" in one.value.columns)
    scores = dict(zip(table["Check"], table["This map"], strict=True))
    assert scores["Changes with the weights (0 to 1)"] == f"{expected.scores['randomisation']:.2f}"
    assert len(table) == 6


def test_limits_that_are_kept_with_the_version_decide(
    home: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def newest(store: Any, version: Any, name: str) -> type[Kept] | None:
        asked.append((version.model, name))
        return Kept if name == trust_thresholds.NAME else None

    monkeypatch.setattr(measurements, "newest", newest)
    page = open_page("image_what_if.py")
    assert not page.exception
    assert ("muffin_cnn", trust_thresholds.NAME) in asked
    assert "placebos reach on 200 scenes" in words(page)
    (table,) = (one.value for one in page.table if "Check" in one.value.columns)
    assert list(table["95 % of the placebos"])[:2] == ["0.25", "+0.25"]


def test_a_map_that_was_checked_is_not_checked_again(
    home: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(
        picture_answer, "assess", lambda *args, **more: asked.append(1) or assess(*args, **more)
    )
    page = open_page("image_what_if.py")
    page.run()
    assert len(asked) == 1
    page.slider(key="in.contrast").set_value(1.5).run()
    assert len(asked) == 2


def test_every_map_of_the_methods_side_by_side_has_its_badge(
    home: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits = tuple(
        methods.Fit(methods.image_method(name), None) for name in ("grad_cam", "saliency", "occlusion")
    )
    monkeypatch.setattr(methods, "for_spec", lambda spec: fits)
    page = open_page("image_what_if.py", {"look": "All methods"})
    assert not page.exception
    # The map of the page was checked already, the others wait to be asked for.
    assert words(page).count(":gray-badge[:material/hourglass_empty: not checked]") == 2
    button(page, "Check trust in 2 more maps").click().run()
    assert not page.exception
    assert "not checked" not in words(page) and not [one for one in page.button if "Check trust" in one.label]
    store = open_store()
    version = registry.resolve(store, "muffin_cnn")
    model = loading.load(store, version)
    known = trust_thresholds.stored(store, version, model.spec)
    assert known is not None
    rendered = bakery.render(bakery.named_scenes()["muffin-1"], 96)
    target = int(np.argmax(model.predict_proba(rendered.image[None])[0]))
    for fit in fits:
        method = methods.image_method(fit.method.name)
        attribution = method.attribute(model, rendered.image, ClassTarget(target))
        found = assess(model, rendered.image, method, attribution, thresholds=known.body["results"])
        _, after = words(page).split(f"**{method.title}**\n", 1)
        assert after.split("]")[0].endswith(f" {found.verdict.badge}")


def test_the_map_of_a_network_on_its_way_is_checked_against_the_placebos_of_this_picture(
    home: Path, open_page: OpenPage
) -> None:
    asked = {"version": "muffin_cnn@2", "look": "How it learned this", "method": "Saliency"}
    page = open_page("image_what_if.py", asked)
    assert not page.exception
    assert "Saliency for" in words(page) and "after epoch 1;" in words(page)
    assert len(re.findall("Trust in this map: (strong|weak|fails)", words(page))) == 2
    checked = [one.value for one in page.table if "Check" in one.value.columns]
    assert "Best placebo here" in checked[1].columns and not checked[0].equals(checked[1])
    page.select_slider(key="epoch").set_value(2).run()
    assert not page.exception
    # The last epoch is the version itself, so its map is the one above, and so is what was found of it.
    first, second = (one.value for one in page.table if "Check" in one.value.columns)
    assert first.equals(second)
    far = open_page("image_what_if.py", {**asked, "bake": "45"})
    assert words(far).count(" Trust in this map: ") == 2
    assert len(re.findall(r":gray-badge\[\S+ Trust in this map: ", words(far))) == 2


def test_the_section_shows_every_check_and_the_placebos(home: Path) -> None:
    page = opened("muffin_cnn")
    for begin in (
        "Deletion: while pixels are taken away",
        "Insertion: while pixels are put in",
        "Randomisation: ",
    ):
        assert any(sign.isdigit() for sign in alt(page, begin))
    text = words(page)
    for title in ("Grad-CAM (this map)", "Edge detector", "Centre blob", "Random map", "Random weights"):
        assert f"**{title}**" in text
    assert len(page.get("image")) == 5
    assert "What this cannot show." in text
    # A scene is known pixel by pixel.
    assert "Does it lie on the object?" in text


def test_the_blind_round_keeps_the_score(home: Path) -> None:
    page = opened("muffin_cnn")
    button(page, "Begin a blind round").click().run()
    assert len(page.get("image")) == 10
    before = words(page).partition("Which one is real?")[2]
    assert "Edge detector" not in before and "real one" not in before
    button(page, "A").click().run()
    assert not page.exception
    after = words(page).partition("Which one is real?")[2]
    right = after.partition(" is the real one.")[0][-1]
    assert f"{right}: :green[**Grad-CAM: the real one**]" in after
    assert f"{int(right == 'A')} of 1 right" in after
    button(page, "Next round").click().run()
    button(page, right).click().run()
    assert " of 2 right" in words(page)


def test_a_model_without_scenes_has_a_badge_and_no_places(patches: Path) -> None:
    page = opened(picture_toys.MODEL, "gradient_shap")
    text = words(page)
    assert "Trust in this map: " in text and "Does it lie on the object?" not in text
    assert "Measured over up to 200 pictures that it never saw" in text
    button(page, "Begin a blind round").click().run()
    assert not page.exception and len(page.get("image")) == 10
