"""Measuring a version through the queue: ``python -m explain.measure``, or its like, in a child process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from governance import child, measurements, numerics, registry
from governance.jobs import Job
from governance.registry import Version
from governance.store import Store

LEFT = "what was measured before is kept"


def request(
    version: Version, names: Sequence[str], n: int | None = None, beside: Version | None = None
) -> dict[str, Any]:
    """What a measuring is asked for, in the form in which jobs keep it.

    Parameters
    ----------
    n : int, optional
        Over how many inputs; each measurement has its own default.
    beside : Version, optional
        With which the version is compared, for the measurement of a planted shortcut.
    """
    other = None if beside is None else beside.reference
    return {"version": version.reference, "names": sorted(names), "n": n, "beside": other}


def run(
    store: Store, job: Job, on_progress: Callable[[Mapping[str, Any]], None], cancelled: Callable[[], bool]
) -> dict[str, Any]:
    """Measure what a job asks for; each measurement is stored by the child as soon as it is done.

    Returns
    -------
    dict
        ``version``, and ``records`` by the measurements' names.

    Raises
    ------
    UserMistake
        If the version does not exist, or nothing of the name can be measured on it.
    governance.child.Cancelled, governance.child.WorkFailed
        See `governance.child.run`.
    """
    version = registry.resolve(store, job.request["version"])
    names: list[str] = job.request["names"]
    beside = job.request["beside"]
    what = ["explain.measure", version.reference, *names]
    if beside is not None:
        what = ["explain.measure_shortcut", version.reference, beside]
    words = [*what, "--session", job.session]
    if job.request["n"] is not None:
        words += ["--n", str(job.request["n"])]
    child.run(words, numerics.child_environment(numerics.DEFAULT_THREADS), on_progress, cancelled, LEFT)
    found = {name: measurements.newest(store, version, name) for name in names}
    return {
        "version": version.reference,
        "records": {name: one.id for name, one in found.items() if one is not None},
    }
