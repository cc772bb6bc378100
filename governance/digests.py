"""Digests that name content: of JSON, of arrays, of files. Always SHA-256, in hexadecimal."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import rfc8785


def canonical_json(value: Any) -> bytes:
    """The one way to write this JSON value (RFC 8785): equal values give equal bytes.

    Raises
    ------
    rfc8785.CanonicalizationError
        For NaN, infinities, integers beyond 2^53 and types that JSON does not have.
    """
    return rfc8785.dumps(value)


def of_bytes(content: bytes) -> str:
    """Digest of bytes."""
    return hashlib.sha256(content).hexdigest()


def of_json(value: Any) -> str:
    """Digest of a JSON value in canonical form."""
    return of_bytes(canonical_json(value))


def of_file(path: Path) -> str:
    """Digest of a file's content, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_array(array: np.ndarray) -> str:
    """Digest of an array's type, shape and values in C order, little-endian.

    The file that an array is stored in can differ from one library version to the next while the
    numbers are the same; this digest depends on the numbers alone.

    Raises
    ------
    TypeError
        For an array of Python objects, whose bytes are addresses.
    """
    if array.dtype.hasobject:
        raise TypeError("An array of objects has no digest.")
    plain = np.ascontiguousarray(array)
    little = plain.astype(plain.dtype.newbyteorder("<"), copy=False)
    header = canonical_json({"dtype": little.dtype.str, "shape": list(array.shape)})
    return of_bytes(header + b"\n" + little.tobytes())


def of_arrays(arrays: Mapping[str, np.ndarray]) -> tuple[dict[str, str], str]:
    """Digest of each named array, and the digest of all: that of the map of names to digests."""
    each = {name: of_array(array) for name, array in sorted(arrays.items())}
    return each, of_json(each)
