"""What an image what-if shows, made without a store: a network with drawn weights, and a scene or a photo."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from data import scenes
from data.bakery import Scene
from explain.concepts import perturbations
from explain.targets import ClassTarget
from models.muffin_cnn import SPEC
from pages.pictures import scene_controls
from pages.pictures.inputs import Asked
from pages.pictures.shown import Shown

SCENE = Scene.of("muffin", seed=3, berry_spacing=1.5, bake=20, framing=0.2)


def model() -> Any:
    """A small network with drawn weights, of which the answer for the scene flips between 20 and 35 minutes."""
    import torch

    from models import networks

    network = networks.ResidualNetwork(2, 4)
    network.initialise(torch.Generator().manual_seed(5), "none")
    found = networks.NetworkModel(SPEC, network)
    with torch.no_grad():
        network.head.weight.mul_(400)
        ends = [scene_controls.picture(one, 96) for one in (SCENE, SCENE.replace(bake=35))]
        logits = network(torch.from_numpy(np.stack(ends)).permute(0, 3, 1, 2))
        network.head.bias[1] -= (logits[:, 1] - logits[:, 0]).mean()
    return found


def shown(
    scene: Scene | None = SCENE, pixels: dict[str, float] | None = None, origin: str = "scenes"
) -> Shown:
    """The page's state for a scene, or for a photo of noise where there is none."""
    asked_of = model()
    plain = np.random.default_rng(1).random((96, 96, 3), dtype=np.float32)
    now = plain if scene is None else scene_controls.picture(scene, 96)
    now = perturbations.apply(now, pixels or {})
    probabilities = asked_of.predict_proba(now[None])[0]
    predicted = int(np.argmax(probabilities))
    asked = Asked(now, now, now, now, None, {}, {}, scene, pixels or {})
    learned = {"scenes": 28}
    name = "scenes" if origin == "scenes" else "photos that are not here"
    version = SimpleNamespace(
        model="muffin_cnn",
        reference="muffin_cnn@1",
        weights_digest="toy",
        record_id="0" * 64,
        record={
            "data": {"name": name, "fingerprint": scenes.load(28).fingerprint, "origin": {origin: {}}},
            "parameters": {"settings": learned, "seed": 0},
        },
    )
    explanation = SimpleNamespace(
        attribution=SimpleNamespace(target=ClassTarget(predicted)),
        probabilities=probabilities,
        predicted=predicted,
    )
    return Shown(SPEC, version, asked_of, asked, explanation)  # type: ignore[arg-type]
