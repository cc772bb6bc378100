"""Agreement of maps: SciPy's rank correlation, hand-made overlaps, and a blob that nobody should lose to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from data import bakery, scenes
from draw.charts.agreement import agreement_chart
from draw.palette import LIGHT
from explain import methods
from explain.targets import ClassTarget
from explain.trust.placebos import centre_blob
from explain.truth import agreement as of_maps
from explain.truth.agreement import agreement, cells
from models import muffin_cnn, networks
from models.spec import Progress


def test_cells_hold_the_mean_size_of_what_lies_in_them() -> None:
    values = np.zeros((24, 36))
    values[0:2, 3:6] = -3
    values[22, 35] = 6
    found = cells(values)
    assert found.shape == (12, 12)
    assert found[0, 1] == 3 and found[11, 11] == 1
    assert found.sum() == 4


def test_ranks_are_those_of_scipy_over_the_cells() -> None:
    random = np.random.default_rng(0)
    one, other = random.normal(size=(96, 96)), random.normal(size=(96, 96))
    other += 2 * one
    (pair,) = agreement({"one": one, "other": other}).pairs
    assert pair.rank == pytest.approx(spearmanr(cells(one).ravel(), cells(other).ravel()).statistic)
    assert 0.1 < pair.rank < 0.99


def test_overlap_is_the_share_of_the_strongest_fifth_that_both_have() -> None:
    """Of 144 cells 29 are a fifth; the two maps' strongest rows have 24 and then 5 cells in common."""
    one, other = np.zeros((12, 12)), np.zeros((12, 12))
    one[0:2] = 10 - np.arange(24).reshape(2, 12) / 100
    one[5, :5] = 5
    other[0:2] = 7
    other[8, :5] = 5
    (pair,) = agreement({"one": one, "other": other}).pairs
    assert pair.overlap == pytest.approx(24 / 29)
    (same,) = agreement({"one": one, "again": 3 * one}).pairs
    assert (same.overlap, same.rank) == (1, pytest.approx(1))


def test_two_maps_disagree_where_a_blob_is_nearer_to_each() -> None:
    blob = centre_blob((48, 48))
    left, right = blob.copy(), blob.copy()
    left[:, 24:] *= 0.2
    right[:, :24] *= 0.2
    (pair,) = agreement({"left": left, "right": right}).pairs
    assert pair.disagree
    found = agreement({"left": left, "blob": blob, "right": right})
    assert [(p.one, p.other) for p in found.disagreeing] == [("left", "right")]


def test_maps_that_rank_a_picture_the_other_way_round_disagree() -> None:
    """One lies on the object, the other on all around it, which is even less like a blob than like the first."""
    blob = centre_blob((48, 48))
    noise = np.random.default_rng(0).normal(size=(2, 48, 48)) * 3
    inside, around = np.abs(blob + noise[0]), np.abs(2 - 2 * blob + noise[1] / 6)
    found = agreement({"inside": inside, "around": around})
    (pair,) = found.pairs
    ranks = [spearmanr(cells(one).ravel(), cells(blob).ravel()).statistic for one in (inside, around)]
    assert min(ranks) < pair.rank < 0 < max(ranks), "the blob's rule alone would not see it"
    assert pair.disagree
    assert "or ranks what it shows the other way round" in of_maps.finding(
        found, {"inside": "Inside", "around": "Around"}
    )


def test_an_empty_map_has_no_ranks_to_disagree_by() -> None:
    (pair,) = agreement({"empty": np.zeros((48, 48)), "blob": centre_blob((48, 48))}).pairs
    assert (pair.rank, pair.disagree) == (0, False)


def test_one_map_alone_or_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="two or more maps of one shape, not 1 of 1"):
        agreement({"one": np.ones((4, 4))})
    with pytest.raises(ValueError, match="not 2 of 2"):
        agreement({"one": np.ones((4, 4)), "other": np.ones((5, 5))})


def test_over_scenes_it_is_the_mean_of_what_holds_for_each(home: Path) -> None:
    """Two scenes, the methods asked on their own: the stored means are those of the two agreements."""
    torch.manual_seed(0)
    network = networks.build(2, "residual", 4)
    network.initialise(torch.Generator().manual_seed(1), "none")
    model = networks.NetworkModel(muffin_cnn.SPEC, network)
    told: list[Progress] = []
    found = of_maps.measure(model, 2, 0, told.append)
    assert [(one.done, one.total) for one in told] == [(1, 2), (2, 2)]
    assert found["scenes"] == 2

    names = ("saliency", "occlusion")
    alone = []
    for scene in scenes.held_out(2):
        picture = bakery.render(scene, 96).image
        target = int(np.argmax(model.predict_proba(picture[None])))
        maps = {
            n: methods.image_method(n).attribute(model, picture, ClassTarget(target)).values for n in names
        }
        alone.append(agreement(maps).pairs[0])
    (pair,) = [one for one in found["pairs"] if {one["one"], one["other"]} == set(names)]
    assert pair["rank"]["value"] == pytest.approx(np.mean([one.rank for one in alone]))
    assert pair["overlap"]["value"] == pytest.approx(np.mean([one.overlap for one in alone]))
    assert pair["rank"]["interval"][0] <= pair["rank"]["value"] <= pair["rank"]["interval"][1]


def test_a_narrow_chart_keeps_the_crosses_and_the_shares() -> None:
    pair = of_maps.Pair("a", "b", rank=-1.0, overlap=0.996, disagree=True)
    drawn = agreement_chart(of_maps.Agreement(("a", "b"), (pair,)), {"a": "A", "b": "B"}, LIGHT)
    told = {(one["row"], one["column"]): one for one in drawn["layer"][0]["data"]["values"]}
    assert (told["A", "B"]["text"], told["A", "B"]["short"]) == ("−1.00 ✕", "✕")
    assert told["B", "A"]["short"] == "100"
    long, short = (layer["mark"]["fontSize"]["expr"] for layer in drawn["layer"][1:])
    assert (long, short) == ("width < 100 ? 0 : 13", "width < 100 ? 11 : 0")
