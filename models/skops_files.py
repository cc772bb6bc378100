"""``skops.io``, imported without torch.

It asks scikit-learn for all estimators, which imports every package inside scikit-learn, and one of them
imports torch: seconds, for a tree. A placeholder keeps that one out meanwhile.

A skops file is a zip archive, and a small archive can hold files of any size; so what it says of them is added up
before any is read. `zipfile` reads no more of a file than the archive says.
"""

from __future__ import annotations

import importlib
import io
import sys
import zipfile
from collections.abc import Sequence
from types import ModuleType
from typing import Any

_TORCH_ADAPTER = "sklearn.externals.array_api_compat.torch"
_placed = "skops.io" not in sys.modules and _TORCH_ADAPTER not in sys.modules
if _placed:
    sys.modules[_TORCH_ADAPTER] = ModuleType(_TORCH_ADAPTER)
try:
    _io = importlib.import_module("skops.io")
finally:
    if _placed:
        del sys.modules[_TORCH_ADAPTER]

dumps = _io.dumps

LARGEST = 256 * 2**20
"""Bytes that the files in one archive may have together; the forests here have under 20 MiB."""
MOST_FILES = 20_000
"""The forests here have under 2,000."""


def loads(content: bytes, trusted: Sequence[str]) -> Any:
    """The object in a skops file that names none but NumPy's and scikit-learn's own types and the trusted ones.

    Raises
    ------
    ValueError
        If it is no zip archive, or one whose content would be too large; the message is half a sentence.
    Exception
        Whatever skops and the libraries below it raise for an archive that they cannot read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ValueError("it is no whole skops file, which is a zip archive") from error
    size = sum(file.file_size for file in files)
    if size > LARGEST or len(files) > MOST_FILES:
        raise ValueError(
            f"it unpacks to {size / 2**20:,.0f} MiB in {len(files):,} files, more than the {LARGEST // 2**20} MiB in "
            f"{MOST_FILES:,} files that are read"
        )
    return _io.loads(content, trusted=list(trusted))
