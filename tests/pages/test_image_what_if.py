"""Image what-if: scenes by their concepts, any photo by its pixels, and a model that nobody built it for."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from ask.question import picture_digest
from data import bakery
from explain.concepts import perturbations
from governance import registry, shipped
from governance.home import open_store
from models import image_inputs, loading
from models.muffin_cnn import DEFINITION, SPEC
from tests import picture_toys, toys
from tests.conftest import OpenPage
from tests.pages.reading import address, alt, button, links, percents, shown, slide, widget, words

pytestmark = pytest.mark.usefixtures("scenes_answered_once")


@pytest.fixture(scope="module")
def tiny_home(tmp_path_factory: pytest.TempPathFactory, tiny_network: Path) -> Path:
    """A home with a tiny ``muffin_cnn`` besides what is shipped, made once by a real training."""
    path = tmp_path_factory.mktemp("images") / "home"
    with toys.home_at(path):
        store = open_store()
        toys.put_tiny_network(store, tiny_network)
        store.engine.dispose()
    return path


@pytest.fixture
def home(tiny_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That home: these tests write nothing to it."""
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(tiny_home))
    monkeypatch.delenv("CRUMBTRAIL_DB", raising=False)
    return tiny_home


@pytest.fixture
def patches(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with the 3-class image model alone."""
    path = tmp_path / "patches"
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(path))
    toys.train_into(open_store(), picture_toys.register_image_model())
    yield path
    picture_toys.unregister_image_model()


def answer(picture: np.ndarray) -> np.ndarray:
    """What the champion says of a picture, past everything that the page uses."""
    store = open_store()
    return loading.load(store, registry.resolve(store, "muffin_cnn")).predict_proba(picture[None])[0]


def photo(width: int = 120, height: int = 80) -> bytes:
    """A PNG of noise."""
    content = io.BytesIO()
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


def said(page: AppTest, position: int) -> tuple[str, float]:
    """Class and per cent of an answer: the first is the start's, the second the changed picture's."""
    metric = page.metric[position]
    return metric.label.partition(": ")[2], float(metric.value.removesuffix("\u00a0%").split()[-1])


def test_a_moved_concept_gives_the_models_own_answer_for_the_scene_rendered_anew(
    home: Path, open_page: OpenPage
) -> None:
    page = open_page("image_what_if.py", {"scene": "muffin-2"})
    # From the first drawing on, what the link says is marked, and a screen reader is told what the row is of.
    assert [one.label for one in page.button if one.proto.type == "primary"] == ["muffin-2"]
    assert widget(page, "look").label == "Look closer"
    assert page.title[0].value == DEFINITION.card.what_if
    slide(page, berry_spacing=2.4, framing=0.8)
    scene = bakery.named_scenes()["muffin-2"].replace(berry_spacing=2.4, framing=0.8)
    now = answer(bakery.render(scene, 96).image)
    top = int(np.argmax(now))
    name, share = said(page, 1)
    assert name == SPEC.classes[top]
    assert share == pytest.approx(100 * now[top], abs=0.51)
    assert percents(alt(page, "Bars").partition("At the start")[0])[name] == pytest.approx(
        100 * now[top], abs=1
    )


def test_pixels_change_what_the_model_is_asked_about(home: Path, open_page: OpenPage) -> None:
    page = slide(open_page("image_what_if.py"), brightness=-0.4, box_size=60)
    scene = bakery.named_scenes()["muffin-1"]
    changed = perturbations.apply(bakery.render(scene, 96).image, {"brightness": -0.4, "box_size": 60})
    now = answer(changed)
    assert said(page, 1)[0] == SPEC.classes[int(np.argmax(now))]
    assert said(page, 1)[1] == pytest.approx(100 * now.max(), abs=0.51)


@pytest.mark.parametrize(
    "title", ["Grad-CAM", "Saliency", "Integrated gradients", "Occlusion", "Gradient SHAP"]
)
def test_every_method_draws_its_map_with_scale_and_cost(home: Path, open_page: OpenPage, title: str) -> None:
    page = open_page("image_what_if.py", {"method": title})
    assert widget(page, "method").value
    text = words(page)
    signed = title not in ("Grad-CAM", "Saliency")
    assert ("Orange: for " if signed else "Orange: matters to ") in text and " logit" in text
    assert ("blue: against it, to −" in text) == signed
    assert "backward passes" in text and " ms" in text
    # Strip, start, map: a picture each.
    assert len(page.get("image")) == len(bakery.named_scenes()) + 2


def test_another_scene_is_another_start(home: Path, open_page: OpenPage) -> None:
    page = slide(open_page("image_what_if.py"), framing=0.9)
    button(page, "chihuahua-2").click().run()
    assert not page.exception
    scene = bakery.named_scenes()["chihuahua-2"]
    for feature in scene.live_concepts:
        assert page.slider(key=f"in.{feature.name}").value == pytest.approx(scene.value(feature.name))
    assert address(page) == {"scene": "chihuahua-2"}
    assert button(page, "Undo").disabled


def test_undo_goes_back_one_change_and_reset_to_the_scene(home: Path, open_page: OpenPage) -> None:
    page = open_page("image_what_if.py")
    start = page.slider(key="in.framing").value
    slide(page, framing=0.5, bake=40)
    button(page, "Undo").click().run()
    assert (page.slider(key="in.framing").value, page.slider(key="in.bake").value != 40) == (0.5, True)
    slide(page, contrast=1.5)
    button(page, "Reset").click().run()
    assert page.slider(key="in.framing").value == start
    assert page.slider(key="in.contrast").value == 1.0


def test_the_curve_follows_the_hand_and_asks_the_model_along_the_concept(
    home: Path, open_page: OpenPage
) -> None:
    page = slide(open_page("image_what_if.py"), bake=30)
    assert widget(page, "along").value == "bake"
    slide(page, noise=0.2)
    assert widget(page, "along").value == "noise"
    slide(page, bake=20)
    button(page, "chihuahua-1").click().run()
    # What was moved last belongs to the muffin; the curve is along the dog's first concept.
    assert widget(page, "along").value == bakery.CONCEPTS["chihuahua"][0].name


def test_an_address_restores_everything_that_is_shown(home: Path, open_page: OpenPage) -> None:
    page = open_page("image_what_if.py", {"scene": "chihuahua-3"})
    slide(page, ear_size=0.6, framing=0.7, contrast=0.8)
    widget(page, "method").select("occlusion").run()
    again = open_page("image_what_if.py", address(page))
    assert shown(again) == shown(page)


def test_a_link_of_a_scene_leads_to_an_explanation_with_the_same_receipt(
    home: Path, open_page: OpenPage
) -> None:
    page = slide(open_page("image_what_if.py"), berry_spacing=1.3, blur=1.0)
    (label,) = (label for label in links(page) if "Follow this answer" in label)
    receipt = re.search(r"Receipt (\w{12})", words(page))
    lineage = open_page("lineage.py", links(page)[label])
    assert not lineage.exception and not lineage.warning
    picture = bakery.render(bakery.named_scenes()["muffin-1"].replace(berry_spacing=1.3, blur=1.0), 96).image
    assert "Explanation" in " ".join(one.value for one in lineage.header)
    assert picture_digest(picture)[:12] in str(lineage.table[0].value)
    assert receipt and f"Receipt {receipt[1]}" in words(lineage)


@pytest.mark.parametrize(
    "query",
    [
        {"scene": "cupcake-9"},
        {"berry_spacing": "close"},
        {"berry_spacing": "99"},
        {"method": "Tea leaves"},
        {"about": "nothing"},
        {"along": "Ear size"},
        {"version": "muffin_cnn@99"},
    ],
)
def test_nonsense_in_the_address_leaves_a_page_that_answers(
    home: Path, open_page: OpenPage, query: dict[str, str]
) -> None:
    page = open_page("image_what_if.py", query)
    assert not page.exception
    assert page.metric[0].label.startswith("The model says: ")


def test_a_photo_is_answered_as_the_command_line_answers_it(home: Path, open_page: OpenPage) -> None:
    page = open_page("image_what_if.py", {"about": "Your photo"})
    assert "Choose a JPEG, PNG or WebP file" in words(page)
    page.file_uploader(key="_photo").set_value([("cat.png", photo(), "image/png")]).run()
    assert not page.exception
    now = answer(image_inputs.one(SPEC, photo(), "cat.png"))
    assert said(page, 0)[0] == SPEC.classes[int(np.argmax(now))]
    assert said(page, 0)[1] == pytest.approx(100 * now.max(), abs=0.51)
    # The photo stands in no link: it is nobody else's.
    assert all("scene" not in query and "explain" not in query for query in links(page).values())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text.png", b"not a picture at all"),
        ("cut.png", photo()[:200]),
        ("empty.jpg", b""),
        ("tiny.png", photo(4, 4)),
    ],
)
def test_a_file_that_is_no_photo_is_refused_by_name(
    home: Path, open_page: OpenPage, name: str, content: bytes
) -> None:
    page = open_page("image_what_if.py", {"about": "Your photo"})
    page.file_uploader(key="_photo").set_value([(name, content, "image/png")]).run()
    assert not page.exception
    assert page.error[0].value.startswith(name) and "Choose another file" in page.error[0].value
    assert not page.metric


def test_a_model_with_three_classes_opens_the_page_without_scenes(patches: Path, open_page: OpenPage) -> None:
    page = open_page("image_what_if.py", {"version": picture_toys.MODEL})
    assert page.title[0].value == picture_toys.DEFINITION.card.what_if
    page.file_uploader(key="_photo").set_value([("patch.png", photo(), "image/png")]).run()
    assert not page.exception
    assert said(page, 0)[0] in picture_toys.CLASSES
    assert set(percents(alt(page, "Bars"))) >= set(picture_toys.CLASSES)
    widget(page, "method").select("gradient_shap").run()
    assert "24 real pictures" in words(page) or "21 real pictures" in words(page)
    lineage = open_page("lineage.py", {"of": picture_toys.MODEL})
    assert not lineage.exception
    assert f"{picture_toys.N_ROWS} photos" in str([c.proto.spec for c in lineage.get("vega_lite_chart")])


def test_an_empty_home_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: OpenPage
) -> None:
    monkeypatch.setattr(shipped, "adopt", lambda store: [])
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(tmp_path / "empty"))
    page = open_page("image_what_if.py")
    assert "Train one in the catalogue" in page.info[0].value
