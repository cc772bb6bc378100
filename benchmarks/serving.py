"""A page's server in a process of its own, for benchmarks and for tests in a browser."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import ROOT

HEALTH = "/api/health"


@dataclass(frozen=True)
class Served:
    """A running server.

    Attributes
    ----------
    url : str
        Without a slash at its end.
    log : Path
        What it printed.
    process : subprocess.Popen
    seconds : float
        From the start of its process until it answered.
    """

    url: str
    log: Path
    process: subprocess.Popen[bytes]
    seconds: float


@contextmanager
def serving(
    log: Path, environment: Mapping[str, str], script: str | Path = "app.py", health: str = HEALTH
) -> Iterator[Served]:
    """Serve a script as ``make app`` does, on a free port, until the block ends.

    Parameters
    ----------
    log : Path
        File for what it prints.
    environment : mapping
        What its environment has besides this process's own.
    health : str
        Path that answers 200 as soon as it serves.

    Raises
    ------
    RuntimeError
        If it has not answered within a minute; with what it printed.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    start = time.perf_counter()
    with log.open("wb") as printed:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=printed,
            stderr=printed,
            stdin=subprocess.DEVNULL,
        )
        url = f"http://localhost:{port}"
        try:
            if not _answers(url + health, process):
                raise RuntimeError(
                    f"{url} does not answer (exit status {process.poll()}):\n{log.read_text('utf-8')}"
                )
            yield Served(url, log, process, time.perf_counter() - start)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(url: str, process: subprocess.Popen[bytes], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
                if answer.status == 200:
                    return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    return False
