"""An image model that nobody built Crumbtrail for: 3 classes, 32 px, a network with drawn weights.

Its classes are not the bakery's, so a page can offer it no scenes. Registered in this process alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from data import datasets
from data.cards import DatasetCard
from data.dataset_types import Source, Split
from data.images import ImageDataset
from governance.metrics import ACCURACY
from models import catalogue, evaluation
from models.spec import Definition, Fitted, ModelCard, ModelSpec, Report

MODEL, DATASET = "toy_pictures", "toy_patches"
CLASSES = ("red", "green", "blue")
SIDE, N_ROWS = 32, 30
SPEC = ModelSpec(
    name=MODEL,
    title="Toy pictures",
    modality="image",
    classes=CLASSES,
    image_size=SIDE,
    capabilities=frozenset({"gradients", "layers"}),
)


def card() -> DatasetCard:
    """The card of the toy's pictures."""
    return DatasetCard(
        name=DATASET,
        title="Toy patches",
        description="Grey noise with one colour stronger.",
        source="tests/picture_toys.py",
        licence="Apache-2.0",
        licence_certainty="verified",
        classification="internal",
        collection="Drawn at random.",
        counts=dict.fromkeys(CLASSES, N_ROWS // 3),
        known_biases=("Made up.",),
        owner_role="Test engineer",
        split={"kind": "fixed"},
    )


def load() -> ImageDataset:
    """Thirty pictures, made when they are asked for."""
    y = np.arange(N_ROWS) % 3
    names = tuple(f"patch {row}" for row in range(N_ROWS))

    def pixels(progressed: Any, rows: np.ndarray | None = None) -> np.ndarray:
        made = np.random.default_rng(4).integers(0, 120, (N_ROWS, SIDE, SIDE, 3), dtype=np.uint8)
        made[np.arange(N_ROWS), :, :, y] += 100
        return made if rows is None else made[rows]

    return ImageDataset(
        name=DATASET,
        card=card(),
        classes=CLASSES,
        y=y,
        ids=names,
        sources=("patches",),
        source=np.zeros(N_ROWS, np.int64),
        size=SIDE,
        pixels=pixels,
        split=Split(np.arange(21), np.arange(21, N_ROWS)),
        fingerprint="0" * 64,
        row_digests=tuple(f"{row:064x}" for row in range(N_ROWS)),
        origin={"photos": {"folder": "made up", "files": N_ROWS, "left_out": {}}},
        transforms=(),
    )


def fit(dataset: ImageDataset, settings: Mapping[str, Any], seed: int, report: Report) -> Fitted:
    """A residual network with drawn weights; it answers, and that is all that a page needs."""
    import torch

    from models import networks

    network = networks.ResidualNetwork(len(CLASSES), 4)
    network.initialise(torch.Generator().manual_seed(seed), "none")
    model = networks.NetworkModel(SPEC, network)
    pictures = dataset.pixels(lambda done, total: None).astype(np.float32) / 255
    test = dataset.split.test
    return Fitted(
        model=model,
        artefact=networks.dump(model, "residual", 4),
        artefact_name="model.safetensors",
        chosen={},
        metrics={"accuracy": evaluation.accuracy_on(model.predict_proba(pictures[test]), dataset.y[test])},
        curve=[],
        probe=pictures[:4],
    )


def restore(artefact: bytes) -> Any:
    """The model of its artefact."""
    from models import networks

    return networks.restore(SPEC, artefact)


def arrays(model: Any) -> dict[str, np.ndarray]:
    """The weights by name."""
    from models import networks

    return networks.named_arrays(model)


SOURCE = Source(name=DATASET, card=card, load=load, put_in_place=lambda: None)
DEFINITION = Definition(
    spec=SPEC,
    card=ModelCard(
        question="Which colour is strongest?",
        summary="A small network on made-up patches.",
        what_if="What if it were bluer?",
        owner="Test engineer",
        users=("Tests",),
        tags=("toy", "image"),
        intended_use="Showing that no page expects chihuahuas.",
        limits=("The pictures are made up.",),
        examples=(),
    ),
    dataset=DATASET,
    settings=(),
    fit=fit,
    restore=restore,
    arrays=arrays,
    headline=ACCURACY,
    tolerance=0.05,
)


def register_image_model() -> Definition:
    """Put ``toy_pictures`` into this process's catalogue, with its dataset."""
    datasets.register(SOURCE)
    catalogue.register(DEFINITION)
    return DEFINITION


def unregister_image_model() -> None:
    """Take the model out again."""
    catalogue.unregister(MODEL)
