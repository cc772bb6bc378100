"""What a training process really used: the repository's files, and the environment."""

from __future__ import annotations

import platform
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from data import definitions
from data.workspace import ROOT
from governance import digests

_opened: set[str] = set()
_watching = False


def watch_files() -> None:
    """From now on, note every file that this process opens; cannot be undone in this process."""
    global _watching
    if not _watching:
        _watching = True
        sys.addaudithook(_note_open)


def _note_open(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and isinstance(arguments[0], str):
        _opened.add(str(Path(arguments[0]).absolute()))


def code() -> dict[str, Any]:
    """Git commit where there is one, and the SHA-256 of every repository file used so far.

    Files are the source of each imported module, and every file of the repository that was opened
    since `watch_files`: cards, declarations, data. Paths are relative to the repository; what this
    home's projects declare is among them by its place in the home.
    """
    paths = {getattr(module, "__file__", None) for module in list(sys.modules.values())} | set(_opened)
    relative = {path for path in map(_in_repository, paths - {None}) if path and (ROOT / path).is_file()}
    # A project is named as its home names it, wherever that is.
    declared = definitions.files()
    relative -= {path.relative_to(ROOT) for path in declared.values() if path.is_relative_to(ROOT)}
    used = {path.as_posix(): ROOT / path for path in relative} | declared
    return {"git": _git(), "files": {name: digests.of_file(path) for name, path in sorted(used.items())}}


@cache
def _in_repository(name: str) -> Path | None:
    """Where a file lies in the repository, whether it is still there or not; None for what was not written there."""
    path = Path(name)
    try:
        # Thousands of modules lie in some hundred folders; only a link need be followed by itself.
        by_folder = path.is_absolute() and not path.is_symlink()
        path = _resolved(path.parent) / path.name if by_folder else path.resolve()
        path = path.relative_to(ROOT)
    except (ValueError, OSError):
        return None
    # Folders with a dot hold what is installed or stored, not what was written.
    hidden = any(part.startswith(".") or part == "__pycache__" for part in path.parts[:-1])
    return None if hidden or path.suffix == ".pyc" else path


@cache
def _resolved(folder: Path) -> Path:
    return folder.resolve()


def _git() -> dict[str, Any] | None:
    def ask(*arguments: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, timeout=20, check=True
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.strip()

    commit = ask("rev-parse", "HEAD")
    top = ask("rev-parse", "--show-toplevel")
    # An unpacked copy inside somebody else's repository has a commit above it that is not its own.
    if commit is None or top is None or Path(top).resolve() != ROOT:
        return None
    return {"commit": commit, "dirty": bool(ask("status", "--porcelain"))}


def environment() -> dict[str, Any]:
    """Python, operating system, processor, and every installed distribution with its version."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "os": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "cpu": _cpu(),
        "distributions": dict(_distributions(tuple(sys.path))),
    }


@cache
def _distributions(places: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for distribution in metadata.distributions(path=list(places)):
        # What an interrupted installation left behind has no name. Of two with one name the first counts,
        # as for an import.
        if name := distribution.metadata["Name"]:
            found.setdefault(name.lower(), distribution.version)
    return found


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
