"""The sections that look closer at a picture: concepts and regions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import streamlit

from data.bakery import CONCEPTS
from explain.attributions.superpixels import superpixels
from explain.concepts.concept_flip import concept_flip
from explain.concepts.regions import REGIONS, covered, region_effects
from explain.concepts.space import of_scene
from explain.numbers import percent
from governance.record import Measurement
from pages.common import typicality_note
from pages.looks import concept_map, regions
from tests.pages import section_toys
from tests.pages.reading import alt, alts, button, words
from tests.pages.section_toys import run

FEATURES = {feature.name: feature for feature in CONCEPTS["muffin"]}


def concepts_section() -> None:
    """A page with the section alone."""
    from pages.looks import concepts as section_concepts
    from tests.pages.section_toys import shown

    section_concepts.draw(shown())


def regions_section() -> None:
    """The same of regions, for a photo."""
    from pages.looks import regions
    from tests.pages.section_toys import shown

    regions.draw(shown(None))


pytestmark = pytest.mark.usefixtures("home")


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
    assert page.session_state["in.bake"] == change.after


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
        "in.bake": 20.0,
        "_held": {"in.bake": 20.0},
        "_map_clicks": 3,
        "_map_3": {"selection": {"chosen": [{"at_x": 39.0000001, "at_y": 2.6}]}},
    }
    monkeypatch.setattr(streamlit, "session_state", state)
    concept_map.moved(FEATURES["bake"], FEATURES["berry_spacing"])
    assert (state["in.bake"], state["in.berry_spacing"], state["_map_clicks"]) == (39.0, 2.6, 4)
    assert state["_trail"] == [{"in.bake": 20.0}]
    state["_map_4"] = {"selection": {"chosen": []}}
    concept_map.moved(FEATURES["bake"], FEATURES["berry_spacing"])
    assert (state["in.bake"], state["_map_clicks"]) == (39.0, 4)


def test_curves_over_held_out_scenes_of_the_same_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ask.looks.many_scenes.SCENES", 3)
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
    stored = SimpleNamespace(id="ab" * 32, measurement=Measurement({"results": results}))
    monkeypatch.setattr("governance.measurements.newest", lambda store, version, name: stored)
    page = run(concepts_section, concepts="Which matter overall")
    assert percent(0.5) in alt(page, "Over scenes (muffin), most of the answer's variance hangs on")
    assert "384 pictures; record abababababab" in words(page)


def test_a_photo_has_no_concepts_and_is_told_what_to_do() -> None:
    def photo() -> None:
        from pages.looks import concepts as section_concepts
        from tests.pages.section_toys import shown

        section_concepts.draw(shown(None))

    page = run(photo)
    assert "Choose **Scene** under *Ask about*" in page.info[0].value and "regions" in page.info[0].value
    assert not alts(page)


def test_covered_regions_change_the_answer() -> None:
    shown = section_toys.shown(None)
    labels = superpixels(shown.input, REGIONS)
    target = shown.target
    page = run(regions_section, covered=[2, 5])
    now = shown.model.predict_proba(covered(shown.input, labels, {1, 4}, "mean")[None])[0]
    top = int(np.argmax(now))
    assert page.metric[0].label == f"With 2 regions covered: {shown.spec.classes[top]}"
    assert page.metric[0].value == percent(now[top])
    effects = region_effects(shown.model, shown.input, labels, target, "mean")
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


def test_an_explanation_of_a_far_input_is_grey() -> None:
    far = section_toys.shown(section_toys.SCENE.replace(bake=45))
    found = far.typicality
    assert found is not None and found.level == "far"
    picture = np.array([[[1.0, 0.4, 0.1]]])
    faded = typicality_note.faded(picture, found)
    assert faded.mean() == pytest.approx(0.5) and np.ptp(faded) == pytest.approx(0.25 * 0.9)
    usual = section_toys.shown()
    near = usual.typicality
    assert near is not None and near.level == "usual"
    assert typicality_note.faded(picture, near) is picture and typicality_note.faded(picture, None) is picture
