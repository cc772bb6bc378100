"""The sections that look closer at a picture: concepts, examples, regions; and the nearest rows of a table."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from data import photo_folders
from data.bakery import CONCEPTS
from explain.attributions.superpixels import superpixels
from explain.concepts.concept_flip import concept_flip
from explain.concepts.regions import REGIONS, covered, region_effects
from explain.concepts.space import of_scene
from explain.neighbours.examples import Examples, examples
from explain.neighbours.features import penultimate
from explain.neighbours.learned import learned_from
from explain.neighbours.neighbours import Neighbour, nearest
from explain.numbers import percent
from models import muffin_cnn
from pages.common import typicality_note
from pages.pictures import distance
from pages.pictures.shown import Shown
from pages.questions import concept_map, regions
from pages.questions import examples as section_examples
from tests.pages import section_toys
from tests.pages.reading import alt, alts, button, words

FEATURES = {feature.name: feature for feature in CONCEPTS["muffin"]}


def concepts_section() -> None:
    """A page with the section alone."""
    from pages.questions import concepts as section_concepts
    from tests.pages.section_toys import shown

    section_concepts.draw(shown())


def regions_section() -> None:
    """The same of regions, for a photo."""
    from pages.questions import regions
    from tests.pages.section_toys import shown

    regions.draw(shown(None))


def examples_section() -> None:
    """The same of examples."""
    from pages.questions import examples as section_examples
    from tests.pages.section_toys import shown

    section_examples.draw(shown())


def run(script: Any, **state: Any) -> AppTest:
    """Run a section with what the visitor has chosen before."""
    page = AppTest.from_function(script, default_timeout=60)
    for name, value in state.items():
        page.session_state[name] = value
    page.run()
    assert not page.exception
    return page


@pytest.fixture(autouse=True)
def _one_thread(home: Path) -> None:
    import torch

    torch.set_num_threads(1)


def test_the_smallest_change_is_the_search_s_own_and_can_be_applied() -> None:
    shown = section_toys.shown()
    held = [name for name in FEATURES if name != "bake"]
    found = concept_flip(shown.model, of_scene(section_toys.SCENE, 96), locked=held)
    page = run(concepts_section, held=held)
    assert found.summary in words(page) and found.margin in words(page)
    assert found.after is not None and found.after != found.before
    assert page.metric[0].label == f"Now: {shown.spec.classes[found.before]}"
    assert page.metric[1].label == f"After the change: {shown.spec.classes[found.after]}"
    button(page, "Apply this change").click().run()
    (change,) = found.changes
    assert page.session_state["bake"] == change.after


def test_where_nothing_flips_no_change_can_be_applied() -> None:
    page = run(concepts_section, held=[name for name in FEATURES if name != "cup_hue"])
    assert "No flip within the ranges" in words(page)
    assert not page.button and not page.metric


def test_all_locked_says_what_to_do() -> None:
    page = run(concepts_section, held=list(FEATURES))
    assert "Every concept is locked" in words(page) and "Unlock one" in words(page)


def test_what_was_locked_for_another_kind_is_forgotten() -> None:
    page = run(concepts_section, held=["ear_size", *FEATURES])
    assert page.session_state["held"] == list(FEATURES)


def test_the_map_starts_with_bake_and_spacing_and_says_what_it_cost() -> None:
    page = run(concepts_section, concepts="Two concepts at once")
    assert alt(page, "Map of the answer over Time in the oven (5 min to 45 min) and Berry spacing")
    assert "Click anywhere on the map" in words(page) and "every cell would have taken 441" in words(page)
    page.selectbox(key="map_y").select("bake").run()
    assert "Choose two different concepts" in words(page) and not alts(page)


def test_a_click_on_the_map_moves_both_sliders_and_can_be_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, Any] = {
        "bake": 20.0,
        "_held": {"bake": 20.0},
        "_map_clicks": 3,
        "_map_3": {"selection": {"chosen": [{"at_x": 39.0000001, "at_y": 2.6}]}},
    }
    monkeypatch.setattr(streamlit, "session_state", state)
    concept_map.moved(FEATURES["bake"], FEATURES["berry_spacing"])
    assert (state["bake"], state["berry_spacing"], state["_map_clicks"]) == (39.0, 2.6, 4)
    assert state["_trail"] == [{"bake": 20.0}]
    state["_map_4"] = {"selection": {"chosen": []}}
    concept_map.moved(FEATURES["bake"], FEATURES["berry_spacing"])
    assert (state["bake"], state["_map_clicks"]) == (39.0, 4)


def test_curves_over_held_out_scenes_of_the_same_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.questions.concept_curves.SCENES", 3)
    page = run(concepts_section, concepts="Over many scenes")
    assert alt(page, "Along berry spacing, over 3 scenes, the mean probability of")
    assert "of 3** held-out scenes (muffin)" in words(page)


def test_what_matters_overall_is_read_from_the_version_or_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    page = run(concepts_section, concepts="Which matter overall")
    assert "was not measured for muffin_cnn@1 yet" in words(page)
    assert "python -m explain.measure muffin_cnn@1 concept_importance" in words(page)
    assert button(page, "Measure it now")
    one = {"name": "bake", "label": "Time in the oven", "first": 0.3, "total": 0.5}
    one |= {"first_interval": [0.2, 0.4], "total_interval": [0.4, 0.6]}
    results = {"renders": 384, "kinds": {"muffin": {"concepts": [one]}}}
    stored = SimpleNamespace(id="ab" * 32, body={"results": results})
    monkeypatch.setattr("governance.measurements.newest", lambda store, version, name: stored)
    page = run(concepts_section, concepts="Which matter overall")
    assert percent(0.5) in alt(page, "Over scenes (muffin), most of the answer's variance hangs on")
    assert "384 pictures; record abababababab" in words(page)


def test_a_photo_has_no_concepts_and_is_told_what_to_do() -> None:
    def photo() -> None:
        from pages.questions import concepts as section_concepts
        from tests.pages.section_toys import shown

        section_concepts.draw(shown(None))

    page = run(photo)
    assert "Choose **Scene** under *Ask about*" in page.info[0].value and "regions" in page.info[0].value
    assert not alts(page)


def test_covered_regions_change_the_answer() -> None:
    shown = section_toys.shown(None)
    labels = superpixels(shown.asked.now, REGIONS)
    target = shown.explanation.attribution.target.index
    page = run(regions_section, covered=[2, 5])
    now = shown.model.predict_proba(covered(shown.asked.now, labels, {1, 4}, "mean")[None])[0]
    top = int(np.argmax(now))
    assert page.metric[0].label == f"With 2 regions covered: {shown.spec.classes[top]}"
    assert page.metric[0].value == percent(now[top])
    effects = region_effects(shown.model, shown.asked.now, labels, target, "mean")
    strongest = int(np.argmax(np.abs(effects.weight))) + 1
    assert f"Most depends on region {strongest}:" in alt(page, "The picture in")
    button(page, "Uncover all").click().run()
    assert page.metric[0].label.startswith("With 0 regions covered")


def test_another_picture_has_nothing_covered_and_unknown_numbers_are_dropped() -> None:
    page = run(regions_section, covered=[2], _covered_of="another picture")
    assert page.metric[0].label.startswith("With 0 regions covered")
    page = run(regions_section, covered=[2, 9999])
    assert page.metric[0].label.startswith("With 1 region covered")


def test_a_click_covers_a_region_and_the_next_uncovers_it(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, Any] = {"covered": [7], "_regions_0": {"selection": {"chosen": [{"region": 3}]}}}
    monkeypatch.setattr(streamlit, "session_state", state)
    regions.toggled()
    assert (state["covered"], state["_region_clicks"]) == ([3, 7], 1)
    state["_regions_1"] = {"selection": {"chosen": [{"region": 3}]}}
    regions.toggled()
    assert state["covered"] == [7]


def photo_examples_section() -> None:
    """The same of examples, for a photo and a version that learned from photos that are not here."""
    from pages.questions import examples as section_examples
    from tests.pages.section_toys import shown

    section_examples.draw(shown(None, origin="photos"))


def own_examples(shown: Shown) -> Examples:
    """Eight examples of what the toy's version learned from, made as the section makes them."""
    learned = learned_from(muffin_cnn.DEFINITION, shown.version.record)
    return examples(shown.model, learned, lambda told: None, n=8)


def nearest_to(shown: Shown, found: Examples) -> tuple[Neighbour, ...]:
    at = penultimate(shown.model, shown.asked.now[None])[0]
    return nearest(found.features, found.labels, at, section_examples.NEAREST)


def test_the_nearest_training_examples_are_shown_with_their_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(section_examples, "examples", partial(examples, n=8))
    shown = section_toys.shown()
    near = nearest_to(shown, own_examples(shown))
    page = run(examples_section)
    assert len(page.get("image")) == len(near) == 6
    alike = sum(one.label == shown.explanation.predicted for one in near)
    assert f"{alike} of the 6 nearest training examples" in words(page)
    for one in near:
        assert f"distance {one.distance:.2f}" in words(page)
    assert "Every concept lies where the training's scenes are drawn" in words(page)
    assert "python -m explain.measure muffin_cnn@1 typicality" in words(page)


def test_a_photo_that_is_not_here_is_named_and_the_scenes_beside_it_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = section_toys.shown(None, origin="photos")
    made = own_examples(section_toys.shown())
    documented = next(iter(photo_folders._documented().values()))
    # The three nearest of the scenes become photos: one that is documented, two that are not.
    photos = [one.position for one in nearest_to(shown, made)[:3]]
    digests, names, source = list(made.digests), list(made.names), np.ones(len(made.names), int)
    for position, digest in zip(photos, (documented["sha256"][:16], "0" * 16, "1" * 16), strict=True):
        digests[position], names[position], source[position] = digest, f"b_{position}.jpg", 0
    found = replace(
        made,
        digests=tuple(digests),
        names=tuple(names),
        source=source,
        sources=("photos", "scenes"),
        apart=(np.array([0.0, 9.0]), made.apart[0]),
    )
    monkeypatch.setattr(distance, "stored_examples", lambda version: found)
    page = run(photo_examples_section)
    assert len(page.get("image")) == 3
    assert words(page).count("Photo, not on this machine") == 3
    # A path may break after each of its parts.
    told = words(page).replace("\u200b", "").replace("\\", "")
    for path in (documented["source"], names[photos[1]], names[photos[2]]):
        assert f":small[{path}]" in told
    assert "docs/photos.md" in words(page)
    # One of the two photos that were kept back lies further, whatever the photo.
    assert "of 2 pictures of that kind that were kept back, 50" in words(page)
    assert "python -m explain.measure" not in words(page)


def test_how_usual_a_photo_is_is_not_said_by_scenes_where_photos_were_learned_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = section_toys.shown(None, origin="photos")
    assert distance.of_picture(asked.version, asked.model, asked.asked) is None
    monkeypatch.setattr(section_examples, "examples", partial(examples, n=8))
    page = run(photo_examples_section)
    assert "How usual it is cannot be said" in words(page)
    assert "are not on this machine; scenes" in words(page)
    drawn = section_toys.shown(None)
    assert distance.among(own_examples(drawn), drawn.model, drawn.asked) is not None


def test_an_explanation_of_a_far_input_is_grey() -> None:
    far = section_toys.shown(section_toys.SCENE.replace(bake=45))
    found = distance.of_picture(far.version, far.model, far.asked)
    assert found is not None and found.level == "far"
    picture = np.array([[[1.0, 0.4, 0.1]]])
    faded = typicality_note.faded(picture, found)
    assert faded.mean() == pytest.approx(0.5) and np.ptp(faded) == pytest.approx(0.25 * 0.9)
    usual = section_toys.shown()
    near = distance.of_picture(usual.version, usual.model, usual.asked)
    assert near is not None and near.level == "usual"
    assert typicality_note.faded(picture, near) is picture and typicality_note.faded(picture, None) is picture


def rows_section() -> None:
    """The nearest rows of a table, for a row of it."""
    import numpy as np
    from sklearn.datasets import load_iris

    from data.iris import FEATURES
    from models.spec import ModelSpec
    from pages.common.workspace import TrainingRows
    from pages.rows import nearest as near_rows

    x, y = load_iris(return_X_y=True)

    class Always:
        spec = ModelSpec("t", "T", "tabular", ("setosa", "versicolor", "virginica"), FEATURES)

        def predict_proba(self, batch: np.ndarray) -> np.ndarray:
            return np.tile([0.9, 0.1, 0.0], (len(batch), 1))

    training = TrainingRows(x, y, x.min(0), x.max(0), {})
    near_rows.draw(Always.spec, Always(), x[0], training)  # type: ignore[arg-type]
    near_rows.draw(Always.spec, Always(), x[0], None)  # type: ignore[arg-type]


def test_the_nearest_rows_of_a_table() -> None:
    page = run(rows_section)
    table = page.dataframe[0].value
    assert table["Class"].tolist() == ["setosa"] * 5
    # The row is one of the training's own.
    assert table["Distance"][0] == "0.00"
    assert table["Petal length"][0] == "1.4 cm"
    assert "5 of the 5 nearest training examples are setosa" in words(page)
    assert "The nearest training row is 0.00 standard deviations away" in words(page)
    assert "The training rows are gone" in page.info[0].value
