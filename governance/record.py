"""The record of a run: what is written about it, once.

A record is a JSON value in canonical form (RFC 8785) whose SHA-256 is its identity. Its parts are
``code``, ``data``, ``parameters``, ``numerics``, ``environment``, ``results`` and ``session``; a
verification is a record too, of kind ``verification``, that refers to the run's by its identity.
"""

from __future__ import annotations

import json
from typing import Any

from data.failures import CrumbtrailError

SCHEMA = 1
PARTS = ("code", "data", "parameters", "numerics", "environment", "results", "session")


class RecordError(CrumbtrailError):
    """A record is not complete, or not what its identity says."""


def check_run(record: dict[str, Any]) -> None:
    """Raise `RecordError` unless a run's record has every part and names what identifies its result."""
    missing = [part for part in PARTS if not record.get(part)]
    if missing:
        raise RecordError(
            f"The record of {record.get('model')} lacks {', '.join(missing)}; it is not stored."
        )
    results = record["results"]
    for name in ("weights_digest", "files", "metrics", "tensors", "duration_s"):
        if name not in results:
            raise RecordError(
                f"The results in the record of {record['model']} lack {name}; it is not stored."
            )


def files_of(body: str) -> list[str]:
    """Digests of the files that a stored record refers to."""
    files = json.loads(body).get("results", {}).get("files", {})
    return [entry["digest"] for entry in files.values()]
