"""Two versions and the tint: what is counted, by a network that can be worked out by hand, and what makes twins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from data import bakery, scenes
from explain.truth import shortcut_pair
from governance.record import Record
from models import catalogue
from models.muffin_cnn import SPEC
from models.spec import ModelSpec, Progress
from tests.picture_toys import DEFINITION as OTHER

N, SIZE, SLOPE, OFFSET = 5, 48, 30.0, -3.0
# Written down here a second time on purpose.
PINK = np.array([240, 90, 160]) / 255


class Pinkness(nn.Module):
    """The logit of muffin is a straight line in the mean of red and blue less twice green."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        muffin = SLOPE * (x[:, 0] + x[:, 2] - 2 * x[:, 1]).mean((1, 2)) + OFFSET
        return torch.stack([torch.zeros_like(muffin), muffin], 1)


class Never(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.stack([torch.ones(len(x)), torch.zeros(len(x))], 1)


class Asked:
    spec = ModelSpec(SPEC.name, SPEC.title, "image", SPEC.classes, (), SIZE, frozenset({"gradients"}))
    last_conv = ""

    def __init__(self, network: nn.Module) -> None:
        self.network = network.eval()

    def predict_proba(self, batch: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return self.network(torch.from_numpy(batch).permute(0, 3, 1, 2)).double().softmax(1).numpy()


def pinkness(pictures: np.ndarray) -> np.ndarray:
    return (pictures @ np.array([1.0, -2.0, 1.0])).mean((1, 2))


@pytest.mark.parametrize("kind", bakery.KINDS)
def test_tint_is_on_the_background_and_nowhere_else(kind: str) -> None:
    tinted, plain, behind = shortcut_pair.tinted_scenes(3, 48, kind)
    assert tinted.shape == plain.shape == (3, 48, 48, 3) and behind.shape == (3, 48, 48)
    np.testing.assert_array_equal(tinted[~behind], plain[~behind])
    np.testing.assert_allclose(tinted[behind], (plain[behind] + PINK) / 2, atol=0.5 / 255 + 1e-6)
    expected = [scene for scene in scenes.held_out(6) if scene.kind == kind]
    first = bakery.to_bytes(bakery.render(expected[0], 48).image)
    assert len(expected) == 3 and np.array_equal(np.rint(plain[0] * 255), first)


def test_answers_are_counted_and_the_effect_is_what_the_tint_adds() -> None:
    told: list[Progress] = []
    versions = {"one": Asked(Pinkness()), "other": Asked(Never())}
    found = shortcut_pair.answers(versions, N, lambda values: {"values": values.tolist()}, told.append)
    assert [(one.done, one.total) for one in told] == [(1, 2), (2, 2)]
    assert [(one["kind"], one["pictures"]) for one in found] == [(kind, N) for kind in bakery.KINDS]
    counts = []
    for one in found:
        tinted, plain, behind = shortcut_pair.tinted_scenes(N, SIZE, one["kind"])
        # The tint moves a pixel of the background half the way to pink.
        moved = behind[..., None] * (PINK - plain) / 2
        rounding = SLOPE * 4 * 0.5 / 255
        assert one["one"]["effect"]["values"] == pytest.approx(SLOPE * pinkness(moved), abs=rounding)
        for look, pictures in (("plain", plain), ("tinted", tinted)):
            muffin = int(np.sum(SLOPE * pinkness(pictures) + OFFSET > 0))
            assert one["one"][look]["called"] == muffin and one["one"][look]["share"] == muffin / N
            counts.append(muffin)
        # Wilson's interval of none in n has a closed form.
        z = 1.959964
        assert one["other"]["tinted"]["called"] == 0 and one["other"]["effect"]["values"] == [0] * N
        assert one["other"]["tinted"]["interval"] == pytest.approx([0, z**2 / (N + z**2)], abs=1e-6)
    assert min(counts[1::2]) > 0 and len(set(counts)) > 1


def test_the_telling_picture_is_the_first_that_turns() -> None:
    shades = np.array([0.0, 0.2, 0.0, 0.0])
    plain = np.ones((4, 4, 4, 3), np.float32) * 0.5
    tinted = plain.copy()
    plain[..., 0] += shades[:, None, None]
    # By a straight line of 30 times pinkness less 3, muffin begins at a pinkness of 0.1.
    tinted[..., 0] += np.array([0.05, 0.3, 0.2, 0.4])[:, None, None]
    assert shortcut_pair.telling(Asked(Pinkness()), tinted, plain) == 2
    assert shortcut_pair.telling(Asked(Never()), tinted, plain) == 0


def record(data: str = scenes.NAME, seed: int = 0, **settings: Any) -> Record:
    steps = [scenes.tint_step()] if data == scenes.SHORTCUT else []
    parameters = {"settings": {"epochs": 3, "checkpoints": 6} | settings, "seed": seed, "threads": 2}
    return Record({"data": {"name": data, "transforms": steps}, "parameters": parameters})


def test_twins_differ_in_nothing_but_the_tint() -> None:
    planted = record(scenes.SHORTCUT)
    assert shortcut_pair.differences(planted, record()) == []
    assert shortcut_pair.differences(planted, record(checkpoints=0)) == []
    assert shortcut_pair.differences(planted, record(seed=1, epochs=12)) == [
        "epochs 3 and 12",
        "seed 0 and 1",
    ]
    assert shortcut_pair.differences(planted, record("photos")) == ["the data (photos)"]
    assert shortcut_pair.differences(record(scenes.SHORTCUT, width=8), record()) == ["width 8 and None"]


def test_only_this_tint_is_the_planted_shortcut() -> None:
    assert shortcut_pair.is_planted(record(scenes.SHORTCUT))
    assert not shortcut_pair.is_planted(record())
    another = record(scenes.SHORTCUT)
    another.body["data"]["transforms"] = [{**scenes.tint_step(), "share": 0.1}]
    assert not shortcut_pair.is_planted(another)


def test_a_training_is_asked_for_settings_that_the_model_has() -> None:
    definition = catalogue.definition("muffin_cnn")
    asked = shortcut_pair.training(definition)
    assert asked == dict(shortcut_pair.TRAINING)
    by_name = {setting.name: setting for setting in definition.settings}
    assert all(by_name[name].parse(value) == value for name, value in asked.items())
    assert set(shortcut_pair.training(OTHER)) == {setting.name for setting in OTHER.settings} & set(asked)
