"""Large libraries are imported by one thread at a time, and what a visitor waits for comes first.

Two threads that enter a package at different places, one at ``sklearn.tree`` and one at ``sklearn.svm``, each
hold a module that the other waits for. Python then hands one of them a module that is only half there, and its
import fails. That can happen only while a library is imported for the first time: until all that is slow has
been imported, pages and the preparation take turns.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import inf

# Seconds after a visitor's turn in which what it drew is sent, and often the next turn begins.
QUIET = 1.0
_change = threading.Condition()
_taken = False
_visitors = 0
_left: float | None = None
_all_there = threading.Event()


@contextmanager
def turn(imports: bool = True) -> Iterator[None]:
    """Hold the turn for a piece of work that may import; at once where `prepare` has imported everything.

    Not to be entered twice by one thread.

    Parameters
    ----------
    imports : bool
        False for work that needs none of the libraries that are prepared: it waits for nobody, and what is prepared
        next waits for it.
    """
    global _taken, _visitors, _left
    if _all_there.is_set():
        yield
        return
    with _change:
        _visitors += 1
        if imports:
            _change.wait_for(lambda: not _taken)
            _taken = True
    try:
        yield
    finally:
        with _change:
            _visitors -= 1
            _left = time.monotonic()
            _taken = _taken and not imports
            _change.notify_all()


def prepare(modules: Sequence[str], patience: float = 0.0) -> None:
    """Import modules, each in a turn of its own, between those of visitors; afterwards nobody takes turns.

    Parameters
    ----------
    patience : float
        Seconds to wait for a first visitor before the first import: an import beside a page makes the page wait too,
        for Python runs one thread at a time.

    Raises
    ------
    ImportError
        If one cannot be imported; turns are then still taken.
    """
    global _taken
    with _change:
        _change.wait_for(lambda: _visitors or _left is not None, patience)
    for module in modules:
        _take_after_visitors()
        try:
            importlib.import_module(module)
        finally:
            with _change:
                _taken = False
                _change.notify_all()
    _all_there.set()


def _take_after_visitors() -> None:
    global _taken
    with _change:
        while True:
            _change.wait_for(lambda: not _taken and not _visitors)
            since = inf if _left is None else time.monotonic() - _left
            if since >= QUIET:
                break
            _change.wait(QUIET - since)
        _taken = True
