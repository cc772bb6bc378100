"""Large libraries are imported by one thread at a time, and what a visitor waits for comes first.

Two threads that enter a package at different places, one at ``sklearn.tree`` and one at ``sklearn.svm``, each
hold a module that the other waits for. Python then hands one of them a module that is only half there, and its
import fails. That can happen only while a library is imported for the first time: until all that is slow has
been imported, pages and the preparation take turns.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_change = threading.Condition()
_taken = False
_visitors_waiting = 0
_all_there = threading.Event()


@contextmanager
def turn() -> Iterator[None]:
    """Hold the turn for a piece of work that may import; at once where `prepare` has imported everything.

    Not to be entered twice by one thread.
    """
    global _taken, _visitors_waiting
    if _all_there.is_set():
        yield
        return
    with _change:
        _visitors_waiting += 1
        _change.wait_for(lambda: not _taken)
        _visitors_waiting -= 1
        _taken = True
    try:
        yield
    finally:
        _give_back()


def prepare(modules: Sequence[str]) -> None:
    """Import modules, each in a turn of its own, between those of visitors; afterwards nobody takes turns.

    Raises
    ------
    ImportError
        If one cannot be imported; turns are then still taken.
    """
    for module in modules:
        _take_after_visitors()
        try:
            importlib.import_module(module)
        finally:
            _give_back()
    _all_there.set()


def _take_after_visitors() -> None:
    global _taken
    with _change:
        _change.wait_for(lambda: not _taken and not _visitors_waiting)
        _taken = True


def _give_back() -> None:
    global _taken
    with _change:
        _taken = False
        _change.notify_all()
