"""What threads have to take turns at: a network with hooks on it, and NumPy's one global generator.

`twin_of` gives a twin of a network on which hooks may be set, for one thread at a time.

A hook fires for whoever runs the module. With hooks on the network itself, a prediction in another
thread would put its activations in the place of the explained picture's. So hooks go on a twin: other
modules around the very same weights, which nobody runs but the holder of its lock. `numpy_seeded` is for
libraries that draw from NumPy's global generator and cannot be given another.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np


@dataclass(slots=True)
class _Twin:
    network: Any
    lock: threading.Lock = field(default_factory=threading.Lock)


_twins: WeakKeyDictionary[Any, _Twin] = WeakKeyDictionary()
_registry = threading.Lock()
_generator = threading.Lock()


@contextmanager
def twin_of(network: Any) -> Iterator[Any]:
    """Hold the twin of a ``torch.nn.Module``, on which hooks may be set and must be removed again.

    The twin shares every parameter and buffer with the network, so it answers the same, and it goes
    when the network goes. It is made once, at the first call.
    """
    with _registry:
        if network not in _twins:
            _twins[network] = _Twin(_with_the_same_tensors(network))
        twin = _twins[network]
    with twin.lock:
        yield twin.network


def _with_the_same_tensors(network: Any) -> Any:
    # What deepcopy finds in its memo it takes as copied already.
    shared = {id(tensor): tensor for tensor in [*network.parameters(), *network.buffers()]}
    return copy.deepcopy(network, shared)


@contextmanager
def numpy_seeded(seed: int) -> Iterator[None]:
    """Hold NumPy's global generator, seeded, and put it back as it was."""
    with _generator:
        before = np.random.get_state()
        np.random.seed(seed)
        try:
            yield
        finally:
            np.random.set_state(before)
