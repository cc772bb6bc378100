"""The table of kinds of long work: whatever the rooms of the house declare, above this one too, found by name.

So every process can run every job that is queued, whoever asked for it, and no import leads upwards.
"""

from __future__ import annotations

import importlib
from functools import cache

from data import workspace
from data.failures import CrumbtrailError
from governance.job_kind import JobKind

_MODULE = "job_kinds"


class UnknownKind(CrumbtrailError):
    """A job is of a kind that nothing here declares."""


def kind(name: str) -> JobKind:
    """The kind of this name; raises `UnknownKind`."""
    found = _declared()
    if name not in found:
        raise UnknownKind(
            f"No work of the kind {name!r} is known here, as it may be where another version of Crumbtrail asked for "
            f"it. Known are {', '.join(sorted(found))}."
        )
    return found[name]


@cache
def _declared() -> dict[str, JobKind]:
    modules = [
        importlib.import_module(f"{path.parent.name}.{_MODULE}")
        for path in sorted(workspace.ROOT.glob(f"*/{_MODULE}.py"))
    ]
    return {one.name: one for module in modules for one in module.KINDS}
