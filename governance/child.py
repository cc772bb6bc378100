"""Long work in a fresh process: a training, ``python -m models train MODEL --into FOLDER``, or another command.

The child gets its numerics by environment variables before anything heavy is imported. It reports progress
as JSON lines and ends when its standard input closes, so that it never outlives the process that started it.
A training also gets an empty home of its own, so that it cannot see a stored artefact. It shares the
database, because the data lie there, the cache, which holds rendered scenes by their identity, and the
projects, which may declare the model.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from data import workspace
from data.failures import CrumbtrailError, UserMistake
from governance import numerics

_POLL_SECONDS = 0.2


class Cancelled(CrumbtrailError):
    """The end of the work was asked for."""


class WorkFailed(CrumbtrailError):
    """The process ended with an error."""


def train(
    model: str,
    request: Mapping[str, Any],
    folder: Path,
    on_progress: Callable[[Mapping[str, Any]], None],
    cancelled: Callable[[], bool],
    recorded_variables: Mapping[str, str] | None = None,
) -> None:
    """Train a model into a folder, in a child process; returns when it is done.

    Parameters
    ----------
    request : mapping
        ``settings`` (map), ``seed``, ``threads`` and ``data`` (name, or None for the model's own);
        optionally ``expect`` (a data fingerprint: other data are not trained on).
    folder : Path
        An empty folder; afterwards holds ``record.json`` and the files that it names.
    cancelled : callable
        Asked several times a second; True ends the child.
    recorded_variables : mapping, optional
        Environment variables of the training that is repeated.

    Raises
    ------
    UserMistake
        If the child says that it was asked for something that does not exist.
    Cancelled, WorkFailed
        See `run`.
    """
    home = folder.with_name(folder.name + "-home")
    home.mkdir()
    environment = numerics.child_environment(int(request["threads"]), recorded_variables)
    environment |= {
        "CRUMBTRAIL_HOME": str(home),
        "CRUMBTRAIL_DB": workspace.database_url(),
        "CRUMBTRAIL_CACHE": str(workspace.cache()),
        "CRUMBTRAIL_PROJECTS": str(workspace.projects()),
    }
    run(["models", *arguments(model, request), "--into", str(folder)], environment, on_progress, cancelled)


def run(
    words: Sequence[str],
    environment: Mapping[str, str],
    on_progress: Callable[[Mapping[str, Any]], None],
    cancelled: Callable[[], bool],
    left: str = "nothing was stored",
) -> None:
    """Run ``python -m`` with these words in a child process; returns when it is done.

    The child must call `report_to_parent` first of all.

    Parameters
    ----------
    cancelled : callable
        Asked several times a second; True ends the child.
    left : str
        What of the work is there after it was cancelled, for the message.

    Raises
    ------
    UserMistake
        If the child says that it was asked for something that does not exist.
    Cancelled
        If ``cancelled`` said so.
    WorkFailed
        If the child ended otherwise; the message is its last words.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=workspace.ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    lines: queue.Queue[str | None] = queue.Queue()
    complaints: list[str] = []
    readers = [
        threading.Thread(target=_pass_on, args=(process.stdout, lines.put), daemon=True),
        threading.Thread(
            target=_pass_on, args=(process.stderr, lambda s: complaints.append(s or "")), daemon=True
        ),
    ]
    for reader in readers:
        reader.start()
    try:
        _follow(lines, on_progress, cancelled, left)
        code = process.wait()
    finally:
        _end(process)
    for reader in readers:
        reader.join(timeout=5)
    if code:
        said = [line.strip() for line in complaints if line.strip()]
        message = said[-1] if said and code > 0 else _ended(code)
        raise UserMistake(message) if code == UserMistake.exit_code else WorkFailed(message)


def _ended(code: int) -> str:
    """A sentence for a process that was ended before it could say why."""
    if code >= 0:
        return f"The process ended with code {code} and said nothing."
    name = signal.Signals(-code).name
    why = ", as a system does that has no memory left" if -code == signal.SIGKILL else ""
    return (
        f"The process was ended from outside ({name}){why}. What was stored before is untouched. "
        "Close other programs, or ask for less at once, and start it again."
    )


def report_to_parent(option: str) -> Callable[[Any], None]:
    """In a child: end with the parent, and give what tells it of progress.

    Parameters
    ----------
    option : str
        What asks for this, for the message.

    Returns
    -------
    callable
        Takes a dataclass instance, as `models.spec.Progress`.

    Raises
    ------
    UserMistake
        If nobody holds this process's standard input open.
    """
    if sys.stdin is None or sys.stdin.isatty():
        raise UserMistake(f"{option} is for the queue, which holds this process's standard input open.")

    def watch() -> None:
        sys.stdin.read()
        if os.getpgrp() == os.getpid():
            # Whoever started this process made it the first of a group; its helpers end with it.
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    return lambda progress: print(json.dumps(asdict(progress)), flush=True)


def arguments(model: str, request: Mapping[str, Any]) -> list[str]:
    """The words after ``python -m models`` that ask for this training."""
    words = ["train", model, "--seed", str(request["seed"]), "--threads", str(request["threads"])]
    if request.get("data"):
        words += ["--data", str(request["data"])]
    for name, value in sorted(request["settings"].items()):
        words += ["--set", f"{name}={value}"]
    if request.get("expect"):
        words += ["--expect", str(request["expect"])]
    return words


def _pass_on(stream: IO[str] | None, put: Callable[[str | None], None]) -> None:
    for line in stream or ():
        put(line)
    put(None)


def _follow(
    lines: queue.Queue[str | None],
    on_progress: Callable[[Mapping[str, Any]], None],
    cancelled: Callable[[], bool],
    left: str,
) -> None:
    while True:
        try:
            line = lines.get(timeout=_POLL_SECONDS)
        except queue.Empty:
            line = ""
        if cancelled():
            raise Cancelled(f"Cancelled; {left}.")
        if line is None:
            return
        if line.startswith("{"):
            on_progress(json.loads(line))


def _end(process: subprocess.Popen[str]) -> None:
    # The child is the first of its group, to which the processes belong that render scenes for it. They
    # do not end with it by themselves, and hold its output open, so that closing it would wait for them.
    if process.poll() is None:
        _signal_group(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
    _signal_group(process, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            stream.close()


def _signal_group(process: subprocess.Popen[str], what: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, what)
