"""The network: what it is made of, that it learns, and that its temperature is right."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from data import scenes, workspace
from data.failures import UserMistake
from models import (
    augmentation,
    calibration,
    catalogue,
    image_inputs,
    muffin_cnn,
    network_training,
    networks,
    training,
)
from models.augmentation import PHOTO_CUT, SCENE_CUT
from models.given import InputError
from models.spec import SettingError

torch = pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def _leave_torch_as_it_was() -> Iterator[None]:
    before = torch.are_deterministic_algorithms_enabled()
    yield
    torch.use_deterministic_algorithms(before)


def network(width: int = 4, seed: int = 0) -> Any:
    made = networks.ResidualNetwork(2, width)
    made.initialise(torch.Generator().manual_seed(seed), "none")
    return made


def model(seed: int = 0) -> networks.NetworkModel:
    return networks.NetworkModel(muffin_cnn.SPEC, network(seed=seed))


def pictures(n: int, seed: int = 0, side: int = 96) -> np.ndarray:
    return np.random.default_rng(seed).random((n, side, side, 3), dtype=np.float32)


def test_the_default_network_has_about_300_000_weights_and_takes_no_maximum() -> None:
    default = next(s.default for s in muffin_cnn.DEFINITION.settings if s.name == "width")
    made = networks.ResidualNetwork(2, int(default))
    assert 250_000 <= sum(value.numel() for value in made.parameters()) <= 350_000
    assert not any("MaxPool" in type(module).__name__ for module in made.modules())


def test_the_network_is_what_the_gradient_methods_are_promised() -> None:
    found = model()
    assert found.spec.capabilities == {"gradients", "layers"}
    assert not found.network.training
    assert found.network.get_submodule(found.last_conv) is found.network.blocks[-1]
    x = torch.from_numpy(pictures(3)).permute(0, 3, 1, 2).requires_grad_()
    logits = found.network(x)
    assert logits.shape == (3, 2)
    np.testing.assert_allclose(
        logits.detach().double().softmax(1).numpy(), found.predict_proba(pictures(3)), atol=1e-6
    )
    (gradient,) = torch.autograd.grad(logits[:, 1].sum(), x)
    assert gradient.abs().sum() > 0


def test_pictures_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(n, 96, 96, 3\), not \(1, 95, 95, 3\)"):
        model().predict_proba(pictures(1, side=95))


def test_the_file_gives_back_the_network_and_has_one_metadata_entry() -> None:
    made = model()
    content = networks.dump(made, "residual", 4)
    assert networks.dump(made, "residual", 4) == content
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    assert len(header["__metadata__"]) == 1
    restored = networks.restore(muffin_cnn.SPEC, content)
    before, after = networks.named_arrays(made), networks.named_arrays(restored)
    assert before.keys() == after.keys()
    for name, array in before.items():
        np.testing.assert_array_equal(array, after[name])
    np.testing.assert_array_equal(restored.predict_proba(pictures(5)), made.predict_proba(pictures(5)))


def test_the_temperature_divides_the_logits() -> None:
    made = model()
    x = torch.from_numpy(pictures(4)).permute(0, 3, 1, 2)
    before = made.network(x)
    made.network.temperature.fill_(2.0)
    np.testing.assert_allclose(made.network(x).numpy(), before.numpy() / 2, rtol=1e-6)


def test_answering_needs_neither_torchvision_nor_captum(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(networks.dump(model(), "residual", 4))
    Image.fromarray((pictures(1)[0] * 255).astype(np.uint8)).save(tmp_path / "a.png")
    code = f"""
import sys
from pathlib import Path
from models import catalogue, image_inputs
definition = catalogue.definition("muffin_cnn")
assert "torch" not in sys.modules
model = definition.restore(Path({str(tmp_path / "model")!r}).read_bytes())
print(model.predict_proba(image_inputs.read(definition.spec, [{str(tmp_path / "a.png")!r}]).x).shape)
print(sorted({{"torchvision", "captum", "shap", "sklearn", "scipy"}} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=workspace.ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.split("\n")[:2] == ["(1, 2)", "[]"], done.stderr


@pytest.mark.parametrize("there", [True, False])
def test_a_trained_backbone_needs_its_weights(
    there: bool, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file lies in torch's cache it is used; where it cannot be had, one sentence says so."""
    torchvision = pytest.importorskip("torchvision")
    from models import backbones

    cache = tmp_path / "hub" / "checkpoints"
    cache.mkdir(parents=True)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(
        "urllib.request.urlopen", lambda *_, **__: (_ for _ in ()).throw(OSError("no network"))
    )
    made = networks.build(2, "mobilenet_v3_small", 0)
    if not there:
        with pytest.raises(
            backbones.WeightsError, match=r"cannot be loaded .*mobilenet_v3_small.*weights=none"
        ):
            made.initialise(torch.Generator().manual_seed(0), "DEFAULT")
        return
    known = torchvision.models.mobilenet_v3_small(weights=None)
    name = torchvision.models.MobileNet_V3_Small_Weights.DEFAULT.url.rpartition("/")[2]
    torch.save(known.state_dict(), cache / name)
    made.initialise(torch.Generator().manual_seed(0), "DEFAULT")
    for mine, theirs in zip(made.features.parameters(), known.features.parameters(), strict=True):
        assert torch.equal(mine, theirs)
    first = networks.NetworkModel(muffin_cnn.SPEC, made)
    restored = networks.restore(muffin_cnn.SPEC, networks.dump(first, "mobilenet_v3_small", 0))
    np.testing.assert_array_equal(restored.predict_proba(pictures(2)), first.predict_proba(pictures(2)))
    assert first.network.get_submodule(first.last_conv) is made.features[8]


def test_trained_weights_belong_to_a_trained_backbone(home: Path) -> None:
    settings = training.settings_for(muffin_cnn.DEFINITION, {"scenes": 32, "weights": "DEFAULT"})
    with pytest.raises(SettingError, match="needs another backbone"):
        muffin_cnn.fit(muffin_cnn.load(scenes.NAME, settings), settings, 0, lambda progress: None)


@pytest.mark.parametrize("augmented", [False, True])
def test_a_network_learns_what_can_be_learned(augmented: bool) -> None:
    """Stripes that lie or stand: no colour and no brightness tells them apart."""
    rng = np.random.default_rng(3)
    y = np.arange(64) % 2
    stripes = np.zeros((64, 32, 32, 3), np.uint8)
    for row, label in enumerate(y):
        wave = 127 + 120 * np.sin(np.arange(32) * rng.uniform(0.8, 1.2) + rng.uniform(0, 6))
        stripes[row] = (wave[:, None, None] if label else wave[None, :, None]) * rng.uniform(0.6, 1, 3)
    images, labels = torch.from_numpy(stripes), torch.from_numpy(y)
    averaged, curve = network_training.train(
        network(seed=1),
        images,
        labels,
        [network_training.Stream(torch.arange(48), 16, SCENE_CUT)],
        network_training.Recipe(12, 0.01, 32, augmented),
        torch.Generator().manual_seed(1),
        lambda progress: None,
        lambda found: float(
            (found(augmentation.plain(images[48:], 32)).argmax(1) == labels[48:]).float().mean()
        ),
    )
    assert curve[-1]["accuracy"] >= 0.9 and curve[-1]["loss"] < curve[0]["loss"]
    assert not averaged.training and len(curve) == 12


@pytest.mark.parametrize("cut", [PHOTO_CUT, SCENE_CUT])
def test_augmented_pictures_are_pictures_and_follow_the_generator(cut: augmentation.Cut) -> None:
    images = torch.from_numpy((pictures(40, side=48) * 255).astype(np.uint8))
    before = images.clone()
    first, again, other = (
        augmentation.augment(images, 32, cut, torch.Generator().manual_seed(seed)) for seed in (4, 4, 5)
    )
    assert first.shape == (40, 3, 32, 32) and first.dtype == torch.float32
    assert float(first.min()) >= 0 and float(first.max()) <= 1
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert torch.equal(images, before)


def test_a_crop_is_not_closer_than_it_may_be() -> None:
    """On a ramp from left to right the span of values says how much of the width a crop shows."""
    ramp = torch.linspace(0, 1, 256).expand(400, 3, 256, 256)
    spans = {}
    for cut in (PHOTO_CUT, SCENE_CUT):
        found = augmentation._crop(ramp, 24, cut, torch.Generator().manual_seed(0))
        spans[cut] = (found.amax((1, 2, 3)) - found.amin((1, 2, 3))).numpy()
    assert spans[SCENE_CUT].min() > 0.5**0.5 * 0.8
    assert 0.2 < spans[PHOTO_CUT].min() < 0.4


def test_scores_of_known_answers() -> None:
    y = np.array([0, 1, 1, 0])
    right = np.eye(2)[y]
    assert calibration.brier_score(right, y) == 0
    assert calibration.brier_score(1 - right, y) == 2
    assert calibration.brier_score(np.full((4, 2), 0.5), y) == 0.5
    assert calibration.expected_calibration_error(right, y) == 0
    # Four times 90 % sure, three times right: 0.15 off.
    sure = np.array([[0.9, 0.1], [0.1, 0.9], [0.1, 0.9], [0.1, 0.9]])
    assert calibration.expected_calibration_error(sure, y) == pytest.approx(0.15)
    # Four times certain, twice right: certainty belongs to the last bin.
    assert calibration.expected_calibration_error(np.eye(2)[[0, 1, 0, 1]], y) == pytest.approx(0.5)


@pytest.mark.parametrize("true", [0.4, 1.0, 2.5])
def test_the_temperature_is_found_again(true: float) -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, (20000, 3))
    shares = np.exp(logits / true) / np.exp(logits / true).sum(axis=1, keepdims=True)
    y = (rng.random((20000, 1)) > shares.cumsum(axis=1)).sum(axis=1).clip(max=2)
    found = calibration.temperature(logits, y, np.ones(len(y)))
    assert found == pytest.approx(true, rel=0.05)


def test_the_temperature_of_a_model_that_is_always_right_is_as_sure_as_its_rows_allow() -> None:
    """Logits of ±a, n rows of each class, all right: sigmoid(2 a / T) = (n + 1) / (n + 2), solved for T."""
    n, a = 40, 3.0
    y = np.repeat([0, 1], n)
    logits = np.where(y[:, None] == np.arange(2), a, -a)
    found = calibration.temperature(logits, y, np.ones(2 * n))
    assert found == pytest.approx(2 * a / np.log(n + 1), rel=1e-4)


@pytest.mark.parametrize("k", [3, 5])
def test_the_temperature_of_k_classes_counts_a_row_for_each_of_the_others(k: int) -> None:
    """Logit a for the right one and 0 else, n rows each: the share (n + 1) / (n + k) gives e^(a / T) = n + 1.

    Rows that are wrong and weigh nothing only add to the n rows of their class.
    """
    n, a, unheard = 6, 3.0, 4
    y = np.repeat(np.arange(k), n + unheard)
    heard = np.tile(np.arange(n + unheard) < n, k)
    logits = a * np.eye(k)[np.where(heard, y, (y + 1) % k)]
    found = calibration.temperature(logits, y, heard.astype(float))
    assert found == pytest.approx(a / np.log(n + unheard + 1), rel=1e-4)


def test_inputs_are_files_and_folders_in_the_order_given(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    (folder / "deep").mkdir(parents=True)
    for place in (tmp_path / "z.png", folder / "b.png", folder / "deep" / "a.png"):
        Image.new("RGB", (50, 40), (255, 0, 0)).save(place)
    (folder / "notes.txt").write_text("no picture")
    found = image_inputs.read(muffin_cnn.SPEC, [str(tmp_path / "z.png"), str(folder)])
    assert found.names == tuple(
        str(p) for p in (tmp_path / "z.png", folder / "b.png", folder / "deep" / "a.png")
    )
    assert found.x.shape == (3, 96, 96, 3) and found.x.dtype == np.float32
    np.testing.assert_array_equal(found.x[0, 40, 40], [1, 0, 0])
    assert len(found.left_out) == 1 and "notes.txt" in found.left_out[0]
    for given in (str(tmp_path / "gone.png"), str(folder / "notes.txt")):
        with pytest.raises(UserMistake):
            image_inputs.read(muffin_cnn.SPEC, [given])
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no picture"):
        image_inputs.read(muffin_cnn.SPEC, [str(tmp_path / "empty")])


def test_it_stands_in_the_catalogue() -> None:
    definition = catalogue.definition("muffin_cnn")
    assert definition.dataset == scenes.NAME and not definition.at_first_start
