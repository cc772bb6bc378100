"""``muffin_cnn``: a small residual network that tells chihuahuas from muffins, and cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data import cards as dataset_cards
from data import datasets, images, photo_folders, photos, scenes
from data.cards import DatasetCard
from data.dataset_types import stratified_split
from data.failures import UserMistake
from data.images import ImageDataset
from governance.metrics import ACCURACY
from models import cards, image_evaluation
from models.spec import Definition, Fitted, Model, ModelSpec, Progress, Report, Setting, SettingError

if TYPE_CHECKING:
    from models.networks import NetworkModel

SPEC = ModelSpec(
    name="muffin_cnn",
    title="Muffin CNN",
    modality="image",
    classes=("chihuahua", "muffin"),
    image_size=96,
    capabilities=frozenset({"gradients", "layers"}),
)
_SIZE = 96
_PROBES = 64


def load(name: str, settings: Mapping[str, Any]) -> ImageDataset:
    """The data of a training: scenes, or a folder of photos and as many scenes as the settings say.

    Raises
    ------
    UserMistake
        If the folder's classes are not this model's.
    """
    if name in (scenes.NAME, scenes.SHORTCUT):
        return scenes.load(max(settings["scenes"], 2), shortcut=name == scenes.SHORTCUT)
    if not datasets.is_folder(name):
        found = datasets.load(name)
        raise UserMistake(f"{SPEC.name} learns from pictures; the dataset {found.name} holds none.")
    folder = photo_folders.load(Path(name))
    if folder.classes != SPEC.classes:
        raise UserMistake(
            f"{SPEC.name} tells {' from '.join(SPEC.classes)}; the folder {folder.name} holds "
            f"{', '.join(folder.classes)}."
        )
    if not settings["scenes"]:
        return folder
    drawn = scenes.load(settings["scenes"], photos.SIDE)
    return images.joined(folder.name, _joined_card(folder, drawn), [folder, drawn])


def _joined_card(folder: ImageDataset, drawn: ImageDataset) -> DatasetCard:
    """The card of both together: what binds is what is known about the photos."""
    card = dataset_cards.read(Path(dataset_cards.__file__).parent / "cards" / "photos_and_scenes.yaml")
    counts = {name: count + drawn.counts()[name] for name, count in folder.counts().items()}
    return replace(
        card,
        counts=counts,
        source=f"Photos: {folder.card.source} Scenes: {drawn.card.source}",
        licence=f"Photos: {folder.card.licence} Scenes: {drawn.card.licence}",
        licence_certainty=folder.card.licence_certainty,
        classification=folder.card.classification,
        known_biases=(*card.known_biases, *folder.card.known_biases, *drawn.card.known_biases),
    )


def fit(dataset: ImageDataset, settings: Mapping[str, Any], seed: int, report: Report) -> Fitted:
    """Train on the training split less a seventh, which is kept to calibrate and to watch.

    The test split is looked at once, when everything is chosen.
    """
    import torch

    from models import checkpoints, network_training, networks
    from models.network_training import Recipe

    if settings["weights"] != "none" and settings["backbone"] == "residual":
        raise SettingError(
            "The residual network is trained from scratch; weights=DEFAULT needs another backbone."
        )
    torch.use_deterministic_algorithms(True)
    pixels = dataset.pixels(lambda done, total: report(Progress("pictures", done, total)))
    train, validation = _validation_split(dataset, seed)
    generator = torch.Generator().manual_seed(seed)
    network = networks.build(len(SPEC.classes), settings["backbone"], settings["width"])
    network.initialise(generator, settings["weights"])
    network.to(memory_format=torch.channels_last)
    recipe = Recipe(settings["epochs"], settings["learning_rate"], _SIZE, settings["augment"] == "full")
    inputs = images.as_input(images.scaled(pixels[validation], _SIZE))
    keeper = checkpoints.Keeper(settings["checkpoints"], settings["epochs"])

    def judge(found: Any) -> float:
        keeper.see(found)
        return image_evaluation.accuracy(found, inputs, dataset.y[validation])

    averaged, curve = network_training.train(
        network,
        torch.from_numpy(pixels),
        torch.from_numpy(dataset.y),
        _streams(dataset, train, settings),
        recipe,
        generator,
        report,
        judge,
    )
    model = networks.NetworkModel(SPEC, averaged)
    report(Progress("judging", 0, 1))
    metrics = image_evaluation.judge(model, dataset, pixels, validation, _SIZE)
    report(Progress("judging", 1, 1))
    return Fitted(
        model=model,
        artefact=networks.dump(model, settings["backbone"], settings["width"]),
        artefact_name="model.safetensors",
        chosen=dict(settings),
        metrics=metrics,
        curve=curve,
        probe=probe_set(),
        others={checkpoints.FILE: keeper.dump()} if keeper.epochs else {},
    )


def probe_set() -> np.ndarray:
    """Pictures on which versions are compared: scenes at every framing, and coloured clouds.

    Made from seeds, so a record needs to hold no picture, and photos never become part of it.

    Returns
    -------
    ndarray of shape (64, 96, 96, 3), float32 in [0, 1]
    """
    from PIL import Image

    from data import bakery

    drawn = bakery.sample_scenes(_PROBES // 2, seed=9, framing=(0.0, 1.0))
    rendered = [bakery.to_bytes(bakery.render(scene, _SIZE).image) for scene in drawn]
    coarse = np.random.default_rng(9).integers(0, 256, (_PROBES // 2, 6, 6, 3), dtype=np.uint8)
    clouds = [Image.fromarray(c).resize((_SIZE, _SIZE), Image.Resampling.BICUBIC) for c in coarse]
    return images.as_input(np.stack([*rendered, *map(np.asarray, clouds)]))


def kept_back(dataset: ImageDataset, seed: int) -> np.ndarray:
    """The rows of the training part that calibrate and watch: no weight is learned from them."""
    return _validation_split(dataset, seed)[1]


def _validation_split(dataset: ImageDataset, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A seventh of the training rows, of each source and class alike, kept back."""
    rows = dataset.split.train
    kind = dataset.source[rows] * len(dataset.classes) + dataset.y[rows]
    names = [f"{label} ({source}, to learn from)" for source in dataset.sources for label in dataset.classes]
    split = stratified_split(kind, 1 / 7, seed, names)
    return rows[split.train], rows[split.test]


def _streams(dataset: ImageDataset, train: np.ndarray, settings: Mapping[str, Any]) -> list[Any]:
    import torch

    from models import augmentation
    from models.network_training import Stream

    present = sorted(set(dataset.source[train].tolist()))
    size = settings["batch_size"]
    first = size if len(present) == 1 else min(max(round(size * settings["photo_share"]), 1), size - 1)
    streams = []
    for source, in_batch in zip(present, (first, size - first), strict=False):
        drawn = dataset.sources[source] in scenes.SOURCES
        cut = augmentation.SCENE_CUT if drawn else augmentation.PHOTO_CUT
        streams.append(Stream(torch.from_numpy(train[dataset.source[train] == source]), in_batch, cut))
    return streams


def _restore(artefact: bytes) -> Model:
    from models import networks

    return networks.restore(SPEC, artefact)


def _arrays(model: NetworkModel) -> dict[str, np.ndarray]:
    from models import networks

    return networks.named_arrays(model)


DEFINITION = Definition(
    spec=SPEC,
    card=cards.built_in("muffin_cnn"),
    dataset=scenes.NAME,
    settings=(
        Setting(
            "epochs",
            "Epochs",
            "Passes over the photos, or over the scenes where there are no photos.",
            "int",
            12,
            low=1,
            high=400,
        ),
        Setting(
            "width",
            "Width",
            "Channels after the first layer; later ones have one and a half and two and a half times as many.",
            "int",
            32,
            low=4,
            high=64,
        ),
        Setting(
            "backbone",
            "Backbone",
            "residual: the small network from scratch; mobilenet_v3_small: torchvision's, three times as large.",
            "choice",
            "residual",
            choices=("residual", "mobilenet_v3_small"),
        ),
        Setting(
            "weights",
            "First weights",
            "none: drawn at random; DEFAULT: torchvision's, trained on ImageNet, where they can be had.",
            "choice",
            "none",
            choices=("none", "DEFAULT"),
        ),
        Setting("batch_size", "Batch size", "Pictures between two steps.", "int", 64, low=8, high=256),
        Setting(
            "learning_rate",
            "Learning rate",
            "At the top of its one cycle.",
            "float",
            0.003,
            low=0.0001,
            high=0.03,
        ),
        Setting(
            "scenes",
            "Scenes",
            "Rendered scenes to train on; 0 for photos alone.",
            "int",
            scenes.TRAINING_SCENES,
            low=0,
            high=20000,
        ),
        Setting(
            "photo_share",
            "Share of photos",
            "How much of each batch is photos where there are photos and scenes.",
            "float",
            0.5,
            low=0.05,
            high=0.95,
        ),
        Setting(
            "checkpoints",
            "Checkpoints",
            "Copies of the network that are kept on the way, to look back at; 0 keeps none.",
            "int",
            6,
            low=0,
            high=20,
        ),
        Setting(
            "augment",
            "Augmentation",
            "full: cut, turned, lit and coloured at random, and mixed in pairs; none: as they are.",
            "choice",
            "full",
            choices=("full", "none"),
        ),
    ),
    fit=fit,
    load=load,
    kept_back=kept_back,
    restore=_restore,
    arrays=_arrays,
    headline=ACCURACY,
    tolerance=0.02,
)
