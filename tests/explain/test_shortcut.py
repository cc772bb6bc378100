"""The planted shortcut: shares by hand, and a network that is known to look at the tint and at nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from data import bakery
from explain.truth import shortcut, shortcut_pair
from models.muffin_cnn import SPEC
from models.spec import ModelSpec, Progress


class Looks(nn.Module):
    """Muffin, if what it looks for is there: pixels with much more red and blue than green, or dark pixels."""

    def __init__(self, for_the_tint: bool) -> None:
        super().__init__()
        self.for_the_tint = for_the_tint

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        red, green, blue = x[:, 0], x[:, 1], x[:, 2]
        # Pink, by half, has this much at least; dough and fur have less blue than green.
        seen = (red + blue - 2 * green - 0.1).relu() if self.for_the_tint else (0.3 - red - blue).relu()
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


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(shortcut_pair, "PICTURES", 18)
    return 18


def test_a_network_that_looks_at_the_tint_is_told_by_methods_and_by_no_placebo(home: Path, few: int) -> None:
    told: list[Progress] = []
    found = shortcut.compare(Asked(Looks(True)), Asked(Looks(False)), 4, 0, told.append)
    assert [(one.done, one.total) for one in told] == [(1, 2), (2, 2), *((done, 8) for done in range(1, 9))]
    assert [one["kind"] for one in found["asked"]] == [one["kind"] for one in found["answers"]]
    assert [one["kind"] for one in found["asked"]] == list(bakery.KINDS)
    for answered, asked in zip(found["answers"], found["asked"], strict=True):
        planted, clean = answered["planted"]["effect"], answered["clean"]["effect"]
        assert planted["interval"][0] > max(0.1, clean["interval"][1])
        verdicts = {line["name"]: line["verdict"] for line in asked["lines"]}
        assert verdicts["saliency"] == verdicts["occlusion"] == verdicts["integrated_gradients"] == "tells"
        assert "grad_cam" not in verdicts
        for placebo in ("edges", "centre_blob", "random_map"):
            line = next(line for line in asked["lines"] if line["name"] == placebo)
            assert (line["difference"]["value"], line["verdict"]) == (0, "silent")


def test_a_version_beside_itself_is_told_of_nothing(home: Path, few: int) -> None:
    same = Asked(Looks(True))
    found = shortcut.compare(same, same, 2, 0, lambda progress: None)
    for answered, asked in zip(found["answers"], found["asked"], strict=True):
        assert {line["verdict"] for line in asked["lines"]} == {"silent"}
        assert answered["planted"]["tinted"] == answered["clean"]["tinted"]
        assert answered["planted"]["effect"]["value"] == answered["clean"]["effect"]["value"]
