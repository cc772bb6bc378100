"""How far an input lies from the training: against draws, scikit-learn, and distances worked out by hand."""

import numpy as np
import pytest

from data import bakery
from data.features import Feature
from explain.typicality import feature_typicality
from explain.typicality.feature_typicality import Reference, of_picture
from explain.typicality.typicality import Typicality, level_of, of_row, of_scene, worst
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
    traits, weight = {}, np.zeros(count)
    for name, options in bakery.TRAIT_WEIGHTS[kind].items():
        shares = np.array(list(options.values()))
        which = random.choice(len(options), count, p=shares)
        traits[name], weight = np.array(list(options))[which], weight + np.log(shares[which])
    densities = np.sort(log_density(kind, drawn) + weight)
    for row in range(60):
        values = {name: column[[row]] for name, column in drawn.items()}
        chosen = {name: str(column[row]) for name, column in traits.items()}
        scene = bakery.Scene.of(kind, **{name: float(value[0]) for name, value in values.items()}, **chosen)
        counted = np.searchsorted(densities, log_density(kind, values)[0] + weight[row]) / count
        # So many draws know a share to 0.005 at three standard errors.
        assert of_scene(scene).beyond == pytest.approx(counted, abs=0.006)


def test_a_common_scene_is_usual_a_rare_one_unusual_and_one_outside_far():
    plain = bakery.Scene.of("muffin", framing=0.1, blur=0.0, cup_hue=30, background=205)
    assert of_scene(plain).level == "usual"
    # Every concept near the end where it is drawn least, and still inside; and the rarest options.
    skewed = {n: w for n, w in bakery.PRIOR["muffin"].items() if w.skew > 1}
    ends = {n: w.low + 0.98 * (w.high - w.low) for n, w in skewed.items()}
    edge = of_scene(plain.replace(**ends, flavour="chocolate", backdrop="grass"))
    assert edge.level == "unusual" and 0 < edge.beyond < 0.05
    assert edge.beyond < of_scene(plain.replace(**ends)).beyond < of_scene(plain).beyond
    # The very end is still where scenes are drawn.
    last = plain.replace(**{n: w.high for n, w in skewed.items()}, flavour="chocolate", backdrop="grass")
    assert of_scene(last).level == "unusual" and 0 < of_scene(last).beyond < edge.beyond
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


def test_rows_that_change_in_place_are_looked_at_anew():
    rows = hand_rows()
    model, row = model_of(rows), np.array([10.5, 7.0])
    assert of_row(model, row, rows).beyond == pytest.approx(0.1), "one row is further from its nearest"
    rows[:, 0] = np.arange(10)
    assert of_row(model, row, rows).beyond == 0.0, "every row is now one step from its nearest"


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
        assert got.beyond == pytest.approx(np.mean(apart >= apart[row] - 1e-12))
        assert f"{apart[row]:.2f} from the nearest of 3 pictures" in got.sentence
    assert of_picture(model, pictures[0], reference).beyond == 1.0
    far = Reference(features[:3], np.zeros(3), "3 pictures")
    assert of_picture(model, pictures[3], far).level == "far"
