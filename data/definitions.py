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
from data.failures import CrumbtrailError

_FILE = "definition.py"
_lock = threading.RLock()
_loaded: dict[Path, tuple[int, ModuleType]] = {}


class DefinitionError(CrumbtrailError):
    """What a project declares cannot be used; the message names its file."""


def files() -> dict[str, Path]:
    """The files that declare something, by their place among the projects, as in ``projects/bikes/definition.py``."""
    return {
        f"projects/{path.parent.name}/{_FILE}": path
        for path in sorted(workspace.projects().glob(f"*/{_FILE}"))
    }


def declared(what: str, taken: Collection[str] = ()) -> dict[str, Any]:
    """Everything that projects hold under a name, ``SOURCES`` or ``DEFINITIONS``, by its own name.

    Parameters
    ----------
    taken : collection of str
        Names that are no project's to give.

    Raises
    ------
    DefinitionError
        If a file cannot be run, or a name is taken or declared twice.
    """
    found: dict[str, Any] = {}
    for place, path in files().items():
        for one in getattr(_module(place, path), what, ()):
            name = one.spec.name if what == "DEFINITIONS" else one.name
            if name in taken or name in found:
                raise DefinitionError(
                    f"{place} declares {name}, a name that is given already. Choose another."
                )
            found[name] = one
    return found


def _module(place: str, path: Path) -> ModuleType:
    with _lock:
        changed = path.stat().st_mtime_ns
        known = _loaded.get(path)
        if known is None or known[0] != changed:
            known = _loaded[path] = (changed, _run(place, path))
        return known[1]


def _run(place: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"crumbtrail_project_{path.parent.name}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # As an import does it: a dataclass looks its own module up while it is made.
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[spec.name]
        raise DefinitionError(
            f"{place} cannot be read ({type(error).__name__}: {error}). Correct it, or move it out of the folder."
        ) from error
    return module
