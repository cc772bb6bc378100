"""Versions that come with the repository: a fresh home has them without any training.

``models/artifacts/MODEL/`` holds what a training leaves behind: ``record.json``, with the session of
the one who trained it, and the files that its results name. They are taken over as they are, checked
by their digests, so the record has the same identity in every home.
"""

from __future__ import annotations

from pathlib import Path

from data import workspace
from governance import digests, registry, sessions
from governance.registry import Version
from governance.store import Store

FOLDER = workspace.ROOT / "models" / "artifacts"


def adopt(store: Store, folder: Path = FOLDER) -> list[Version]:
    """Register each shipped version of a model that has none yet, as its version 1.

    Parameters
    ----------
    folder : Path
        Holds one folder for each shipped model.

    Raises
    ------
    governance.record.RecordError
        If a record is not complete or a file is not the one that it names.
    """
    return [
        registry.register(store, found.parent, sessions.start(store, "shipped"), "adopt")
        for found in sorted(folder.glob("*/record.json"))
        if not registry.versions(store, found.parent.name)
    ]


def write(store: Store, version: Version, folder: Path = FOLDER) -> Path:
    """Put a version where it is shipped, in place of what was shipped for its model before.

    Returns
    -------
    Path
        The folder that now holds the record and its files.

    Raises
    ------
    governance.blobs.BlobMissing, governance.blobs.BlobAltered
        If a stored file is gone or was altered.
    """
    place = folder / version.model
    place.mkdir(parents=True, exist_ok=True)
    for old in place.iterdir():
        old.unlink()
    for name, entry in version.record["results"]["files"].items():
        (place / name).write_bytes(store.blobs.get(entry["digest"]))
    (place / "record.json").write_bytes(digests.canonical_json(version.record))
    return place
