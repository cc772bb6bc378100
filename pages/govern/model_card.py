"""One card of the catalogue, and the dialog that trains a new version."""

from __future__ import annotations

import streamlit as st

from data import datasets
from draw.markdown import plain
from governance import jobs, registry, stored_records, worker
from governance.registry import Version
from models import training
from models.spec import Definition
from pages.common import url, workspace
from pages.common.levels import level_badge
from pages.common.page import fail_clearly, link, note, what_if_page
from pages.common.setting_widget import setting_widget


def draw(definition: Definition, champion: Version | None) -> None:
    """A model's card: question, figures, state, and the two ways on: ask it, or train a new version."""
    spec, card = definition.spec, definition.card
    with st.container(border=True, height="stretch"):
        st.header(spec.title, anchor=False)
        st.markdown(f"**{card.question}**")
        st.markdown(card.summary)
        if champion is None:
            _no_version(spec.name)
        else:
            _figures(champion)
        note(_learned_from(definition, champion))
        # Summaries differ in length; the buttons of neighbouring cards stand in one line all the same.
        st.space("stretch")
        if champion is not None:
            pressed = st.button(
                card.what_if, key=f"ask_{spec.name}", type="primary", width="stretch", icon=":material/tune:"
            )
            if pressed:
                st.switch_page(what_if_page(spec), query_params={"version": spec.name})
        with st.container(horizontal=True, gap="small"):
            with st.popover("About", icon=":material/info:", width="stretch"):
                _declared(definition)
            train = st.button(
                "Train", icon=":material/model_training:", key=f"train_{spec.name}", width="stretch"
            )
        if train:
            _train_dialog(definition)


def _learned_from(definition: Definition, champion: Version | None) -> str:
    """What the champion's record says it was made from; before there is one, what it would be made from."""
    if champion is None:
        dataset = datasets.card(definition.dataset)
        title, count = dataset.title, sum(dataset.counts.values())
    else:
        data = champion.record.data
        title, count = data.card["title"], data.rows
    return f"{plain(title)} · {count:,} {'pictures' if definition.spec.modality == 'image' else 'rows'}"


def _figures(champion: Version) -> None:
    headline, figure = champion.record.results.headline, champion.record.results.figure
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.metric(headline.title, headline.told(figure.value), help=figure.method, width="content")
        if figure.interval is not None:
            note(f"95 % interval  \n{headline.told_interval(figure)}")
    with st.container(horizontal=True, gap="small"):
        role = "champion" if registry.CHAMPION in champion.aliases else "newest"
        st.badge(f"@{champion.number} {role}", color="gray")
        verified = stored_records.newest_unchanged(
            stored_records.verifications(workspace.store(), champion.record_id)
        )
        level_badge(None if verified is None else verified.verification.level)


def _no_version(model: str) -> None:
    """Say why there is nothing to ask yet: nobody trained it, it is being trained, or that went wrong."""
    last = next((job for job in jobs.recent(workspace.store(), limit=100) if job.model == model), None)
    if last is None:
        note("No version yet. The first one becomes the champion.")
    elif not last.finished:
        note("Its first version is being trained. It can be asked as soon as that is done.")
    else:
        st.warning(plain(f"No version yet, the last training was {last.status}. {last.message or ''}"))


def _declared(definition: Definition) -> None:
    card = definition.card
    st.markdown(f"**Intended use.** {card.intended_use}")
    st.markdown(f"**Used by** {'; '.join(card.users)}")
    st.markdown(f"**Owner** {card.owner}")
    st.markdown("**Limits**\n" + "".join(f"\n- {limit}" for limit in card.limits))
    st.markdown("**Tags** " + " ".join(f":gray-badge[{tag}]" for tag in card.tags))
    if card.algorithm:
        link("how_it_works.py", "How it works", icon=":material/school:", guide=card.algorithm)
    link("records.py", "Its records", icon=":material/receipt_long:", model=definition.spec.name)
    link("lineage.py", "Its lineage", icon=":material/account_tree:", **url.of_answer(definition.spec.name))


@st.dialog("Train a new version")
def _train_dialog(definition: Definition) -> None:
    st.markdown(
        f"**{definition.spec.title}** on *{datasets.card(definition.dataset).title}*. The new version gets "
        "a record of its own; the champion stays until somebody promotes another."
    )
    with st.form("train", border=False):
        given = {
            setting.name: setting_widget(setting, setting.default, f"{definition.spec.name}_{setting.name}")
            for setting in definition.settings
        }
        seed = st.number_input("Seed", 0, 2**31 - 1, 0, help="The same seed gives the same model again.")
        if st.form_submit_button("Train", type="primary", icon=":material/model_training:", width="stretch"):
            with fail_clearly():
                request = worker.request(training.changed_settings(definition, given), seed=int(seed))
                job, _ = jobs.submit(
                    workspace.store(), "train", definition.spec.name, request, workspace.session()
                )
                # Somebody may have asked for the same a moment ago; then this visitor watches that run.
                mine = st.session_state.setdefault("_jobs", [])
                if job.id not in mine:
                    mine.append(job.id)
                st.rerun()
