"""The long work of this room: measuring a version, by ``python -m explain.measure`` or its like in a child process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from governance import child, measurements, numerics, registry
from governance.job_kind import JobKind, Outcome, Work
from governance.jobs import Job
from governance.registry import Version

LEFT = "what was measured before is kept"


def measuring(
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


def _about(job: Job) -> str:
    names = (name.replace("_", " ") for name in job.request["names"])
    return f"{job.request['version']}: {', '.join(names)}"


def _run(work: Work) -> dict[str, Any]:
    """The ``version``, and the identities of its ``records`` by the measurements' names.

    Each measurement is stored by the child as soon as it is done.
    """
    asked = work.job.request
    version = registry.resolve(work.store, asked["version"])
    words = ["explain.measure", version.reference, *asked["names"]]
    if asked["beside"] is not None:
        words = ["explain.measure_shortcut", version.reference, asked["beside"]]
    words += ["--session", work.job.session]
    if asked["n"] is not None:
        words += ["--n", str(asked["n"])]
    environment = numerics.child_environment(numerics.DEFAULT_THREADS)
    child.run(words, environment, work.note, work.cancelled, LEFT)
    found = {name: measurements.newest(work.store, version, name) for name in asked["names"]}
    return {
        "version": version.reference,
        "records": {name: one.id for name, one in found.items() if one is not None},
    }


def _outcome(job: Job) -> Outcome:
    return Outcome(f"{(job.result or {})['version']} was measured")


MEASURE = JobKind("measure", "Measuring", _about, _run, _outcome)
KINDS = (MEASURE,)
