"""One training, from its data to a folder with the record: what runs in the child process."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from data import datasets
from data.dataset_types import Dataset, DatasetError
from data.failures import CrumbtrailError, UserMistake
from data.images import ImageDataset
from data.names import did_you_mean, two_spellings
from governance import child, digests, numerics, observe
from governance.record import SCHEMA, SPLIT_FILE
from governance.record_parts import SplitFacts
from governance.reproduce import PROBE_FILE, ROWS_FILE
from governance.store import now
from models import training_sources
from models.spec import Definition, Fitted, Report, SettingError

# Inputs of a probe set that are larger than this are not stored, only their digest.
_LARGEST_PROBE = 2**20


class CodeChanged(CrumbtrailError):
    """A file of the repository changed while a model was trained by it."""


class DataChanged(DatasetError):
    """The data changed while a model was trained on them."""


def settings_for(definition: Definition, given: Mapping[str, object]) -> dict[str, Any]:
    """All settings of a training: those given, checked, and defaults for the rest.

    Raises
    ------
    SettingError
        For a setting that the model does not have, or a value that it cannot have.
    """
    known = {setting.name: setting for setting in definition.settings}
    unknown = [name for name in given if name not in known]
    if unknown:
        names = [*known, "seed", "threads"]
        raise SettingError(
            f"{definition.spec.name} has no setting {unknown[0]!r}.{did_you_mean(unknown[0], names)} "
            f"It has: {', '.join(names)}."
        )
    return {name: setting.parse(given.get(name, setting.default)) for name, setting in known.items()}


def changed_settings(definition: Definition, given: Mapping[str, object]) -> dict[str, Any]:
    """The settings that differ from their defaults, checked as by `settings_for`.

    A job keeps these alone, so that asking for a default and not asking for anything is one request.
    """
    settings = settings_for(definition, given)
    return {s.name: settings[s.name] for s in definition.settings if settings[s.name] != s.default}


def run(
    definition: Definition,
    given: Mapping[str, object],
    seed: int,
    threads: int,
    folder: Path,
    report: Report,
    data: str | None = None,
    expect: str | None = None,
) -> dict[str, Any]:
    """Train, and write the record and its files into a folder.

    Parameters
    ----------
    given : mapping
        Settings by name, as text or values.
    threads : int
        Threads that the process was started with; recorded, and set by the caller.
    folder : Path
    data : str, optional
        Name of the dataset, or path of a folder of photos; the definition's own by default.
    expect : str, optional
        Fingerprint of the data of an earlier training. Other data are described but not trained on;
        ``results`` then holds nothing but the digests of their rows.

    Returns
    -------
    dict
        The record, without the session.

    Raises
    ------
    SettingError
        If a setting is unknown or has a value that it cannot have.
    DatasetError
        If the data cannot be read, or those of the earlier training are not here.
    models.training_sources.SourceChanged
        If the table was filled from a file that is another now; a training that is made again takes the recorded rows.
    CodeChanged
        If a file of the repository that was loaded changed during the training; nothing is stored then.
    DataChanged
        If the data's fingerprint after the training is another than before; nothing is written then.
    """
    settings = settings_for(definition, given)
    name = data or definition.dataset
    asked = {"settings": given, "seed": seed, "threads": threads, "data": data and Path(data).name}
    arguments = child.arguments(definition.spec.name, asked)[1:]
    dataset = load_data(definition, name, settings, expect)
    if expect is None:
        training_sources.refuse_changed(dataset)
    files = {ROWS_FILE: _row_digests(dataset), SPLIT_FILE: _split(dataset)}
    results: dict[str, Any] = {}
    chosen: dict[str, Any] = {}
    # Modules that are loaded by now ran as these files say; those loaded later are read when they run.
    files_before = _code(dataset)["files"]
    started, clock = now(), time.perf_counter()
    if expect is None or dataset.fingerprint == expect:
        fitted = definition.fit(dataset, settings, seed, report)
        duration = time.perf_counter() - clock
        after = load_data(definition, name, settings, expect).fingerprint
        if after != dataset.fingerprint:
            raise DataChanged(
                f"The dataset {name} changed during the training (fingerprint {dataset.fingerprint[:12]}… before, "
                f"{after[:12]}… after). Nothing was stored; train again when the data rest."
            )
        chosen = fitted.chosen
        files |= {fitted.artefact_name: fitted.artefact, PROBE_FILE: _probe(fitted), **fitted.others}
        results = _results(definition, fitted, duration)
    # Before anything is written: a folder inside the repository must not become part of its code.
    code = _code(dataset)
    _refuse_changed_code(files_before, code["files"])
    for file, content in files.items():
        (folder / file).write_bytes(content)
    results["files"] = {
        file: {"digest": digests.of_bytes(content), "bytes": len(content)} for file, content in files.items()
    }
    record = {
        "schema": SCHEMA,
        "kind": "run",
        "model": definition.spec.name,
        "created": started,
        "code": {**code, "entry_point": "python -m models train", "arguments": arguments},
        "data": describe(dataset),
        "parameters": {"settings": settings, "chosen": chosen, "seed": seed, "threads": threads},
        "numerics": numerics.observe(),
        "environment": observe.environment(),
        "results": results,
    }
    (folder / "record.json").write_bytes(digests.canonical_json(record))
    return record


def load_data(
    definition: Definition, name: str, settings: Mapping[str, Any], expect: str | None = None
) -> Dataset:
    """The data of a training, as its settings make them.

    Raises
    ------
    UserMistake
        If there are no such data, or they do not fit the model.
    DatasetError
        If they cannot be read; also for what is a user's mistake, where ``expect`` names the
        fingerprint of an earlier training: then the record asked for them.
    """
    try:
        dataset = definition.load(name, settings) if definition.load else datasets.load(name)
        _check_fits(definition, dataset)
        return dataset
    except UserMistake as error:
        if expect is None:
            raise
        # A record holds a folder's name and no path, so that it says the same on every machine.
        raise DatasetError(
            f"The data of the record, {Path(name).name} ({expect[:12]}…), are not here. Where they are a folder of "
            f"photos, name it with --set data=FOLDER. {error}"
        ) from error


def _check_fits(definition: Definition, dataset: Dataset) -> None:
    spec = definition.spec
    features = tuple(feature.name for feature in spec.features)
    twice = two_spellings((*spec.classes, *dataset.classes))
    if twice is not None:
        raise UserMistake(
            f"{spec.name} cannot learn from {dataset.name}. Its class {twice[0]} is there in another Unicode spelling "
            f"({twice[1]!a}); {spec.name} means {twice[0]!a}. Rename it, as a folder of photos or where it is stored."
        )
    if (dataset.classes, dataset.features) != (spec.classes, features):
        raise UserMistake(
            f"{spec.name} cannot learn from {dataset.name}. It takes {', '.join(features) or 'pictures'} and "
            f"tells {', '.join(spec.classes)} apart; there are {', '.join(dataset.classes)}."
        )


def _code(dataset: Dataset) -> dict[str, Any]:
    """As `observe.code`, without what the tables were filled from: that is data, and stands there in the record."""
    code = observe.code()
    data = {source.file for source in training_sources.of(dataset).values()}
    return {**code, "files": {name: digest for name, digest in code["files"].items() if name not in data}}


def _refuse_changed_code(before: Mapping[str, str], after: Mapping[str, str]) -> None:
    changed = [name for name, digest in before.items() if after.get(name) != digest]
    if changed:
        raise CodeChanged(
            f"{', '.join(changed[:3])} changed during the training, so no record could say by which code the "
            "model was made. Nothing was stored; train again."
        )


def describe(dataset: Dataset) -> dict[str, Any]:
    """The part of a record that says which data were used."""
    card = dataset.card
    observed = {"observed": dict(dataset.observed)} if isinstance(dataset, ImageDataset) else {}
    sources = {
        table: {"file": one.file, "digest": one.digest} for table, one in training_sources.of(dataset).items()
    }
    return observed | {
        "name": dataset.name,
        "fingerprint": dataset.fingerprint,
        "rows": len(dataset.y),
        "counts": dataset.counts(),
        "features": list(dataset.features),
        "origin": {**dataset.origin, **({"sources": sources} if sources else {})},
        "test_digest": digests.of_json([dataset.row_digests[row] for row in dataset.split.test]),
        "split": SplitFacts(
            len(dataset.split.train), len(dataset.split.test), digests.of_bytes(_split(dataset)), None
        ).to_json(),
        "transforms": [dict(transform) for transform in dataset.transforms],
        "card": {
            "title": card.title,
            "source": card.source,
            "licence": card.licence,
            "licence_certainty": card.licence_certainty,
            "classification": card.classification,
            "owner_role": card.owner_role,
        },
    }


def _split(dataset: Dataset) -> bytes:
    """Which rows the parts hold: a file, for a record that held 100,000 positions would be slow to read."""
    return digests.canonical_json(
        {"train": dataset.split.train.tolist(), "test": dataset.split.test.tolist()}
    )


def _row_digests(dataset: Dataset) -> bytes:
    # Half of each digest is plenty to tell which row changed; the fingerprint covers them all.
    return digests.canonical_json(
        {name: row[:32] for name, row in zip(dataset.ids, dataset.row_digests, strict=True)}
    )


def _probe(fitted: Fitted) -> bytes:
    from safetensors.numpy import save

    probe = np.ascontiguousarray(fitted.probe)
    probabilities = np.ascontiguousarray(fitted.model.predict_proba(probe))
    if probe.nbytes > _LARGEST_PROBE:
        # Pictures are made again from their seeds; the digest is enough to tell whether they are the same.
        probe = np.frombuffer(bytes.fromhex(digests.of_array(probe)), dtype=np.uint8)
    return save({"inputs": probe, "probabilities": probabilities})


def _results(definition: Definition, fitted: Fitted, duration: float) -> dict[str, Any]:
    tensors, weights_digest = digests.of_arrays(definition.arrays(fitted.model))
    return {
        "weights_digest": weights_digest,
        "tensors": tensors,
        "artefact": fitted.artefact_name,
        "probe_rows": len(fitted.probe),
        "metrics": fitted.metrics,
        "headline": definition.headline.to_json(),
        "curve": fitted.curve,
        "tolerance": definition.tolerance,
        "duration_s": duration,
    }
