"""Catalogue: every model with its question, its figures and its state, and a way into each."""

from __future__ import annotations

import streamlit as st

from ask.codecs.link_codec import prefixed
from draw.markdown import plain
from governance import jobs, registry
from governance.registry import Version
from models import catalogue, first_start
from models.spec import Definition
from pages.common import first_version, url, workspace
from pages.common.job_panel import job_panel
from pages.common.page import cannot_show, fail_clearly, header, link, note, subtitle, what_if_page
from pages.govern import model_card

ANY = "any"
COLUMNS = 3


def main() -> None:
    """Draw the page."""
    header(
        "Which model may answer for you?",
        "Every model here can be questioned, traced to its data, and made again.",
    )
    definitions = catalogue.definitions()
    for sentence in catalogue.problems():
        st.warning(plain(f"Left out: {sentence}"), icon=":material/warning:")
    with fail_clearly():
        shown = _filtered(definitions)
        # A container that is always there: a job that begins must not move the cards below to new places.
        with st.container():
            _work()
        if not shown:
            st.info("No model fits this search. Clear a filter to see the others.")
        champions = {name: _champion(name) for name in registry.models(workspace.store())}
        for begin in range(0, len(shown), COLUMNS):
            columns = st.columns(COLUMNS, gap="medium")
            for column, definition in zip(columns, shown[begin : begin + COLUMNS], strict=False):
                with column:
                    model_card.draw(definition, champions.get(definition.spec.name))
        _examples([d for d in shown if d.spec.name in champions])
    cannot_show(
        "The figures say how often a model is right on data like those it was judged on, not on yours. "
        "A reproduced model is the same model again, right or wrong: reproduction proves where it comes "
        "from, not that it is good."
    )


def _filtered(definitions: list[Definition]) -> list[Definition]:
    choices = {
        "Owner": sorted({d.card.owner for d in definitions}),
        "Tag": sorted({name for d in definitions for name in d.card.tags}),
        "Dataset": sorted({d.dataset for d in definitions}),
    }
    for label, options in choices.items():
        url.one_of(label.lower(), [ANY, *options], label.lower())
    with st.container(horizontal=True, gap="small"):
        sought = st.text_input(
            "Search",
            key="q",
            bind="query-params",
            placeholder="name, tag, owner, …",
            icon=":material/search:",
        )
        chosen = {
            label.lower(): st.selectbox(label, [ANY, *options], key=label.lower(), bind="query-params")
            for label, options in choices.items()
        }
    return [d for d in definitions if _fits(d, sought or "", chosen)]


def _fits(definition: Definition, sought: str, chosen: dict[str, str]) -> bool:
    card, spec = definition.card, definition.spec
    told = (spec.name, spec.title, card.question, card.summary, card.owner, definition.dataset, *card.tags)
    return (
        all(word in " ".join(told).lower() for word in sought.lower().split())
        and chosen["owner"] in (ANY, card.owner)
        and (chosen["tag"] == ANY or chosen["tag"] in card.tags)
        and chosen["dataset"] in (ANY, definition.dataset)
    )


def _work() -> None:
    """Long work that goes on now, whoever started it, what was seen here and has ended, and what was cut off."""
    recent = jobs.recent(workspace.store())
    done = {(job.model, job.kind): job.id for job in reversed(recent) if job.status == "done"}
    mine = st.session_state.setdefault("_jobs", [])
    for job in reversed(recent):
        # Whoever started it was cut off too, and looks here for what became of it.
        cut_off = job.status == "broken" and job.id > done.get((job.model, job.kind), 0)
        if (not job.finished or cut_off) and job.id not in mine:
            mine.append(job.id)
    for job_id in mine[-3:]:
        job_panel(job_id)
    # A server puts a fresh home's trainings in the queue beside the first visit to it.
    under_way = {job.model for job in recent if not job.finished}
    awaited = [name for name in first_start.missing(workspace.store()) if name not in under_way]
    if awaited:
        first_version.look_again(awaited)


def _champion(model: str) -> Version:
    return registry.resolve(workspace.store(), model)


def _examples(definitions: list[Definition]) -> None:
    examples = [(d, example) for d in definitions for example in d.card.examples]
    if not examples:
        return
    st.header("Worth a try", anchor=False)
    columns = st.columns(COLUMNS, gap="medium")
    for position, (definition, example) in enumerate(examples):
        with columns[position % COLUMNS], st.container(border=True, height="stretch"):
            subtitle(example["title"])
            note(example["sentence"])
            spec = definition.spec
            link(
                what_if_page(spec),
                f"Ask {spec.title}",
                ":material/tune:",
                version=spec.name,
                **prefixed(example["view"], spec),
            )


main()
