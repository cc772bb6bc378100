"""Making a version again, and saying exactly what came out the same and what did not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from data import datasets, numerals
from data import tables as sql_tables
from data.failures import CrumbtrailError, UserMistake
from governance import audit, child, jobs, stored_records
from governance.job_kind import Work
from governance.metrics import TEST_ACCURACY, Figure
from governance.record import NOT_COMPARABLE, SCHEMA, Record
from governance.record_parts import Data, Results
from governance.registry import Version
from governance.store import Store, now

LEVELS = ("bit-identical", "prediction-identical", "within tolerance", "different", NOT_COMPARABLE)
RUN_NUMBERS = {"seed": (0, 2**31 - 1), "threads": (1, 64)}
"""Settings that every training has, with the least and the largest."""
RUN_SETTINGS = (*RUN_NUMBERS, "data")
ROWS_FILE = "rows.json"
PROBE_FILE = "probe.safetensors"
# Facts that are compared. The duration and the creation time differ by nature, and so do the bytes
# of a skops file, which hold addresses of the process that wrote it; the arrays inside are compared.
_COMPARED = (
    "code.files",
    "code.git",
    "data",
    "parameters",
    "numerics",
    "environment",
    "results.weights_digest",
    "results.tensors",
    "results.metrics",
    "results.curve",
)


_SOURCES = "data.origin.sources."


def job_request(version: Version, overrides: Mapping[str, str]) -> dict[str, Any]:
    """What to ask the queue for: the recorded settings, with some replaced, and the same data."""
    data, parameters = version.record.data, version.record.parameters
    settings = {name: value for name, value in overrides.items() if name not in RUN_SETTINGS}
    return {
        "record": version.record_id,
        "overrides": dict(overrides),
        "settings": {**parameters.settings, **settings},
        "seed": int(overrides.get("seed", parameters.seed)),
        "threads": int(overrides.get("threads", parameters.threads)),
        "data": datasets.located(overrides.get("data", data.name)),
        "expect": data.fingerprint,
    }


def run(work: Work) -> dict[str, Any]:
    """Train again in a child, compare, and store the verification as a record of its own.

    Returns
    -------
    dict
        ``record`` (identity of the verification) and ``level``.
    """
    store, job, folder = work.store, work.job, work.folder
    stored = stored_records.get_record(store, job.request["record"])
    original = Record(stored.body)
    overrides = dict(job.request.get("overrides", {}))
    request = dict(job.request)
    if "data" in overrides:
        # A record names a folder, and never its place on a machine.
        overrides["data"] = Path(overrides["data"]).name
    else:
        request["data"] = jobs.data_of(store, stored.id) or request["data"]
    repeated: dict[str, Any] | None = None
    reason = _missing_tables(store, original.data)
    try:
        if reason is None:
            variables = original.numerics.environment_variables
            child.train(original.model, request, folder, work.note, work.cancelled, variables)
            repeated = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    except child.WorkFailed as error:
        reason = str(error)
    verdict = judge(store, original, repeated, folder, reason)
    body = {
        "schema": SCHEMA,
        "kind": "verification",
        "model": original.model,
        "created": now(),
        "subject": stored.id,
        "asked": {"overrides": overrides},
        **verdict,
        "repeated": repeated,
        "session": job.session,
    }
    with store.writing() as connection:
        identity = stored_records.put_record(connection, body, subject=stored.id)
        details = {"record": stored.id, "verification": identity, "level": verdict["level"]}
        audit.append(connection, job.session, "reproduce", original.model, details)
    return {"record": identity, "level": verdict["level"]}


def judge(
    store: Store,
    original: Record,
    repeated: dict[str, Any] | None,
    folder: Path,
    reason: str | None,
) -> dict[str, Any]:
    """Level, differences and per-array comparison of a repeated training with the original's record."""
    if repeated is None:
        return {"level": NOT_COMPARABLE, "reason": reason, "differences": [], "tensors": {}}
    again = Record(repeated)
    found = differences(original, again)
    if again.data.fingerprint != original.data.fingerprint:
        return {
            "level": NOT_COMPARABLE,
            "reason": _changed_data(store, original, again, folder),
            "differences": found,
            "tensors": {},
        }
    before, after = original.results, again.results
    if before.headline.name not in after.metrics:
        reason = f"The training no longer measures {before.headline.name}, by which the record was judged."
        return {"level": NOT_COMPARABLE, "reason": reason, "differences": found, "tensors": {}}
    tensors = {
        name: before.tensors.get(name) == after.tensors.get(name)
        for name in sorted(before.tensors.keys() | after.tensors.keys())
    }
    disagreeing, largest = _compare_probes(store, before, folder)
    headline = before.headline
    gaps = {
        name: abs(Figure.of(before.metrics[name]).value - Figure.of(after.metrics[name]).value)
        if name in after.metrics
        else None
        for name in (headline.name, TEST_ACCURACY)
        if name in before.metrics
    }
    same_weights = before.weights_digest == after.weights_digest
    level = level_of(same_weights, disagreeing, gaps.values(), before.tolerance)
    return {
        "level": level,
        "reason": None,
        "differences": found,
        "tensors": tensors,
        "largest_probability_difference": largest,
        "probe_labels_disagreeing": disagreeing,
        "headline": headline.to_json(),
        **{f"{name}_difference": gap for name, gap in gaps.items()},
        "tolerance": before.tolerance,
    }


def level_of(
    same_weights: bool, disagreeing: float | None, gaps: Iterable[float | None], tolerance: float
) -> str:
    """The highest level that holds.

    Parameters
    ----------
    disagreeing : float or None
        Share of the probe set, in [0, 1], that is labelled otherwise; None where the sets cannot be compared.
    gaps : iterable of (float or None)
        By how much the headline, and the test's result, differ; None where one is measured no longer.
    tolerance : float
        Largest gap, and largest share of labels, that still counts as the same model.
    """
    # The tolerance stands in the record from before; the epsilon covers the rounding of a difference. Equal weights
    # that are judged otherwise are not what the record says either.
    largest = tolerance + 1e-12
    if not all(gap is not None and gap <= largest for gap in gaps):
        return LEVELS[3]
    if same_weights:
        return LEVELS[0]
    if disagreeing == 0:
        return LEVELS[1]
    return LEVELS[2] if disagreeing is None or disagreeing <= largest else LEVELS[3]


def differences(original: Record, repeated: Record) -> list[dict[str, Any]]:
    """Every compared fact that is recorded otherwise, each with ``fact``, ``recorded`` and ``found``."""
    before, after = _facts(original), _facts(repeated)
    if not any(fact.startswith(_SOURCES) for fact in before):
        # An early record says nothing of the files, and what it does not say is no difference.
        after = {fact: value for fact, value in after.items() if not fact.startswith(_SOURCES)}
    return [
        {"fact": fact, "recorded": before.get(fact), "found": after.get(fact)}
        for fact in sorted(before.keys() | after.keys())
        if before.get(fact) != after.get(fact)
    ]


def _facts(record: Record) -> dict[str, Any]:
    flat: dict[str, Any] = {}

    def walk(path: str, value: Any) -> None:
        if isinstance(value, Mapping) and value:
            for name, inner in value.items():
                walk(f"{path}.{name}", inner)
        else:
            flat[path] = value

    for path in _COMPARED:
        value: Any = record.body
        for part in path.split("."):
            value = (value or {}).get(part)
        if path == "data" and "split" in (value or {}):
            # One split is written in two ways, by an older schema and by the newest.
            value = {**value, "split": record.data.split.to_json()}
        if value is not None:
            walk(path, value)
    return flat


def _missing_tables(store: Store, data: Data) -> str | None:
    # Looked up here, because loading the data in the child would fill a missing table from its file.
    missing = set(data.tables) - set(sql_tables.names(store.engine))
    if not missing:
        return None
    return (
        f"The data of the record are gone: the workspace has no table {', '.join(sorted(missing))}. "
        f"Recorded is the fingerprint {data.fingerprint}."
    )


def _changed_data(store: Store, original: Record, repeated: Record, folder: Path) -> str:
    before, after = original.data, repeated.data
    where = ", ".join(before.tables) or before.name
    sentence = (
        f"The data are not those of the record. Table {where} has the fingerprint "
        f"{after.fingerprint}, recorded is {before.fingerprint}."
    )
    try:
        old = json.loads(store.blobs.get(original.results.files[ROWS_FILE]["digest"]))
    except (CrumbtrailError, KeyError, ValueError, RecursionError):
        return sentence
    if not isinstance(old, dict):
        return sentence
    new = json.loads((folder / ROWS_FILE).read_text(encoding="utf-8"))
    groups = {
        "Changed": [name for name in old if name in new and old[name] != new[name]],
        "Gone": [name for name in old if name not in new],
        "New": [name for name in new if name not in old],
    }
    for word, names in groups.items():
        if names:
            more = f" and {len(names) - 5} more" if len(names) > 5 else ""
            sentence += f" {word}: {', '.join(names[:5])}{more}."
    return sentence


def _compare_probes(store: Store, before: Results, folder: Path) -> tuple[float | None, float | None]:
    """Share of the probe set that is labelled otherwise, and the largest difference of a probability."""
    from safetensors.numpy import load

    new = load((folder / PROBE_FILE).read_bytes())
    try:
        old = load(store.blobs.get(before.files[PROBE_FILE]["digest"]))
    except Exception:
        # Gone, altered or never a probe file: in each case there is nothing to compare with.
        return None, None
    if any(name not in old or old[name].shape != new[name].shape for name in ("inputs", "probabilities")):
        return None, None
    if not np.array_equal(old["inputs"], new["inputs"]):
        # Rows that the same data give come out the same unless the code is another. Of pictures the digest alone is
        # kept, and a processor can draw one otherwise in its last bit.
        return (None if old["inputs"].ndim == 1 else 1.0), None
    disagreeing = np.mean(old["probabilities"].argmax(axis=1) != new["probabilities"].argmax(axis=1))
    return float(disagreeing), float(np.abs(old["probabilities"] - new["probabilities"]).max())


def check_overrides(pairs: Mapping[str, str]) -> None:
    """Raise `UserMistake` where seed or threads are no whole number in their ranges."""
    for name, (low, high) in RUN_NUMBERS.items():
        if name in pairs and not _is_whole(pairs[name], low, high):
            raise UserMistake(f"{name} must be a whole number from {low} to {high}, not {pairs[name]!r}.")


def _is_whole(text: str, low: int, high: int) -> bool:
    try:
        return low <= numerals.whole(text) <= high
    except ValueError:
        return False
