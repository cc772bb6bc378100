"""Scenes as values: complete, strict about ranges, stable through JSON, sampled from the stated prior."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.bakery import CONCEPTS, KINDS, PRIOR, TRAITS, Scene, off_prior, sample_scenes


@st.composite
def scenes(draw):
    """Any valid scene, far outside the prior too."""
    kind = draw(st.sampled_from(KINDS))
    concepts = tuple((f.name, draw(st.floats(f.low, f.high))) for f in CONCEPTS[kind])
    traits = tuple((name, draw(st.sampled_from(options))) for name, options in TRAITS[kind].items())
    return Scene(kind, draw(st.integers(0, 2**53 - 1)), concepts, traits)


@given(scenes())
def test_json_round_trip_keeps_scene_and_digest(scene):
    again = Scene.from_json(json.loads(json.dumps(scene.to_json())))
    assert again == scene
    assert again.digest == scene.digest


def test_the_digest_does_not_depend_on_the_order_of_json_keys_or_on_how_a_whole_number_is_written():
    document = Scene.of("muffin", 3).to_json()
    shuffled = {key: document[key] for key in reversed(document)}
    shuffled["concepts"] = {
        k: int(v) if v == int(v) else v for k, v in reversed(document["concepts"].items())
    }
    assert Scene.from_json(shuffled).digest == Scene.of("muffin", 3).digest


@pytest.mark.parametrize("kind", KINDS)
def test_every_input_has_its_say_in_the_digest(kind):
    base = Scene.of(kind, 1)
    others = [base.replace(seed=2)]
    others += [base.replace(**{f.name: f.low if f.default > f.low else f.high}) for f in CONCEPTS[kind]]
    others += [base.replace(**{name: options[1]}) for name, options in TRAITS[kind].items()]
    assert len({scene.digest for scene in [base, *others]}) == len(others) + 1


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"concepts": {"bake": 99.0}}, ["bake", "99", "5 to 45 min"]),
        ({"concepts": {"bake": 4.9}}, ["bake", "4.9", "5 to 45 min"]),
        ({"concepts": {"bake": float("nan")}}, ["bake", "nan", "5 to 45 min"]),
        ({"concepts": {"bake": "hot"}}, ["bake", "'hot'", "5 to 45 min"]),
        ({"concepts": {"bake": True}}, ["bake", "True"]),
        ({"concepts": {"ear_size": 1.0}}, ["ear_size", "unknown"]),
        ({"traits": {"flavour": "tuna"}}, ["flavour", "'tuna'", "blueberry"]),
        ({"seed": -1}, ["seed", "-1", "0 to"]),
        ({"seed": 1.5}, ["seed", "1.5"]),
        ({"kind": "poodle"}, ["kind", "'poodle'", "chihuahua, muffin"]),
        ({"kind": ["muffin"]}, ["kind", "['muffin']"]),
        ({"colour": 1}, ["colour", "unknown"]),
        ({"traits": None}, ["traits", "None"]),
    ],
)
def test_a_bad_value_is_refused_by_field_value_and_range(change, names):
    document = Scene.of("muffin").to_json()
    for key, value in change.items():
        nested = isinstance(value, dict) and key in document
        document[key] = {**document[key], **value} if nested else value
    with pytest.raises(ValueError) as refusal:
        Scene.from_json(document)
    for name in names:
        assert name in str(refusal.value)


def test_a_missing_field_is_named():
    for path in (("seed",), ("concepts", "light"), ("traits", "backdrop")):
        document = Scene.of("muffin").to_json()
        inner = document
        for key in path[:-1]:
            inner = inner[key]
        del inner[path[-1]]
        with pytest.raises(ValueError, match=f"'{path[-1]}' is missing"):
            Scene.from_json(document)


def test_replace_refuses_an_input_of_the_other_kind():
    with pytest.raises(ValueError, match="'ear_size' is not an input"):
        Scene.of("muffin").replace(ear_size=1.0)


def test_a_slider_that_adds_up_its_steps_reaches_its_ends():
    low, high = 0.4, 1.6
    assert Scene.of("muffin", berry_size=low + (high - low) * 6 / 6).value("berry_size") == high


def test_a_plain_muffin_has_no_live_berry_concepts():
    live = {f.name for f in Scene.of("muffin", flavour="plain").live_concepts}
    assert live == {f.name for f in CONCEPTS["muffin"]} - {"berry_spacing", "berry_size"}
    assert Scene.of("muffin").live_concepts == CONCEPTS["muffin"]


def test_samples_are_balanced_distinct_inside_the_prior_and_cover_every_option():
    drawn = sample_scenes(400, seed=4)
    assert sum(scene.kind == "muffin" for scene in drawn) == 200
    assert len({scene.digest for scene in drawn}) == 400
    for scene in drawn:
        assert set(off_prior(scene).values()) == {0.0}
    for kind in KINDS:
        for name, options in TRAITS[kind].items():
            assert {s.trait(name) for s in drawn if s.kind == kind} == set(options)
        for name, where in PRIOR[kind].items():
            values = [s.value(name) for s in drawn if s.kind == kind]
            assert max(values) - min(values) > 0.7 * (where.high - where.low)


def test_a_longer_sample_begins_with_the_shorter_one_and_another_seed_is_another_sample():
    assert sample_scenes(9, seed=1)[:5] == sample_scenes(5, seed=1)
    assert not set(sample_scenes(9, seed=1)) & set(sample_scenes(9, seed=2))


def test_fixing_the_framing_leaves_the_rest_of_the_draw():
    for free, held in zip(sample_scenes(6, 1), sample_scenes(6, 1, framing=(1, 1)), strict=True):
        assert held.value("framing") == 1.0
        assert held == free.replace(framing=1.0)


@pytest.mark.parametrize(
    "bad", [{"n": -1, "seed": 0}, {"n": 1, "seed": -1}, {"n": 1, "seed": 0, "framing": (0.5, 2)}]
)
def test_sampling_refuses_what_it_cannot_do(bad):
    with pytest.raises(ValueError, match=r"sample_scenes: (n|seed|framing) is"):
        sample_scenes(**bad)


def test_distance_from_the_prior_is_measured_in_its_widths():
    where = PRIOR["muffin"]["bake"]
    beyond = where.high + 0.25 * (where.high - where.low)
    assert off_prior(Scene.of("muffin", bake=beyond))["bake"] == pytest.approx(0.25)
    assert off_prior(Scene.of("muffin", bake=where.low))["bake"] == 0.0
