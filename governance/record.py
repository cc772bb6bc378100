"""The record of a run: what is written about it, once.

A record is a JSON value in canonical form (RFC 8785) whose SHA-256 is its identity. Its parts are
``code``, ``data``, ``parameters``, ``numerics``, ``environment``, ``results`` and ``session``; a
verification is a record too, of kind ``verification``, that refers to the run's by its identity, and
so is a measurement.

Schema 1 held the positions of the split's rows in ``data.split``, and named no headline. Schema 2 keeps
the positions in a file, of which the record holds the digest, and says in ``results.headline`` which metric
the model is judged by. Both are read; only the newest is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.failures import CrumbtrailError
from governance.metrics import Metric
from governance.record_parts import Code, Data, Environment, Numerics, Parameters, Results, headline_of

SCHEMA = 2
PARTS = ("code", "data", "parameters", "numerics", "environment", "results", "session")
NOT_COMPARABLE = "not comparable"
"""The level of a run that could not be held against another."""
SPLIT_FILE = "split.json"
"""Positions of the rows of each part of the split: ``{"test": [...], "train": [...]}`` in canonical JSON."""


class RecordError(CrumbtrailError):
    """A record is not complete, or not what its identity says."""


@dataclass(frozen=True, slots=True)
class Record:
    """A run's record, to be read.

    Attributes
    ----------
    body : mapping
        The JSON value itself, as its identity covers it.
    """

    body: Mapping[str, Any]

    @property
    def model(self) -> str:
        return self.body["model"]

    @property
    def created(self) -> str:
        """When the training began: UTC, ISO 8601."""
        return self.body["created"]

    @property
    def session(self) -> str:
        """Digest of the session that asked for it."""
        return self.body["session"]

    @property
    def code(self) -> Code:
        return Code(self.body["code"])

    @property
    def data(self) -> Data:
        return Data(self.body["data"])

    @property
    def parameters(self) -> Parameters:
        return Parameters(self.body["parameters"])

    @property
    def numerics(self) -> Numerics:
        return Numerics(self.body["numerics"])

    @property
    def environment(self) -> Environment:
        return Environment(self.body["environment"])

    @property
    def results(self) -> Results:
        return Results(self.body["results"])


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of making a version again, to be read; ``body`` is the JSON value itself."""

    body: Mapping[str, Any]

    @property
    def level(self) -> str:
        """One of `governance.reproduce.LEVELS`."""
        return self.body["level"]

    @property
    def reason(self) -> str | None:
        """Why it cannot be compared; None where it can."""
        return self.body.get("reason")

    @property
    def overrides(self) -> Mapping[str, str]:
        """What was asked for otherwise than recorded."""
        return self.body.get("asked", {}).get("overrides", {})

    @property
    def on_purpose(self) -> Mapping[str, str]:
        """What was changed on purpose: all of `overrides` but another place of the same data.

        Data with another fingerprint are never compared, so a level says that they were the same.
        """
        elsewhere = self.level != NOT_COMPARABLE
        return {name: value for name, value in self.overrides.items() if not (name == "data" and elsewhere)}

    @property
    def differences(self) -> list[dict[str, Any]]:
        """Every recorded ``fact`` that came out otherwise, with ``recorded`` and ``found``."""
        return self.body["differences"]

    @property
    def tensors(self) -> Mapping[str, bool]:
        """Whether each array came out the same, by its name; empty where nothing was compared."""
        return self.body.get("tensors", {})

    @property
    def largest_probability_difference(self) -> float | None:
        """Over the stored probe inputs; None where these cannot be compared."""
        return self.body.get("largest_probability_difference")

    @property
    def headline(self) -> Metric:
        """By which both were judged. Schema 1 named none, and meant the accuracy."""
        return headline_of(self.body)

    @property
    def gap(self) -> float:
        """How far the headline's values lie apart, where something was compared."""
        return self.body[f"{self.headline.name}_difference"]

    @property
    def tolerance(self) -> float:
        """The largest `gap` that the record allowed beforehand."""
        return self.body["tolerance"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was measured about a version, to be read; ``body`` is the JSON value itself."""

    body: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.body["name"]

    @property
    def asked(self) -> Mapping[str, Any]:
        """What decided the results besides the version."""
        return self.body.get("asked", {})

    @property
    def results(self) -> Any:
        """JSON values, each measurement's own."""
        return self.body["results"]


def check_run(body: Mapping[str, Any]) -> None:
    """Raise `RecordError` unless a run's record has every part and names what identifies its result."""
    missing = [part for part in PARTS if not body.get(part)]
    if missing:
        raise RecordError(f"The record of {body.get('model')} lacks {', '.join(missing)}; it is not stored.")
    record = Record(body)
    for name in ("weights_digest", "files", "metrics", "tensors", "duration_s"):
        if name not in record.results.facts:
            raise RecordError(f"The results in the record of {record.model} lack {name}; it is not stored.")
    headline = record.results.headline.name
    if "value" not in (record.results.metrics.get(headline) or {}):
        raise RecordError(
            f"The metrics in the record of {record.model} lack {headline}, by which it is judged; it is not stored."
        )
    split = record.data.facts.get("split")
    if split and "digest" in split and split["digest"] != record.results.digest_of(SPLIT_FILE):
        raise RecordError(
            f"The split in the record of {record.model} is not that of {SPLIT_FILE}; it is not stored."
        )


def files_of(body: Mapping[str, Any]) -> list[str]:
    """Digests of the files that a record of any kind refers to."""
    results = body.get("results")
    files = results.get("files", {}) if isinstance(results, Mapping) else {}
    return [entry["digest"] for entry in files.values()]


def judged_on(body: Mapping[str, Any]) -> str | None:
    """Digest of the test rows on which a record judged a model; None where it judged none.

    A run judges one, and so does a verification that trained it again.
    """
    run = body if body["kind"] == "run" else body.get("repeated")
    if not run or "metrics" not in run.get("results", {}):
        return None
    return Record(run).data.test_digest


def load(text: Any, identity: str) -> dict[str, Any]:
    """The JSON of a stored record of any kind; raises `RecordError` where it is none any more."""
    try:
        found = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError("no map")
        return found
    except (ValueError, TypeError, RecursionError) as error:
        raise RecordError(
            f"Record {identity[:12]}… was altered in the database: it is no JSON any more. "
            "Restore the database from a backup; `python -m governance audit` names all that is not whole."
        ) from error
