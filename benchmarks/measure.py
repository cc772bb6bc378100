"""What a benchmark is: a row that compares a time of ours with a peer's, taken in turns."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison.

    Attributes
    ----------
    what : str
        What was measured.
    ours, peers : float
        Median seconds.
    peer : str
        What it was measured against.
    """

    what: str
    ours: float
    peer: str
    peers: float

    @property
    def ratio(self) -> float:
        """How many times the peer's time ours is."""
        return self.ours / self.peers


def compare(
    what: str, ours: Callable[[], object], peer: str, peers: Callable[[], object], rounds: int = 7
) -> Row:
    """Time two callables in turns, so that a busy moment of the machine meets both; take the medians."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, taken in zip((ours, peers), times, strict=True):
            start = time.perf_counter()
            call()
            taken.append(time.perf_counter() - start)
    return Row(what, statistics.median(times[0]), peer, statistics.median(times[1]))


def python(code: str) -> Callable[[], object]:
    """A callable that runs code in a fresh interpreter at the root of the repository."""
    return lambda: subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
