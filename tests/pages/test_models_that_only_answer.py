"""Every page with models that only answer: what needs more of a model says so, and the rest works."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ask.asking import answer
from ask.question import Question, RowInput
from explain.overall import importance
from explain.rows.table_rows import rows_of
from governance import registry, shipped
from governance.home import open_store
from models import loading
from models.spec import Definition
from pages.looks.sections import SECTIONS, title
from tests import answering_toys, toys
from tests.conftest import OpenPage
from tests.pages.reading import alt, alts, slide, widget, words


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A home for each of them, which holds it alone."""
    found = {}
    for name in answering_toys.ALL:
        found[name] = tmp_path_factory.mktemp(name) / "home"
        with toys.home_at(found[name]), pytest.MonkeyPatch.context() as patch:
            patch.setattr(shipped, "FOLDER", found[name] / "nothing")
            with answering_toys.registered(name) as definition:
                store = open_store()
                toys.train_into(store, definition)
                store.engine.dispose()
    return found


@pytest.fixture
def stored(
    home: Path, homes: dict[str, Path], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Definition]:
    """One of those homes, and its model in the catalogue; these tests write nothing to it."""
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(homes[request.param]))
    monkeypatch.setattr(shipped, "FOLDER", homes[request.param] / "nothing")
    with answering_toys.registered(request.param) as definition:
        yield definition


def of_tables(names: tuple[str, ...] = answering_toys.TABLES) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("stored", names, indirect=True)


of_pictures = of_tables((answering_toys.COLOURS.spec.name,))


@of_tables()
@pytest.mark.parametrize("view", ["Surface", "Curve"])
def test_a_row_gets_its_answer_and_its_reason(stored: Definition, open_page: OpenPage, view: str) -> None:
    page = slide(open_page("what_if.py", {"version": stored.spec.name, "view": view}), length=7.0, width=2.0)
    assert page.title[0].value == stored.card.what_if and not page.warning and not page.error
    assert page.metric[0].value.startswith("east")
    assert len(alts(page)) == 3 and all("east" in text for text in alts(page))
    assert widget(page, "method").value == "permutation_shap"
    assert f"thresholds of decision trees, and {stored.spec.title} has none" in words(page)


@of_tables()
def test_its_importance_is_by_permutation_alone(stored: Definition, open_page: OpenPage) -> None:
    page = open_page("importance.py", {"about": stored.spec.name})
    assert not page.exception and not page.error and not page.warning
    store = open_store()
    version = registry.resolve(store, stored.spec.name)
    rows = rows_of(version)
    found = importance.permutation(loading.load(store, version), *rows.held_out)
    first = stored.spec.features[int(np.argmax(found.values))].label
    assert f"By permutation, which alone can be asked of this model, {first.lower()} matters most" in words(
        page
    )
    assert f"need a model made of decision trees, and {stored.spec.title} is not" in words(page)
    assert [text.split(":")[0] for text in alts(page)] == [
        alt(page, "Importance by Permutation").split(":")[0]
    ]
    page = open_page("importance.py", {"about": stored.spec.name, "section": "Interactions"})
    assert not page.exception and f"{stored.spec.title} is not" in page.info[0].value


ELSEWHERE = (
    "catalogue.py",
    "records.py",
    "lineage.py",
    "compare.py",
    "second_opinion.py",
    "tree_workbench.py",
)


@of_tables((*answering_toys.ALL,))
@pytest.mark.parametrize("file", ELSEWHERE)
def test_other_pages_open(stored: Definition, open_page: OpenPage, file: str) -> None:
    page = open_page(file)
    assert not page.exception and not page.error
    assert page.title[0].value


@of_tables()
def test_an_answer_is_followed_back_and_explained_again(stored: Definition, open_page: OpenPage) -> None:
    row = np.array([feature.default for feature in stored.spec.features])
    asked = {f"of.{feature.name}": str(feature.default) for feature in stored.spec.features}
    page = open_page("lineage.py", {"of": f"{stored.spec.name}@1", "of.explain": "permutation_shap", **asked})
    assert not page.exception and not page.error and not page.warning
    question = Question(stored.spec.name, RowInput.of(stored.spec, row), method="permutation_shap")
    expected = answer(open_store(), question)
    assert expected.receipt_id[:12] in str([one.proto.spec for one in page.get("vega_lite_chart")]) + words(
        page
    )


def patch() -> bytes:
    """A picture as a visitor would bring it: grey noise, bluer than anything else."""
    pixels = np.random.default_rng(5).integers(0, 120, (64, 64, 3), dtype=np.uint8)
    pixels[..., 2] += 100
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


@of_pictures
@pytest.mark.parametrize("section", [None, *(one.name for one in SECTIONS)])
def test_a_picture_gets_its_answer_its_map_and_every_closer_look(
    stored: Definition, open_page: OpenPage, section: str | None
) -> None:
    look = {"look": title(next(one for one in SECTIONS if one.name == section))} if section else {}
    page = open_page("image_what_if.py", {"version": stored.spec.name, **look})
    page.file_uploader(key="_photo").set_value([("patch.png", patch(), "image/png")]).run()
    assert not page.exception and not page.error
    assert page.metric[0].label == "The model says: blue"
    assert set(widget(page, "method").options) == {"Occlusion", "Superpixel SHAP"}
    assert "log-odds" in words(page)
    assert "what was learned cannot be checked" in words(page)


@of_pictures
@pytest.mark.parametrize("guide", ["grad_cam", "occlusion", "superpixel_shap", "stability", "randomisation"])
def test_figures_that_need_a_network_say_so(stored: Definition, open_page: OpenPage, guide: str) -> None:
    page = open_page("how_it_works.py", {"guide": guide})
    assert not page.exception and not page.error
    assert "none for pictures has a version yet" in page.info[0].value


@of_pictures
@pytest.mark.parametrize("file", ["methods_against_truth.py", "shortcut.py"])
def test_pages_about_scenes_open(stored: Definition, open_page: OpenPage, file: str) -> None:
    page = open_page(file)
    assert not page.exception and not page.error
