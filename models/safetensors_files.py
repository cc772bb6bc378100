"""The head of a safetensors file, read and held against what a model needs before any array of it is made.

A head is a length of 8 bytes, little-endian, and JSON: for each array its ``dtype``, ``shape`` and place, and beside
them the map of texts ``__metadata__`` (https://github.com/huggingface/safetensors#format).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_METADATA = "__metadata__"
_LENGTH_BYTES = 8

Shapes = Mapping[str, tuple[str, tuple[int, ...]]]
"""``dtype`` as safetensors writes it, as in ``F32``, and shape of each array, by its name."""


def shapes(content: bytes) -> dict[str, tuple[str, tuple[int, ...]]]:
    """What the head says of each array; raises `ValueError` as `metadata`."""
    found = _head(content)
    found.pop(_METADATA, None)
    try:
        return {name: (str(entry["dtype"]), tuple(entry["shape"])) for name, entry in found.items()}
    except (KeyError, TypeError) as error:
        raise ValueError("its head describes arrays without a type or a shape") from error


def metadata(content: bytes, entry: str) -> Any:
    """The JSON value in an entry of the head's metadata.

    Raises
    ------
    ValueError
        If the content is no whole safetensors file, or its head has no such entry; the message is half a sentence.
    """
    try:
        return json.loads(_head(content)[_METADATA][entry])
    except (KeyError, TypeError) as error:
        raise ValueError(f"its head has no entry {entry!r} that says what it holds") from error


def check_shapes(content: bytes, wanted: Shapes) -> None:
    """Raise `ValueError`, half a sentence, unless the head names just these arrays with these types and shapes."""
    found = shapes(content)
    for word, names in (
        ("lacks", sorted(wanted.keys() - found.keys())),
        ("also holds", sorted(found.keys() - wanted.keys())),
    ):
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise ValueError(f"it {word} the array {names[0][:80]}{more}")
    for name, needed in wanted.items():
        if found[name] != needed:
            raise ValueError(f"its array {name} is {_told(found[name])}, and not {_told(needed)}")


def _head(content: bytes) -> dict[str, Any]:
    length = int.from_bytes(content[:_LENGTH_BYTES], "little")
    if len(content) < _LENGTH_BYTES or length > len(content) - _LENGTH_BYTES:
        raise ValueError("it is no whole safetensors file")
    try:
        found = json.loads(content[_LENGTH_BYTES : _LENGTH_BYTES + length])
    except (ValueError, RecursionError) as error:
        raise ValueError("it is no safetensors file: its head is no JSON") from error
    if not isinstance(found, dict):
        raise ValueError("it is no safetensors file: its head is no map")
    return found


def _told(array: tuple[str, tuple[int, ...]]) -> str:
    dtype, shape = array
    return f"{dtype} of shape ({', '.join(map(str, shape))})"[:120]
