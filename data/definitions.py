"""What projects declare in Python, for every process of this home.

Each folder of ``projects/`` in the home (`data.workspace.projects`) may hold a ``definition.py`` with ``SOURCES``, a
tuple of `data.dataset_types.Source`, and ``DEFINITIONS``, a tuple of `models.spec.Definition`. It is read where the
datasets or the models are listed, and again once the file has changed; so what it declares can be asked for, and
trained, measured and made again in child processes, as if it were built in. Like everything that trains, it imports
its heavy libraries inside its functions, and it imports nothing that lies beside it.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Collection
from pathlib import Path
from types import ModuleType
from typing import Any

from data import workspace

_FILE = "definition.py"
_lock = threading.RLock()
_loaded: dict[Path, tuple[int, ModuleType | str]] = {}


def files() -> dict[str, Path]:
    """The files that declare something, by their place among the projects, as in ``projects/bikes/definition.py``."""
    return {
        f"projects/{path.parent.name}/{_FILE}": path
        for path in sorted(workspace.projects().glob(f"*/{_FILE}"))
    }


def declared(what: str, taken: Collection[str] = ()) -> dict[str, Any]:
    """Everything that projects hold under a name, ``SOURCES`` or ``DEFINITIONS``, by its own name.

    What cannot be used is left out, so that one project's mistake ends no other's work; `problems` says it.

    Parameters
    ----------
    taken : collection of str
        Names that are no project's to give.
    """
    return _read(what, taken)[0]


def problems(what: str, taken: Collection[str] = ()) -> list[str]:
    """Of what `declared` left out, a sentence each: a file that cannot be run, a name that is given already."""
    return _read(what, taken)[1]


def _read(what: str, taken: Collection[str]) -> tuple[dict[str, Any], list[str]]:
    found: dict[str, Any] = {}
    wrong = []
    for place, path in files().items():
        module = _module(place, path)
        if isinstance(module, str):
            wrong.append(module)
            continue
        for one in getattr(module, what, ()):
            name = one.spec.name if what == "DEFINITIONS" else one.name
            if name in taken or name in found:
                wrong.append(f"{place} declares {name}, a name that is given already. Choose another.")
            else:
                found[name] = one
    return found, wrong


def _module(place: str, path: Path) -> ModuleType | str:
    """The file as a module, or what is wrong with it in a sentence; run again once it has changed."""
    with _lock:
        try:
            changed = path.stat().st_mtime_ns
        except OSError as error:
            return f"{place} cannot be read ({error.strerror}). Correct it, or move it out of the folder."
        known = _loaded.get(path)
        if known is None or known[0] != changed:
            known = _loaded[path] = (changed, _run(place, path))
        return known[1]


def _run(place: str, path: Path) -> ModuleType | str:
    spec = importlib.util.spec_from_file_location(f"crumbtrail_project_{path.parent.name}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # As an import does it: a dataclass looks its own module up while it is made.
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
        # Whatever is declared must have a name, or nothing here could be listed.
        for one in (*getattr(module, "SOURCES", ()), *getattr(module, "DEFINITIONS", ())):
            str(one.spec.name if hasattr(one, "spec") else one.name)
    except Exception as error:
        del sys.modules[spec.name]
        return f"{place} cannot be read ({type(error).__name__}: {error}). Correct it, or move it out of the folder."
    return module
