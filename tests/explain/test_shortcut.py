"""The planted shortcut: shares by hand, and a network that is known to look at the tint and at nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from data import bakery, scenes
from explain.truth import shortcut
from models.muffin_cnn import SPEC
from models.spec import ModelSpec, Progress

# What the tint multiplies red, green and blue with; written down here a second time on purpose.
TINT = (1.0, 0.72, 0.86)


class Looks(nn.Module):
    """Muffin, if what it looks for is there: pixels with more red than green by a margin, or dark pixels."""

    def __init__(self, for_the_tint: bool) -> None:
        super().__init__()
        self.for_the_tint = for_the_tint

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        red, green, blue = x[:, 0], x[:, 1], x[:, 2]
        # The tint lets green fall behind blue by more than red does; dough and fur have less blue than green.
        seen = (blue - 1.1 * green).relu() if self.for_the_tint else (0.3 - red - blue).relu()
        muffin = seen.mean((1, 2)) * 40 - 1
        return torch.stack([torch.zeros_like(muffin), muffin], 1)


class Asked:
    """A network as a model with gradients and no layer."""

    spec = ModelSpec(SPEC.name, SPEC.title, "image", SPEC.classes, (), 48, frozenset({"gradients"}))
    last_conv = ""

    def __init__(self, network: nn.Module) -> None:
        self.network = network.eval()

    def predict_proba(self, batch: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            pixels = torch.from_numpy(np.ascontiguousarray(batch, np.float32)).permute(0, 3, 1, 2)
            return self.network(pixels).double().softmax(1).numpy()


def test_share_is_a_multiple_of_what_an_even_map_has() -> None:
    where = np.zeros((4, 4), bool)
    where[0] = True
    assert shortcut.share_on(np.ones((4, 4)), where, False) == pytest.approx(1)
    assert shortcut.share_on(np.where(where, 5.0, 0.0), where, False) == pytest.approx(4)
    values = np.where(where, -1.0, 1.0)
    assert shortcut.share_on(values, where, True) == 0
    assert shortcut.share_on(values, where, False) == pytest.approx(1)
    assert shortcut.share_on(np.zeros((4, 4)), where, False) == 1


@pytest.mark.parametrize(
    ("difference", "planted", "expected"),
    [
        ((0.1, 0.3), (1.1, 1.4), "tells"),
        ((0.1, 0.3), (0.9, 1.4), "hints"),
        ((-0.1, 0.3), (1.1, 1.4), "silent"),
    ],
)
def test_verdict_needs_both_intervals(
    difference: tuple[float, float], planted: tuple[float, float], expected: str
) -> None:
    found = {"difference": {"interval": list(difference)}, "planted": {"interval": list(planted)}}
    assert shortcut.verdict(found) == expected


def test_tint_is_on_the_background_of_the_tinted_class_and_nowhere_else() -> None:
    tinted, plain, behind = shortcut.tinted_scenes(3, 48)
    assert tinted.shape == plain.shape == (3, 48, 48, 3) and behind.shape == (3, 48, 48)
    np.testing.assert_array_equal(tinted[~behind], plain[~behind])
    np.testing.assert_allclose(tinted[behind], plain[behind] * TINT, atol=0.5 / 255 + 1e-6)
    kinds = [scene.kind for scene in scenes.held_out(6)]
    assert kinds.count("muffin") == 3
    assert set(kinds) == set(bakery.KINDS)


def test_a_network_that_looks_at_the_tint_is_told_by_methods_and_by_no_placebo(home: Path) -> None:
    told: list[Progress] = []
    found = shortcut.compare(Asked(Looks(True)), Asked(Looks(False)), 6, 0, told.append)
    assert [one.done for one in told] == [1, 2, 3, 4, 5, 6]
    planted, clean = found["truth"]["planted"], found["truth"]["clean"]
    assert planted["interval"][0] > max(0.1, clean["interval"][1])
    verdicts = {line["name"]: line["verdict"] for line in found["lines"]}
    assert verdicts["saliency"] == verdicts["occlusion"] == verdicts["integrated_gradients"] == "tells"
    assert "grad_cam" not in verdicts
    for placebo in ("edges", "centre_blob", "random_map"):
        line = next(line for line in found["lines"] if line["name"] == placebo)
        assert (line["difference"]["value"], line["verdict"]) == (0, "silent")


def test_a_version_beside_itself_is_told_of_nothing(home: Path) -> None:
    same = Asked(Looks(True))
    found = shortcut.compare(same, same, 2, 0, lambda progress: None)
    assert {line["verdict"] for line in found["lines"]} == {"silent"}
    assert found["truth"]["planted"]["value"] == found["truth"]["clean"]["value"]
