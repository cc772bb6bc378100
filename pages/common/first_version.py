"""What a page shows that has no version to ask yet: the training that makes one, and then itself."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from data.failures import CrumbtrailError
from governance import jobs, registry
from governance.jobs import Job
from models import catalogue
from models.spec import Modality
from pages.common import workspace
from pages.common.job_panel import SECONDS_BETWEEN, job_panel
from pages.common.page import header, link


def awaited(
    key: str,
    models: Collection[str],
    references: Collection[str],
    nothing: str,
    opening: tuple[str, str] | None = None,
) -> bool:
    """Whether a page has to wait for a first version; if so, it says for what, and opens by itself.

    Parameters
    ----------
    key : str
        Of the choice among the references, which an address may have made already.
    models : collection of str
        Names of the models that the page is for.
    references : collection of str
        What can be asked of them now.
    nothing : str
        What is lacking, in a sentence, where nothing is on its way.
    opening : (title, sentence), optional
        How the page is headed meanwhile, where its own header needs a version.
    """
    lacking = _lacking(key, models, references)
    if not lacking:
        return False
    on_its_way = _trainings(lacking)
    if references and not on_its_way:
        return False
    if opening is not None:
        header(*opening)
    if on_its_way:
        st.info(
            f"{on_its_way[0].model} is being trained for the first time. This page opens by itself when that is done.",
            icon=":material/hourglass_empty:",
        )
        job_panel(on_its_way[0].id)
        return True
    st.info(f"{nothing} Train one in the catalogue; this page opens by itself when it is done.")
    link("catalogue.py", "Open the catalogue", icon=":material/grid_view:")
    look_again(models)
    return True


def look_again(models: Collection[str]) -> None:
    """Draw the page anew as soon as one of these models is trained or has a version, whoever began that."""
    st.fragment(_look_again, run_every=SECONDS_BETWEEN)(tuple(models))


def of_modality(modality: Modality) -> list[str]:
    """Names of the catalogue's models that answer for one kind of input."""
    return [d.spec.name for d in catalogue.definitions() if d.spec.modality == modality]


def _lacking(key: str, models: Collection[str], references: Collection[str]) -> list[str]:
    """The models without a version that stand in the page's way: the one its address names, or all."""
    try:
        wanted, _ = registry.split_reference(st.query_params.get(key) or "")
    except CrumbtrailError:
        wanted = ""
    # What can be asked was read already; at every moved slider this is answered from there.
    if wanted in models:
        return [] if wanted in references else [wanted]
    return [] if references else list(models)


def _trainings(models: Collection[str]) -> list[Job]:
    """Trainings of these models that are not finished, the oldest first."""
    recent = jobs.recent(workspace.store(), limit=100, unfinished_only=True)
    return [job for job in reversed(recent) if job.kind == "train" and job.model in models]


def _look_again(models: tuple[str, ...]) -> None:
    stored = registry.models(workspace.store())
    if _trainings(models) or any(name in stored for name in models):
        st.rerun()
