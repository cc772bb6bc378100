"""Where answers keep what took time: a front end supplies it, and decides how long it lives.

What is kept lies under a kind and under everything that decides it, digests and never arrays. It has one of two
scopes: a visit, for what follows from somebody's own input, and the process, for what belongs to a version or its
data and is nobody's upload.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Literal, Protocol, TypeVar

T = TypeVar("T")
Key = tuple[Hashable, ...]
Scope = Literal["visit", "process"]


class Cache(Protocol):
    """What a front end supplies."""

    def find(self, kind: str, key: Key, scope: Scope = "visit") -> Any | None:
        """What is kept, None where nothing is."""
        ...

    def kept(self, kind: str, key: Key, make: Callable[[], T], scope: Scope = "visit") -> T:
        """What is kept, made first where nothing is.

        What `make` raises goes on to the caller, and nothing is kept: a computation that was cancelled, or whose
        data come back later, is made anew.
        """
        ...


class Memory:
    """A `Cache` in memory that forgets what was not used for longest.

    Parameters
    ----------
    most : int
        How many values of each kind it holds.

    Notes
    -----
    Threads may share it: a value is made by one of them while the others wait for it.
    """

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._values: dict[str, OrderedDict[Key, Any]] = {}
        self._busy: dict[tuple[str, Key], threading.Lock] = {}
        self._lock = threading.Lock()

    def find(self, kind: str, key: Key, scope: Scope = "visit") -> Any | None:
        """See `Cache.find`; both scopes are one here."""
        return self._look_up(kind, key)[1]

    def kept(self, kind: str, key: Key, make: Callable[[], T], scope: Scope = "visit") -> T:
        """See `Cache.kept`."""
        known, value = self._look_up(kind, key)
        if known:
            return value
        with self._lock:
            busy = self._busy.setdefault((kind, key), threading.Lock())
        try:
            with busy:
                known, value = self._look_up(kind, key)
                return value if known else self._keep(kind, key, make())
        finally:
            with self._lock:
                self._busy.pop((kind, key), None)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()

    def _look_up(self, kind: str, key: Key) -> tuple[bool, Any]:
        with self._lock:
            values = self._values.get(kind)
            if values is None or key not in values:
                return False, None
            values.move_to_end(key)
            return True, values[key]

    def _keep(self, kind: str, key: Key, value: T) -> T:
        with self._lock:
            values = self._values.setdefault(kind, OrderedDict())
            values[key] = value
            while len(values) > self._most:
                values.popitem(last=False)
        return value
