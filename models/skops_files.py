"""``skops.io``, imported without torch.

It asks scikit-learn for all estimators, which imports every package inside scikit-learn, and one of them
imports torch: seconds, for a tree. A placeholder keeps that one out meanwhile.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

_TORCH_ADAPTER = "sklearn.externals.array_api_compat.torch"
_placed = "skops.io" not in sys.modules and _TORCH_ADAPTER not in sys.modules
if _placed:
    sys.modules[_TORCH_ADAPTER] = ModuleType(_TORCH_ADAPTER)
try:
    _io = importlib.import_module("skops.io")
finally:
    if _placed:
        del sys.modules[_TORCH_ADAPTER]

dumps, loads = _io.dumps, _io.loads
