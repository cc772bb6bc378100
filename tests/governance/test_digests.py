"""Digests against hashlib and a second implementation, and what they must and must not depend on."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rfc8785

from governance import digests


def array_digest_by_hand(array: np.ndarray) -> str:
    """Type, shape and values in C order, each value packed little-endian one by one."""
    kind = array.dtype.kind + str(array.dtype.itemsize)
    header = json.dumps(
        {"dtype": ("|" if array.dtype.itemsize == 1 else "<") + kind, "shape": list(array.shape)},
        separators=(",", ":"),
        sort_keys=True,
    )
    digest = hashlib.sha256(header.encode() + b"\n")
    letters = {"f8": "d", "f4": "f", "i8": "q", "u1": "B", "b1": "?"}
    for value in array.reshape(-1, order="C").tolist():
        digest.update(struct.pack("<" + letters[kind], value))
    return digest.hexdigest()


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.int64).reshape(2, 3),
        np.array([-1, 2**40], dtype=np.int64),
        np.array([1.5, -0.1, 1e300]),
        np.array([[0.1], [0.2]], dtype=np.float32),
        np.array([True, False]),
        np.array([7, 255], dtype=np.uint8),
        np.zeros((0, 4)),
        np.array(3.5),
    ],
    ids=lambda a: f"{a.dtype}{list(a.shape)}",
)
def test_array_digest_is_that_of_a_second_implementation(array: np.ndarray) -> None:
    assert digests.of_array(array) == array_digest_by_hand(array)


def test_array_digest_does_not_depend_on_how_it_lies_in_memory() -> None:
    array = np.arange(24, dtype=np.float64).reshape(4, 6)
    wide = np.zeros((8, 12))
    wide[::2, ::2] = array
    same = [
        array,
        np.asfortranarray(array),
        array.T.copy().T,
        wide[::2, ::2],
        array.astype(">f8"),
        np.asfortranarray(array.astype(">f8")),
        array[::-1][::-1],
    ]
    assert {digests.of_array(other) for other in same} == {array_digest_by_hand(array)}


def test_array_digest_depends_on_values_type_and_shape() -> None:
    array = np.arange(6, dtype=np.float64)
    last_bit = array.copy()
    last_bit[5] = np.nextafter(5, 6)
    different = [
        array,
        last_bit,
        array[::-1],
        array.reshape(2, 3),
        array.reshape(3, 2),
        array.reshape(1, 6),
        array.astype(np.float32),
        array.astype(np.int64),
        array.view(np.int64),
        -array,
        np.where(array == 0, -0.0, array),
    ]
    assert len({digests.of_array(other) for other in different}) == len(different)


def test_an_array_of_objects_has_no_digest() -> None:
    """Its bytes would be addresses, which say nothing about the values."""
    with pytest.raises(TypeError, match="object"):
        digests.of_array(np.array(["a", None], dtype=object))


def test_digest_of_all_arrays_is_that_of_their_names_and_digests() -> None:
    arrays = {"b": np.ones(2), "a": np.arange(3)}
    each, whole = digests.of_arrays(arrays)
    assert each == {name: array_digest_by_hand(array) for name, array in arrays.items()}
    plain = '{"a":"A","b":"B"}'.replace("A", each["a"]).replace("B", each["b"])
    assert whole == hashlib.sha256(plain.encode()).hexdigest()
    assert digests.of_arrays(dict(reversed(arrays.items())))[1] == whole
    assert digests.of_arrays({"a": arrays["b"], "b": arrays["a"]})[1] != whole
    assert digests.of_arrays({"b": arrays["b"]})[1] != whole


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # RFC 8785, sections 3.2.2 and 3.2.3 and appendix B.
        ({"b": 1, "a": [True, None, "x"]}, b'{"a":[true,null,"x"],"b":1}'),
        ([333333333.33333329, 1e30, 4.50, 2e-3, 1e-27], b"[333333333.3333333,1e+30,4.5,0.002,1e-27]"),
        ([1.0, -0.0, 5e-324], b"[1,0,5e-324]"),
        (
            {"€": "Euro Sign", "\r": "Carriage Return", "1": "One"},
            '{"\\r":"Carriage Return","1":"One","€":"Euro Sign"}'.encode(),
        ),
    ],
)
def test_canonical_json_is_that_of_the_standard(value: Any, expected: bytes) -> None:
    assert digests.canonical_json(value) == expected
    assert digests.of_json(value) == hashlib.sha256(expected).hexdigest()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53 + 1, {1, 2}, b"x", {1: "a"}])
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        digests.canonical_json({"value": value})


def test_file_and_bytes_have_one_digest(tmp_path: Path) -> None:
    content = bytes(range(256)) * 5000
    path = tmp_path / "file"
    path.write_bytes(content)
    assert digests.of_file(path) == digests.of_bytes(content) == hashlib.sha256(content).hexdigest()
