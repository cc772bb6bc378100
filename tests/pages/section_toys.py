"""What an image what-if shows, made without a store: a network with drawn weights, and a scene or a photo."""

from __future__ import annotations

from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from data import scenes
from data.bakery import Scene
from governance.record import Record
from models.muffin_cnn import DEFINITION, SPEC
from pages.pictures import scene_controls
from tests.ask.asking import answer_of, version_of

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
    scene: Scene | None = SCENE, pixels: dict[str, float] | None = None, origin: str = "scenes", **asked: Any
) -> Any:
    """The answer for a scene, or for a photo of noise where there is none."""
    name = "scenes" if origin == "scenes" else "photos that are not here"
    version = version_of(
        model="muffin_cnn",
        reference="muffin_cnn@1",
        weights_digest="toy",
        record_id="0" * 64,
        record=Record(
            {
                "data": {"name": name, "fingerprint": scenes.load(28).fingerprint, "origin": {origin: {}}},
                "parameters": {"settings": {"scenes": 28}, "seed": 0},
            }
        ),
    )
    photo = np.random.default_rng(1).random((96, 96, 3), dtype=np.float32)
    return answer_of(
        model(), photo, scene=scene, changes=pixels, version=version, definition=DEFINITION, **asked
    )


def run(script: Any, **state: Any) -> AppTest:
    """Run a section with what the visitor has chosen before."""
    page = AppTest.from_function(script, default_timeout=60)
    for name, value in state.items():
        page.session_state[name] = value
    page.run()
    assert not page.exception
    return page
