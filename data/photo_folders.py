"""A folder of photos as a dataset: ``CLASS/*.jpg|png|webp``, with or without ``train/`` and ``test/``."""

from __future__ import annotations

import csv
import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import rfc8785

from data import cards, photos
from data.cards import DatasetCard
from data.dataset_types import Split, stratified_split
from data.failures import UserMistake
from data.images import ImageDataset
from data.names import two_spellings

MANIFEST = Path(__file__).with_name("photos_manifest.csv")
CARD = Path(__file__).parent / "cards" / "photos.yaml"
PARTS = ("train", "test")
_TEST_FRACTION, _SPLIT_SEED = 0.2, 7


class FolderError(UserMistake):
    """A folder does not hold photos in the way that is needed; the sentence says which way that is."""


@dataclass(frozen=True, slots=True)
class _Photo:
    """A file that was read: its name inside the folder, what it is, and its picture."""

    name: str
    label: str
    part: str
    digest: str
    md5: str
    picture: np.ndarray


def load(folder: Path) -> ImageDataset:
    """Read a folder of photos.

    Files that cannot be used are left out, each with its reason, in ``origin["left_out"]``: what cannot be read, a
    picture that lies beside the classes or beside ``train/`` and ``test/``, a link to nothing, a name that is not
    UTF-8. So is one picture under two classes (both times: its label cannot be known) and one that lies in ``test/``
    and again in ``train/`` (there: it would be tested on what it learned).

    Parameters
    ----------
    folder : Path
        Holds a folder for each class, or ``train/`` and ``test/`` with those. Without ``test/`` a
        fifth of each class is kept for the test.

    Returns
    -------
    ImageDataset
        Ordered by class and content, so that names and places of files do not matter.

    Raises
    ------
    FolderError
        If there is no such folder, it holds fewer than two classes or one in two Unicode spellings, or one of
        ``train/`` and ``test/`` lacks a class.
    data.dataset_types.TooFewRows
        If the photos are too few to keep some of each class for the test.
    """
    if not folder.is_dir():
        raise FolderError(f"There is no folder {folder}.")
    read, left_out = _read_all(folder)
    twice = two_spellings(photo.label for photo in read)
    if twice is not None:
        raise FolderError(
            f"{folder.name} holds the class {twice[0]} in folders of two Unicode spellings ({twice[0]!a} and "
            f"{twice[1]!a}), which would be two classes. Move the photos of one into the other."
        )
    kept = _without_contradictions(read, left_out)
    kept.sort(key=lambda photo: (photo.label, photo.digest))
    classes = tuple(sorted({photo.label for photo in kept}))
    y = np.array([classes.index(photo.label) for photo in kept], dtype=np.int64)
    if len(classes) < 2:
        raise FolderError(
            f"{folder.name} must hold a folder of photos (jpg, png or webp) for each of two classes or more; usable "
            f"are {len(kept)} of {len(kept) + len(left_out)} files.{_deeper(folder)}"
            + (f" {next(iter(left_out.values()))}" if left_out else "")
        )
    split, how = _split(folder, kept, classes, y)
    pictures = np.stack([photo.picture for photo in kept])
    return ImageDataset(
        name=folder.resolve().name,
        card=_card(folder.resolve().name, kept),
        classes=classes,
        y=y,
        ids=tuple(photo.name for photo in kept),
        sources=("photos",),
        source=np.zeros(len(y), dtype=np.int64),
        size=photos.SIDE,
        pixels=lambda _, rows=None: pictures if rows is None else pictures[rows],
        split=split,
        fingerprint=_fingerprint(kept),
        row_digests=tuple(photo.digest for photo in kept),
        origin={"photos": {"folder": folder.resolve().name, "files": len(kept), "left_out": left_out}},
        transforms=(
            {"name": "upright", "by": "EXIF orientation"},
            {"name": "colour", "space": "sRGB", "transparent": "white"},
            {"name": "square_centre_crop"},
            {"name": "scale", "size": photos.SIDE, "filter": "bicubic"},
            how,
        ),
    )


def files(folder: Path) -> list[Path]:
    """Every file in a folder and below, and every link to nothing, sorted; links to folders are followed.

    Those whose name begins with a dot are not counted, and no folder is entered again below itself.

    Raises
    ------
    FolderError
        If a folder cannot be entered: what is in it would vanish without a word.
    """
    return sorted(_below(folder, frozenset()))


def _below(folder: Path, above: frozenset[Path]) -> Iterator[Path]:
    real = folder.resolve()
    if real in above:
        return
    try:
        inside = [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError as error:
        raise FolderError(f"The folder {shown(str(folder))} cannot be read ({error.strerror}).") from error
    for path in inside:
        if path.is_dir():
            yield from _below(path, above | {real})
        else:
            yield path


def shown(name: str) -> str:
    """A file's name as a record and a terminal can hold it: bytes that are no UTF-8 as ``\\xe9``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def find(folder: Path, name: str, digest: str) -> Path | None:
    """The file of a photo by its name in the folder, or where `docs/photos.md` puts it; None where it is not.

    Parameters
    ----------
    digest : str
        Beginning of the SHA-256 of its file, in hexadecimal. A documented photo is known by its MD5 too.
    """
    line = _documented().get(digest)
    places = [folder / name]
    if line:
        places.append(folder / line["split"] / line["label"] / line["source"].replace("/", "_"))
    for path in places:
        if path.is_file():
            content = path.read_bytes()
            md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
            same = hashlib.sha256(content).hexdigest().startswith(digest)
            if same or (line and md5 == line["source_md5"]):
                return path
    return None


def public_path(digest: str) -> str | None:
    """Path of a documented photo in the public data set, by the first 16 digits of its SHA-256."""
    line = _documented().get(digest)
    return None if line is None else line["source"]


@lru_cache(maxsize=1)
def _documented() -> dict[str, dict[str, str]]:
    """Lines of the manifest by the first 16 digits of the SHA-256."""
    with MANIFEST.open(encoding="utf-8", newline="") as file:
        return {line["sha256"][:16]: line for line in csv.DictReader(file)}


def _read_all(folder: Path) -> tuple[list[_Photo], dict[str, str]]:
    divided = any((folder / part).is_dir() for part in PARTS)
    read: list[_Photo] = []
    left_out: dict[str, str] = {}
    for path in files(folder):
        given = path.relative_to(folder).as_posix()
        name, place = shown(given), given.split("/")
        part, rest = (place[0], place[1:]) if divided else ("", place)
        astray = divided and part not in PARTS
        if (astray or len(rest) < 2) and path.suffix.lower() not in photos.SUFFIXES:
            continue  # a list, a licence, a note beside the classes
        try:
            if name != given:
                raise photos.PhotoError(f"{name} has a name that is not UTF-8; rename it.")
            if astray:
                raise photos.PhotoError(f"{name} lies neither in train/ nor in test/; move it there.")
            if len(rest) < 2:
                raise photos.PhotoError(f"{name} lies in no class's folder; move it into one.")
            if len(rest) > 2:
                raise photos.PhotoError(f"{name} lies in a folder inside its class; move it up.")
            content = photos.content_of(path, name)
            picture = photos.read_photo(content, name)
            digest = hashlib.sha256(content).hexdigest()
            md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
            read.append(_Photo(name, rest[0], part, digest, md5, picture))
        except photos.PhotoError as error:
            left_out[name] = str(error)
    return read, left_out


def _without_contradictions(read: list[_Photo], left_out: dict[str, str]) -> list[_Photo]:
    same: dict[str, list[_Photo]] = defaultdict(list)
    for photo in read:
        same[photo.digest].append(photo)
    kept: list[_Photo] = []
    for group in same.values():
        # Of several copies the one for the test stays, for the training must not see it.
        best = min(group, key=lambda photo: (photo.part != "test", photo.name))
        labels = sorted({photo.label for photo in group})
        for photo in group:
            if len(labels) > 1:
                left_out[photo.name] = (
                    f"{photo.name} is mislabelled: the same file lies in {' and '.join(labels)}."
                )
            elif photo is not best:
                left_out[photo.name] = f"{photo.name} is the same file as {best.name}."
            else:
                kept.append(photo)
    return kept


def _deeper(folder: Path) -> str:
    """Where the classes may lie instead, as a sentence to be put behind another; empty where nothing is seen."""
    inside = [one for one in sorted(folder.iterdir()) if one.is_dir() and not one.name.startswith(".")]
    below = [
        one
        for one in inside
        if sum(child.is_dir() for child in one.iterdir()) > 1 or (one / "train").is_dir()
    ]
    return f" Give {folder / below[0].name}." if len(below) == 1 and below[0].name not in PARTS else ""


def _split(
    folder: Path, kept: list[_Photo], classes: tuple[str, ...], y: np.ndarray
) -> tuple[Split, dict[str, object]]:
    parts = np.array([photo.part for photo in kept])
    if set(parts) == set(PARTS):
        train, test = (np.flatnonzero(parts == part) for part in PARTS)
        for part, rows in (("train", train), ("test", test)):
            lacking = [label for kind, label in enumerate(classes) if kind not in y[rows]]
            if lacking:
                raise FolderError(
                    f"{folder.name}/{part} holds no photo of {' and none of '.join(lacking)} that can be used. Put "
                    f"some there, or give a folder without train/ and test/, of which a fifth is kept for the test."
                )
        return Split(train, test), {"name": "split", "by": "the folders train and test"}
    how = {"name": "stratified_split", "test_fraction": _TEST_FRACTION, "seed": _SPLIT_SEED}
    return stratified_split(y, _TEST_FRACTION, _SPLIT_SEED, [f"photos of {label}" for label in classes]), how


def _fingerprint(kept: list[_Photo]) -> str:
    lines = [rfc8785.dumps([photo.part, photo.label, photo.digest]) for photo in kept]
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def _card(name: str, kept: list[_Photo]) -> DatasetCard:
    counts = {label: sum(photo.label == label for photo in kept) for label in sorted({p.label for p in kept})}
    known = _known_digests()
    if all(photo.digest in known or photo.md5 in known for photo in kept):
        return replace(cards.read(CARD), counts=counts)
    return DatasetCard(
        name=name,
        title=f"Photos in the folder {name}",
        description=f"{len(kept)} photos that somebody brought, a folder for each class.",
        source="A folder on the machine where the model was trained; nothing is declared about it",
        licence="Not declared",
        licence_certainty="unverified",
        classification="internal",
        collection="Unknown",
        counts=counts,
        known_biases=("Nobody has looked for any.",),
        owner_role="Whoever brought the photos",
        split={"kind": "folders train and test, else stratified", "test_fraction": _TEST_FRACTION},
    )


@lru_cache(maxsize=1)
def _known_digests() -> frozenset[str]:
    """Digests of the documented photos: SHA-256 as they were used, MD5 as they were published."""
    with MANIFEST.open(encoding="utf-8", newline="") as file:
        return frozenset(line[name] for line in csv.DictReader(file) for name in ("sha256", "source_md5"))
