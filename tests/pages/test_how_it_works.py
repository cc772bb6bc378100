"""How it works: every guide is drawn with its figure, and its example opens in the what-if as it says."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.guides import Guide
from explain import guides
from explain.guide_figures import cloud
from explain.numbers import percent
from governance import shipped
from governance.home import open_store
from pages.learn.figures import FIGURES
from pages.learn.guide_view import PAGES
from tests import picture_toys, toys
from tests.conftest import OpenPage
from tests.pages.reading import alts, bound, links, widget, words

pytestmark = pytest.mark.usefixtures("scenes_answered_once")

GUIDES = guides.all_guides()
# Figures about tables or toy functions, which need no network.
WITHOUT_NETWORK = {
    "tree_depth",
    "forest_trees",
    "tree_path",
    "coalitions",
    "shuffling",
    "individual_curves",
    "sobol",
}
TRY = "Try it in the what-if"


@pytest.fixture(autouse=True)
def _nothing_is_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests bring their own small networks."""
    monkeypatch.setattr(shipped, "adopt", lambda store: [])


@pytest.fixture(scope="module")
def tiny_home(prepared_home: Path, tmp_path_factory: pytest.TempPathFactory, tiny_network: Path) -> Path:
    """A home with the iris models and a tiny ``muffin_cnn``, made once by real trainings."""
    path = tmp_path_factory.mktemp("guides") / "home"
    shutil.copytree(prepared_home, path)
    with toys.home_at(path), pytest.MonkeyPatch.context() as patch:
        patch.setattr(shipped, "adopt", lambda store: [])
        store = open_store()
        toys.put_tiny_network(store, tiny_network)
        store.engine.dispose()
    return path


@pytest.fixture
def full_home(home: Path, tiny_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That home, in place of `home`: these tests write nothing to it."""
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(tiny_home))
    monkeypatch.delenv("CRUMBTRAIL_DB", raising=False)
    return tiny_home


@pytest.fixture(scope="module")
def patches_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with the 3-class image model alone, which is in the catalogue meanwhile."""
    path = tmp_path_factory.mktemp("patches") / "home"
    with toys.home_at(path), pytest.MonkeyPatch.context() as patch:
        patch.setattr(shipped, "adopt", lambda store: [])
        store = open_store()
        toys.train_into(store, picture_toys.register_image_model())
        store.engine.dispose()
    yield path
    picture_toys.unregister_image_model()


@pytest.fixture
def patches(home: Path, patches_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That home, and the model in the catalogue."""
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(patches_home))
    monkeypatch.delenv("CRUMBTRAIL_DB", raising=False)
    return patches_home


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_a_guide_is_shown_whole_with_its_figure(full_home: Path, open_page: OpenPage, guide: Guide) -> None:
    page = open_page("how_it_works.py", {"guide": guide.name})
    assert not page.exception and not page.error and not page.warning and not page.info
    assert page.title[0].value == "How it works"
    assert page.header[0].value == guide.title
    read = "\n".join(one.value for one in page.markdown)
    for text in (guide.summary, *guide.parts.values(), *guide.fits, *guide.does_not_fit, guide.cannot_show):
        assert text in read
    for reference in guide.references:
        assert reference.title in words(page) and str(reference.year) in read
    assert links(page)[TRY] == dict(guide.example.params)
    assert all(alts(page))
    (current,) = (one for one in page.button if one.proto.type == "primary")
    assert current.label == guide.title
    # A link that uses a name of this page's own widgets would lose it.
    assert not bound(page) & links(page)[TRY].keys()


def test_every_figure_is_used_and_every_figure_that_is_called_exists() -> None:
    assert {guide.figure for guide in GUIDES} == FIGURES.keys()


def test_all_guides_are_listed_and_one_is_chosen_by_hand(full_home: Path, open_page: OpenPage) -> None:
    page = open_page("how_it_works.py")
    assert page.header[0].value == GUIDES[0].title
    assert [one.label for one in page.button if one.key.startswith("_guide_")] == [
        one.title for one in GUIDES
    ]
    page.button(key="_guide_ice").click().run()
    assert not page.exception
    assert page.header[0].value == "ICE curves"
    assert page.query_params["guide"] == "ice"


def test_a_guide_that_is_not_there_is_named(full_home: Path, open_page: OpenPage) -> None:
    page = open_page("how_it_works.py", {"guide": "![](https://example.org/x.png)"})
    assert not page.exception and page.header[0].value == GUIDES[0].title
    (warning,) = page.warning
    assert "guide" in words(page) and r"\!" not in words(page) and "https://example.org" in words(page)
    assert "![](" not in warning.value


EXAMPLES = {str(guide.example): guide for guide in GUIDES}


@pytest.mark.parametrize("guide", EXAMPLES.values(), ids=lambda guide: guide.name)
def test_an_example_opens_in_the_what_if_with_its_state(
    full_home: Path, open_page: OpenPage, guide: Guide
) -> None:
    page = open_page(PAGES[guide.example.page], guide.example.params)
    assert not page.exception and not page.error and not page.warning
    for name, wanted in guide.example.params.items():
        shown = widget(page, name)
        if isinstance(shown.value, float):
            assert shown.value == pytest.approx(float(wanted))
        else:
            assert shown.format_func(shown.value) == wanted


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_without_a_network_a_figure_says_what_to_do(home: Path, open_page: OpenPage, guide: Guide) -> None:
    page = open_page("how_it_works.py", {"guide": guide.name})
    assert not page.exception and not page.error and not page.warning
    assert bool(page.info) is (guide.figure not in WITHOUT_NETWORK)
    if page.info:
        assert "none for pictures has a version yet" in page.info[0].value
        assert "Open the catalogue" in links(page)
    assert guide.parts["For practitioners"] in "\n".join(one.value for one in page.markdown)


@pytest.mark.parametrize(
    "guide", [one for one in GUIDES if one.figure not in WITHOUT_NETWORK], ids=lambda guide: guide.name
)
def test_a_figure_takes_an_image_model_that_it_was_not_made_for(
    patches: Path, open_page: OpenPage, guide: Guide
) -> None:
    page = open_page("how_it_works.py", {"guide": guide.name})
    assert not page.exception and not page.error and not page.warning
    assert "toy_pictures@1 answers" in words(page)
    # Parts are known of the bakery's scenes alone.
    assert bool(page.info) is (guide.figure in {"localisation", "truth"})
    page.selectbox(key="fig.picture").set_value("picture 2").run()
    assert not page.exception


def test_the_game_adds_up_on_the_page(full_home: Path, open_page: OpenPage) -> None:
    page = open_page("how_it_works.py", {"guide": "tree_shap", "fig.together": "-20"})
    reached, every = page.metric
    assert (reached.value, every.value) == ("25 points", "30 points")
    widget(page, "fig.there").set_value(["berries", "cup"])
    page.run()
    assert page.metric[0].value == "20 points"
    # 25 - 10, 15 - 10 and 10; in the first order cup finds the berries there and loses all that both lose.
    (alt,) = alts(page)
    assert "berries +15.0 points · here +25.0" in alt
    assert "cup +5.0 points · here −5.0" in alt
    assert "dome +10.0 points · here +10.0" in alt


def test_a_filter_that_is_none_is_answered_with_what_to_give(full_home: Path, open_page: OpenPage) -> None:
    page = open_page("how_it_works.py", {"guide": "convolutional_network"})
    page.text_input(key="fig.weights").set_value("1 2").run()
    assert not page.exception
    assert "Give three rows of three numbers" in page.error[0].value
    page.button(key="_Blur").click().run()
    assert not page.error
    assert page.text_input(key="fig.weights").value.startswith("0.11")


def test_figures_follow_their_sliders(full_home: Path, open_page: OpenPage) -> None:
    page = open_page("how_it_works.py", {"guide": "decision_tree"})
    before = [one.value for one in page.metric]
    page.slider(key="fig.depth").set_value(12).run()
    assert [one.value for one in page.metric] != before
    assert page.metric[0].value == percent(cloud.tree(12).right_seen)
    page = open_page("how_it_works.py", {"guide": "integrated_gradients"})
    page.slider(key="fig.share").set_value(0).run()
    assert "At 0 % it is 0.00 and 0.00" in alts(page)[0]
