"""``GET /api/health``: can this process do its work?"""

from __future__ import annotations

import tomllib
from collections import Counter
from functools import cache
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.exc import SQLAlchemyError

from data.failures import CrumbtrailError
from data.workspace import ROOT
from governance import jobs
from governance.home import open_store

router = APIRouter(tags=["health"])


@cache
def version() -> str:
    """The version of Crumbtrail, from its ``pyproject.toml``: it runs from a checkout, never installed."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


@router.get("/health")
def health(response: Response) -> dict[str, Any]:
    """What works: status 200 when everything does, 503 when the database cannot be used.

    ``jobs`` counts trainings and reproductions that are not finished; null when nobody can know.
    """
    problem, unfinished = None, None
    try:
        found = Counter(job.status for job in jobs.recent(open_store(), limit=1000, unfinished_only=True))
        unfinished = {"queued": found["queued"], "running": found["running"]}
    except CrumbtrailError as error:
        problem = str(error)
    except SQLAlchemyError as error:
        # The message of a driver may hold the URL with its password.
        problem = f"The database does not answer ({type(error).__name__})."
    if problem is not None:
        response.status_code = 503
    return {
        "status": "ok" if problem is None else "failing",
        "version": version(),
        "database": {"reachable": problem is None, "problem": problem},
        "jobs": unfinished,
    }
