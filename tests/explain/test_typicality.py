"""How far an input lies from the training: against draws, scikit-learn, and distances worked out by hand."""

import numpy as np
import pytest

from data import bakery
from data.features import Feature
from explain.nearby import feature_typicality
from explain.nearby.feature_typicality import Reference, of_picture, reference_of
from explain.nearby.typicality import Typicality, level_of, of_row, of_scene, worst
from models.spec import ModelSpec
from tests.explain import image_toys, toys


def log_density(kind, values):
    """Under the prior, from its definition: d/dv of ((v - low) / width) ** (1 / skew), by differences."""
    total = np.zeros(len(next(iter(values.values()))))
    for name, where in bakery.PRIOR[kind].items():
        share = (values[name] - where.low) / (where.high - where.low)
        h = share * 1e-6
        total += np.log(((share + h) ** (1 / where.skew) - (share - h) ** (1 / where.skew)) / (2 * h))
    return total


@pytest.mark.parametrize("kind", bakery.KINDS)
def test_a_scenes_place_is_the_share_of_drawn_scenes_that_are_rarer(kind):
    random, count = np.random.default_rng(4), 100_000
    drawn = {
        name: where.low + (where.high - where.low) * random.random(count) ** where.skew
        for name, where in bakery.PRIOR[kind].items()
    }
    densities = np.sort(log_density(kind, drawn))
    for row in range(60):
        values = {name: column[[row]] for name, column in drawn.items()}
        scene = bakery.Scene.of(kind, **{name: float(value[0]) for name, value in values.items()})
        counted = np.searchsorted(densities, log_density(kind, values)[0]) / count
        # So many draws know a share to 0.005 at three standard errors.
        assert of_scene(scene).beyond == pytest.approx(counted, abs=0.006)


def test_a_common_scene_is_usual_a_rare_one_unusual_and_one_outside_far():
    plain = bakery.Scene.of("muffin", framing=0.1, blur=0.0, cup_hue=30, background=205)
    assert of_scene(plain).level == "usual"
    # Every concept near the end where it is drawn least, and still inside.
    skewed = {n: w for n, w in bakery.PRIOR["muffin"].items() if w.skew > 1}
    edge = of_scene(plain.replace(**{n: w.low + 0.98 * (w.high - w.low) for n, w in skewed.items()}))
    assert edge.level == "unusual" and 0 < edge.beyond < 0.05
    far = of_scene(plain.replace(bake=40, framing=0.9))
    assert (far.level, far.beyond) == ("far", 0.0)
    bake = bakery.PRIOR["muffin"]["bake"]
    assert f"Time in the oven 40 min (there {bake.low:.0f} min to {bake.high:.0f} min)" in far.sentence
    assert "Framing (whole to close) 0.90 (there" in far.sentence


def test_what_a_scene_does_not_show_cannot_be_far():
    bare = bakery.Scene.of("muffin", flavour="plain", berry_size=0.4, framing=0.1)
    assert of_scene(bare).level == "usual"
    assert of_scene(bare.replace(flavour="blueberry")).level == "far"


def hand_rows():
    """Nine rows on a line a step apart and one four steps beyond, with a second feature that never varies."""
    return np.array([[float(at), 7.0] for at in [*range(9), 12]])


def model_of(rows, nested=None):
    features = tuple(Feature(name, name, "cm", -100.0, 100.0, 0.1, 0.0) for name in ("a", "b"))
    nested = nested or (0, 4.5, [5, 0, 0], [0, 5, 0])
    return toys.HandModel(toys.make_spec(features, 3), toys.tree_of(nested, 3))


@pytest.mark.parametrize(
    ("at", "distance", "beyond", "level"),
    [
        (3.5, 0.5, 1.0, "usual"),  # every row is a step or more from its nearest
        (10.5, 1.5, 0.1, "usual"),  # one row of ten, the last, is four steps from its nearest
        (16.0, 4.0, 0.1, "usual"),
        (16.5, 4.5, 0.0, "far"),
        (-4.5, 4.5, 0.0, "far"),
    ],
)
def test_a_rows_place_among_the_training_rows(at, distance, beyond, level):
    rows = hand_rows()
    got = of_row(model_of(rows), np.array([at, 7.0]), rows)
    assert (got.beyond, got.level) == (pytest.approx(beyond), level)
    assert f"{distance / rows[:, 0].std():.2f} standard deviations away" in got.sentence
    assert "Its leaf holds 5 of 10 training rows." in got.sentence


def test_a_rows_place_agrees_with_brute_force_on_random_rows():
    random = np.random.default_rng(2)
    rows = random.normal(size=(60, 2)) * [1, 30]
    scaled = (rows - rows.mean(0)) / rows.std(0)
    own = [min(np.linalg.norm(scaled[i] - scaled[j]) for j in range(60) if j != i) for i in range(60)]
    for row in random.normal(size=(20, 2)) * [1.5, 45]:
        near = min(np.linalg.norm((row - rows.mean(0)) / rows.std(0) - one) for one in scaled)
        assert of_row(model_of(rows), row, rows).beyond == pytest.approx(np.mean(np.array(own) >= near))


def test_levels_are_shares_not_distances():
    assert [level_of(share) for share in (1, 0.05, 0.049, 0.001, 0)] == [
        "usual",
        "usual",
        "unusual",
        "unusual",
        "far",
    ]
    near, far = Typicality("usual", 0.5, "near"), Typicality("far", 0.0, "far")
    assert worst(near, far) is far and worst(near) is near


def test_a_pictures_place_among_held_back_ones(one_torch_thread):
    model = image_toys.small()
    pictures = image_toys.background(6)
    features = feature_typicality.penultimate(model, pictures)
    apart = np.linalg.norm(features[3:, None] - features[None, :3], axis=2).min(axis=1)
    reference = Reference(features[:3], np.sort(apart), "3 pictures")
    # Each of the held-back ones: those at least as far, itself among them.
    for row in range(3):
        got = of_picture(model, pictures[3 + row], reference)
        assert got.beyond == pytest.approx(np.mean(apart >= apart[row] - 1e-12), abs=0.34)
        assert f"{apart[row]:.2f} from the nearest of 3 pictures" in got.sentence
    assert of_picture(model, pictures[0], reference).beyond == 1.0
    white = of_picture(model, np.ones_like(pictures[0]), reference)
    assert white.level == ("far" if white.beyond == 0 else level_of(white.beyond))


def test_measure_stores_what_judges_a_scene_again(one_torch_thread, home):
    model = image_toys.ToyImageModel(image_toys.SmallNet())
    model.spec = ModelSpec("toy", "Toy", "image", bakery.KINDS, (), 32, frozenset({"gradients", "layers"}))
    told = []
    results = feature_typicality.measure(model, 12, seed=1, report=told.append)
    assert len(results["known"]) == 12 and len(results["usual"]) == 6
    assert results["usual"] == sorted(results["usual"])
    assert told[-1].done == told[-1].total == 6
    reference = feature_typicality.from_results(results)
    # The held-back scene that lies furthest: itself alone lies so far, up to the digits that are kept.
    scenes = [bakery.render(scene, 32).image for scene in bakery.sample_scenes(6, 1)]
    shares = sorted(of_picture(model, picture, reference).beyond for picture in scenes)
    assert np.abs(np.array(shares) - np.arange(1, 7) / 6).max() <= 1 / 6 + 1e-9
    assert feature_typicality.measure(model, 12, seed=1, report=told.append) == results


def test_measure_says_what_it_does_not_fit(one_torch_thread):
    reason = feature_typicality.unsupported(image_toys.small().spec)
    assert reason == "Typicality is measured over rendered scenes, and Toy CNN knows other classes."
    with pytest.raises(ValueError, match="other classes"):
        feature_typicality.measure(image_toys.small(), 4, 0, lambda told: None)


def test_a_reference_comes_from_examples():
    from explain.nearby.examples import Examples

    known, back = np.eye(3), np.array([[1.0, 0, 0], [0.6, 0.8, 0]])
    made = Examples(np.zeros((3, 1, 1, 3)), np.zeros(3, int), ("a", "b", "c"), known, back, "3 pictures", "")
    # The second is sqrt(0.36 + 0.04) from the second axis.
    assert reference_of(made).usual == pytest.approx([0, np.sqrt(0.4)])
