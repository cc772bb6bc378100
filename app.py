"""Starts Crumbtrail: the pages and the REST interface in one process. Draws nothing itself."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

import serve
from data import first_imports

# What the first what-if would otherwise wait for, in the order in which the pages stand; the tabular ones need no
# torch, so it comes last.
WARM_UP = (
    "ask.asking",
    "pandas",
    "sklearn.tree",
    "models.skops_files",
    "shap",
    "torch",
    "models.networks",
    "captum.attr",
)
# Seconds in which whoever starts the app opens it.
PATIENCE = 5.0


def prepare(stop: threading.Event) -> None:
    """Run the queue, train what a fresh home lacks, and import what is slow, while the pages are up."""
    from data.failures import CrumbtrailError
    from governance import worker
    from governance.home import open_store
    from models import first_start

    stop_worker = None
    try:
        stop_worker = worker.start()
        first_start.submit_missing(open_store())
    except CrumbtrailError as error:
        logging.getLogger("crumbtrail").error("%s", error)
    first_imports.prepare(WARM_UP, patience=PATIENCE)
    stop.wait()
    if stop_worker is not None:
        stop_worker.set()


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Run what belongs to the life of the server rather than to a visitor."""
    stop = threading.Event()
    threading.Thread(target=prepare, args=[stop], name="crumbtrail-prepare", daemon=True).start()
    yield
    stop.set()


app = st.App(Path(__file__).parent / "pages" / "_router.py", routes=serve.routes(), lifespan=lifespan)
