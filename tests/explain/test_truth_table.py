"""The table of methods: its means against single scenes, its intervals against SciPy's."""

import json

import numpy as np
import pytest
from scipy import stats

from data import bakery, scenes
from data.failures import UserMistake
from explain import methods
from explain.attributions.attribution import MethodError
from explain.targets import ClassTarget
from explain.trust import placebos
from explain.truth import truth_table
from explain.truth.part_agreement import can_be_judged, compare
from explain.truth.part_effects import part_effects
from explain.truth.truth_table import RESAMPLES, mean_interval
from tests.explain import image_toys
from tests.explain.part_toys import SIDE, SPEC, ToyScenes

pytestmark = pytest.mark.usefixtures("one_torch_thread")
N = 5


@pytest.fixture(scope="module")
def model():
    """Sees red in the lower half and the lack of it in the upper."""
    weights = np.zeros((SIDE, SIDE, 3))
    weights[..., 0] = np.linspace(-1, 1, SIDE)[:, None] / SIDE
    return ToyScenes(weights)


@pytest.fixture(scope="module")
def told():
    """What was reported while the table was made."""
    return []


@pytest.fixture(scope="module")
def two_methods():
    """What all methods have in common is tested on two that are cheap."""
    fits = tuple(methods.Fit(methods.image_method(name), None) for name in ("saliency", "occlusion"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(methods, "for_spec", lambda spec: fits)
        yield


@pytest.fixture(scope="module")
def table(model, told, two_methods):
    return truth_table.measure(model, N, 3, told.append)


def correlation(a, b):
    """SciPy's rank correlation; 0 where one side has no ranks."""
    return 0.0 if np.ptp(a) == 0 or np.ptp(b) == 0 else stats.spearmanr(a, b).statistic


def silent(progress):
    """Progress that nobody wants to see."""


def test_every_method_and_placebo_has_a_line(model):
    table = truth_table.measure(model, 1, 3, silent)
    fitting = [fit.method.name for fit in methods.for_spec(SPEC) if fit.reason is None]
    fake = [placebo.name for placebo in placebos.without_model(np.zeros((SIDE, SIDE, 3)), 3)]
    lines = {line["name"]: line for line in table["lines"]}
    signed = ["signed_centre_blob", "object_against_background"]
    assert list(lines) == [*fitting, *fake, "even", *signed, "lookup_table", "lookup_sizes"]
    assert all((line["passes"] is None) == (name not in fitting) for name, line in lines.items())
    assert [name for name, line in lines.items() if line["role"] == "placebo"] == [*fake, "even", *signed]


def test_the_table_is_json_and_tells_its_progress(table, told):
    assert json.loads(json.dumps(table, allow_nan=False)) == table
    assert [(step.done, step.total) for step in told] == [(k, N) for k in range(1, N + 1)] * 2
    assert len({step.step for step in told}) == 2


def test_the_table_is_the_mean_of_its_scenes(model, table):
    lines = {line["name"]: line for line in table["lines"]}
    parts = [part_effects(model, scene) for scene in scenes.held_out(N)]
    used = [one for one in parts if can_be_judged(one)]
    assert table["judged"] == len(used) > 1 and table["scenes"] == N
    area, blob, less_mean, against, judged, ranks = [], [], [], [], [], []
    for one in used:
        values = (
            methods.image_method("occlusion")
            .attribute(model, one.pictures[0], ClassTarget(one.target))
            .values
        )
        masses = [values[mask].sum() for mask in one.masks]
        ranks.append(stats.spearmanr(masses, one.effects).statistic)
        area.append(stats.spearmanr(one.shares, one.effects).statistic)
        spot = placebos.centre_blob((SIDE, SIDE))
        blob.append(stats.spearmanr([spot[mask].sum() for mask in one.masks], one.effects).statistic)
        less = spot - spot.mean()
        less_mean.append(correlation([less[mask].sum() for mask in one.masks], one.effects))
        sides = [-1 if name == "background" else 1 for name in one.names]
        against.append(correlation(np.array(sides) * one.shares, one.effects))
        judged.append(compare(one, values, True, "x"))
    line = lines["occlusion"]
    assert line["correlation"]["value"] == pytest.approx(np.mean(ranks))
    over = line["over_placebo"]
    assert over["value"] == pytest.approx(np.mean(ranks) - over["placebo"])
    # The best of six, four of which are worked out here.
    own = {
        "Centre blob": np.mean(blob),
        "The same everywhere (area alone)": np.mean(area),
        "Centre blob less its mean": np.mean(less_mean),
        "Object against background": np.mean(against),
    }
    assert over["placebo"] >= max(own.values()) - 1e-12
    assert over["placebo"] == pytest.approx(own.get(over["title"], over["placebo"]))
    for title in ("Centre blob less its mean", "Object against background"):
        (placebo,) = (one for one in table["lines"] if one["title"] == title)
        assert placebo["correlation"]["value"] == pytest.approx(own[title]) and placebo["signed"]
    assert line["top"]["value"] == pytest.approx(np.mean([one.top_is_right for one in judged]))
    assert line["contradicted"]["value"] == np.mean([one.verdict == "contradicted" for one in judged])
    assert line["signs"]["value"] == pytest.approx(np.mean([one.signs for one in judged]))
    even = lines["even"]
    sizes = [stats.spearmanr(one.shares, np.abs(one.effects)).statistic for one in used]
    assert even["correlation"]["value"] == pytest.approx(np.mean(sizes))
    assert even["over_placebo"] is even["contradicted"] is even["signs"] is None
    # Maps without signs are compared with placebos without, as they stand in the table.
    plain = [one for one in lines.values() if one["role"] == "placebo" and not one["signed"]]
    best = max(one["correlation"]["value"] for one in plain)
    assert lines["saliency"]["over_placebo"]["placebo"] == pytest.approx(best)


def test_the_lookup_table_knows_the_other_scenes_and_never_the_picture(model, table):
    parts = [part_effects(model, scene) for scene in scenes.held_out(N)]
    signed, sizes = [], []
    for number, one in enumerate(parts):
        if not can_be_judged(one):
            continue
        alike = [k for k in range(N) if k != number and parts[k].kind == one.kind]
        alike = [parts[k] for k in alike if parts[k].target == one.target]
        means, absolute = [], []
        for name in one.names:
            effects = [other.effects[other.names.index(name)] for other in alike if name in other.names]
            means.append(np.mean(effects) if effects else 0.0)
            absolute.append(np.mean(np.abs(effects)) if effects else 0.0)
        signed.append(correlation(means, one.effects))
        sizes.append(correlation(absolute, np.abs(one.effects)))
    lines = {line["name"]: line for line in table["lines"]}
    assert lines["lookup_table"]["correlation"]["value"] == pytest.approx(np.mean(signed))
    assert lines["lookup_sizes"]["correlation"]["value"] == pytest.approx(np.mean(sizes))
    for name, bar in (("occlusion", signed), ("saliency", sizes)):
        over = lines[name]["over_lookup"]
        assert over["lookup"] == pytest.approx(np.mean(bar))
        assert over["value"] == pytest.approx(lines[name]["correlation"]["value"] - np.mean(bar))
    assert lines["even"]["over_lookup"] is lines["lookup_table"]["over_placebo"] is None


def test_what_the_parts_do_is_averaged_by_kind(model, table):
    drawn = scenes.held_out(N)
    for row in table["parts"]:
        own = [part_effects(model, scene) for scene in drawn if scene.kind == row["kind"]]
        effects = [one.effects[one.names.index(row["part"])] for one in own if row["part"] in one.names]
        assert row["effect"]["value"] == pytest.approx(np.mean(effects)) and row["scenes"] == len(effects)
    kinds = {row["kind"] for row in table["parts"]}
    assert kinds == set(bakery.KINDS)


def test_the_interval_is_scipys_percentile_bootstrap():
    values = np.random.default_rng(5).normal(0.3, 0.5, 60)
    ours = mean_interval(values, np.random.default_rng(8))
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=np.random.default_rng(8)
    ).confidence_interval
    assert ours["value"] == pytest.approx(values.mean())
    assert ours["interval"] == pytest.approx([theirs.low, theirs.high])
    # Another draw, another interval; the mean stays.
    other = mean_interval(values, np.random.default_rng(9))
    assert other["value"] == ours["value"] and other["interval"] != ours["interval"]


def test_the_same_seed_gives_the_same_table_and_another_one_other_resamples(model, two_methods):
    one, again, other = (truth_table.measure(model, 2, seed, silent) for seed in (0, 0, 1))
    assert one == again
    first, second = one["lines"][0]["correlation"], other["lines"][0]["correlation"]
    assert first["value"] == second["value"]


def test_what_cannot_be_measured_is_said(model):
    with pytest.raises(UserMistake, match="at least 1 scene, not 0"):
        truth_table.measure(model, 0, 0, silent)
    with pytest.raises(MethodError, match="knows a, b, c"):
        truth_table.measure(image_toys.small(), 2, 0, silent)
    with pytest.raises(UserMistake, match="In none of 2 scenes"):
        truth_table.measure(ToyScenes(np.zeros((SIDE, SIDE, 3))), 2, 0, silent)
