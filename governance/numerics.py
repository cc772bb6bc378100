"""What decides the last bits of a computation, fixed before heavy libraries are imported.

Threads and instruction sets change the order in which sums are formed, so the same training gives
other bits. A training therefore runs in a child process whose environment is made here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

DEFAULT_THREADS = 2
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
# Variables that are recorded, and set again when a training is repeated.
VARIABLES = (
    *_THREAD_VARIABLES,
    "PYTHONHASHSEED",
    "ATEN_CPU_CAPABILITY",
    "DNNL_MAX_CPU_ISA",
    "MKL_CBWR",
    "MKL_ENABLE_INSTRUCTIONS",
    "NPY_DISABLE_CPU_FEATURES",
    "OPENBLAS_CORETYPE",
)


def child_environment(threads: int, recorded: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment variables for a training process.

    Parameters
    ----------
    threads : int
        Threads of every numeric library.
    recorded : mapping, optional
        Variables of an earlier training; those of `VARIABLES` that it does not have are removed.
    """
    environment = dict(os.environ)
    if recorded is not None:
        for name in VARIABLES:
            environment.pop(name, None)
        environment.update({name: value for name, value in recorded.items() if name in VARIABLES})
    environment.update(dict.fromkeys(_THREAD_VARIABLES, str(threads)))
    environment["PYTHONHASHSEED"] = "0"
    # The pages are served beside it: a thread that waits for another leaves the core to them. No number depends on it.
    environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    return environment


def observe() -> dict[str, Any]:
    """What is in force in this process, as JSON; call it after the training's imports."""
    from threadpoolctl import threadpool_info

    pools = [
        {key: pool.get(key) for key in ("internal_api", "version", "num_threads", "architecture")}
        for pool in threadpool_info()
    ]
    found: dict[str, Any] = {
        "environment_variables": {name: os.environ[name] for name in VARIABLES if name in os.environ},
        "thread_pools": sorted(pools, key=str),
        "simd": _simd(),
    }
    if "torch" in sys.modules:
        found["torch"] = _observe_torch()
    return found


def _simd() -> list[str]:
    from numpy._core._multiarray_umath import __cpu_features__

    return sorted(name for name, present in __cpu_features__.items() if present)


def _observe_torch() -> dict[str, Any]:
    import torch

    return {
        "threads": torch.get_num_threads(),
        "deterministic_algorithms": torch.are_deterministic_algorithms_enabled(),
        "mkldnn": bool(torch.backends.mkldnn.enabled),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "default_dtype": str(torch.get_default_dtype()).removeprefix("torch."),
    }
