"""``GET /api/health``: can this process do its work?"""

from __future__ import annotations

import tomllib
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
    """What works: status 200 when this process can do its work, 503 when the database cannot be used.

    ``status`` is ``ok``, ``degraded`` where something in the database is damaged that stops nothing else, and
    ``failing``. ``jobs`` counts trainings and reproductions that are not finished; null when nobody can know.
    """
    problem, unfinished = None, None
    try:
        store = open_store()
        unfinished = jobs.unfinished(store)
        problem = next(iter(jobs.unreadable(store, unfinished_only=True)), None)
    except CrumbtrailError as error:
        problem = str(error)
    except SQLAlchemyError as error:
        # The message of a driver may hold the URL with its password.
        problem = f"The database does not answer ({type(error).__name__})."
    reachable = unfinished is not None
    if not reachable:
        response.status_code = 503
    return {
        "status": "failing" if not reachable else "ok" if problem is None else "degraded",
        "version": version(),
        "database": {"reachable": reachable, "problem": problem},
        "jobs": unfinished,
    }
