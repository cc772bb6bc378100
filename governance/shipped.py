"""Versions that come with the repository: a fresh home has them without any training.

``models/artifacts/MODEL/`` holds what a training leaves behind: ``record.json``, with the session of
the one who trained it, and the files that its results name. They are taken over as they are, checked
by their digests, so the record has the same identity in every home. What was measured about the version
comes along in ``measurements/``, a file each.
"""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree

from data import workspace
from governance import digests, measurements, registry, sessions
from governance.registry import Version
from governance.store import Store

FOLDER = workspace.ROOT / "models" / "artifacts"
_MEASUREMENTS = "measurements"


def adopt(store: Store, folder: Path | None = None) -> list[Version]:
    """Register each shipped version of a model that has none yet, as its version 1.

    Parameters
    ----------
    folder : Path, optional
        Holds one folder for each shipped model; the repository's by default.

    Raises
    ------
    governance.record.RecordError
        If a record is not complete or a file is not the one that it names.
    """
    adopted = []
    for found in sorted((folder or FOLDER).glob("*/record.json")):
        if registry.versions(store, found.parent.name):
            continue
        session = sessions.start(store, "shipped")
        version = registry.register(store, found.parent, session, "adopt")
        for measured in sorted((found.parent / _MEASUREMENTS).glob("*.json")):
            measurements.adopt(store, version, measured, session)
        adopted.append(version)
    return adopted


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
    rmtree(place, ignore_errors=True)
    (place / _MEASUREMENTS).mkdir(parents=True)
    for name, entry in version.record["results"]["files"].items():
        (place / name).write_bytes(store.blobs.get(entry["digest"]))
    (place / "record.json").write_bytes(digests.canonical_json(version.record))
    for name, measured in measurements.all_newest(store, version).items():
        (place / _MEASUREMENTS / f"{name}.json").write_bytes(digests.canonical_json(measured.body))
    return place
