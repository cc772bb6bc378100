"""Versions that come with the repository: a fresh home has them without any training.

``models/artifacts/MODEL/`` holds what a training leaves behind: ``record.json``, with the session of
the one who trained it, and the files that its results name. They are taken over as they are, checked
by their digests, so the record has the same identity in every home. What was measured about the version
comes along in ``measurements/``, a file each.
"""

from __future__ import annotations

import json
from pathlib import Path
from shutil import rmtree

from data import workspace
from governance import digests, measurements, registry, sessions, stored_records
from governance.record import RecordError, files_of
from governance.registry import Version
from governance.store import Store, changing

FOLDER = workspace.ROOT / "models" / "artifacts"
_RECORD, _MEASUREMENTS = "record.json", "measurements"


def adopt(store: Store, folder: Path | None = None) -> list[Version]:
    """Take over every shipped version and measurement that the store lacks.

    A model's first version becomes its champion. Where a model has versions already, the shipped one is the next,
    and no name is moved to it.

    Parameters
    ----------
    folder : Path, optional
        Holds one folder for each shipped model; the repository's by default.

    Returns
    -------
    list of Version
        Those that were lacking.

    Raises
    ------
    governance.record.RecordError
        If a record is not complete or not in canonical form, or a file is not the one that it names.
    """
    found = {path: digests.of_file(path) for path in _files(folder or FOLDER)}
    if not stored_records.lacking(store, found.values()):
        return []
    adopted = []
    with changing():
        # Another process may have been first.
        lacking = stored_records.lacking(store, found.values())
        session = sessions.start(store, "shipped")
        for path in (path for path, identity in found.items() if identity in lacking):
            if path.name == _RECORD:
                _check_whole(path)
                adopted.append(registry.register(store, path.parent, session, "adopt"))
            else:
                run = registry.of_record(store, found[path.parent.parent / _RECORD])
                measurements.adopt(store, run, path, session)
    return adopted


def digests_of_files() -> set[str]:
    """Of the files that shipped records name, as a store keeps them."""
    bodies = [json.loads(path.read_bytes()) for path in FOLDER.glob(f"*/{_RECORD}")]
    return {digest for body in bodies for digest in files_of(body)}


def _files(folder: Path) -> list[Path]:
    """Each version's record, and after it what was measured about the version."""
    records = sorted(folder.glob(f"*/{_RECORD}"))
    return [
        path
        for record in records
        for path in (record, *sorted(record.parent.glob(f"{_MEASUREMENTS}/*.json")))
    ]


def _check_whole(path: Path) -> None:
    """Refuse a record that would be stored by another identity than its file's, and so be lacking for ever."""
    content = path.read_bytes()
    body = json.loads(content)
    whole = "session" in body and "test_looks" in body.get("results", {})
    if not whole or digests.canonical_json(body) != content:
        raise RecordError(
            f"{path.parent.name}/{path.name} is no record as a store writes it. Ship a version with shipped.write."
        )


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
    for name, entry in version.record.results.files.items():
        (place / name).write_bytes(store.blobs.get(entry["digest"]))
    (place / _RECORD).write_bytes(digests.canonical_json(version.record.body))
    for name, measured in measurements.all_newest(store, version).items():
        (place / _MEASUREMENTS / f"{name}.json").write_bytes(digests.canonical_json(measured.body))
    return place
