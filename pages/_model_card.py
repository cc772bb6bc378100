"""One card of the catalogue, and the dialog that trains a new version."""

from __future__ import annotations

import streamlit as st

from data import datasets
from governance import jobs, registry, worker
from governance.registry import Version
from models import training
from models.spec import Definition, Setting
from pages import _workspace
from pages._kit import fail_clearly, link, note
from pages._levels import level_badge

# More values than this are typed, not picked.
MOST_PICKED = 40


def draw(definition: Definition, champion: Version | None) -> None:
    """A model's card: question, figures, state, and the two ways on: ask it, or train a new version."""
    spec, card = definition.spec, definition.card
    with st.container(border=True, height="stretch"):
        st.subheader(spec.title, anchor=False)
        st.markdown(f"**{card.question}**")
        st.markdown(card.summary)
        if champion is None:
            note("No version yet. The first one becomes the champion; training it takes seconds.")
        else:
            _figures(champion)
        dataset = datasets.card(definition.dataset)
        note(f"{dataset.title} · {sum(dataset.counts.values())} rows · owner: {card.owner}")
        if champion is not None:
            pressed = st.button(
                card.what_if, key=f"ask_{spec.name}", type="primary", width="stretch", icon=":material/tune:"
            )
            if pressed:
                st.switch_page("what_if.py", query_params={"version": spec.name})
        more, train = st.columns(2)
        with more.popover("About", icon=":material/info:", width="stretch"):
            _declared(definition)
        if train.button("Train", icon=":material/model_training:", key=f"train_{spec.name}", width="stretch"):
            _train_dialog(definition)


def _figures(champion: Version) -> None:
    metrics = champion.record["results"]["metrics"]
    accuracy = metrics["accuracy"]
    low, high = accuracy["interval"]
    figure, interval = st.columns(2, vertical_alignment="bottom")
    figure.metric("Accuracy", f"{accuracy['value']:.3f}", help=accuracy["method"])
    with interval:
        note(f"95 % interval  \n{low:.3f} to {high:.3f}")
    with st.container(horizontal=True, gap="small"):
        st.badge(f"@{champion.number} {'champion' if champion.aliases else 'newest'}", color="gray")
        verified = registry.verifications(_workspace.store(), champion.record_id)
        if verified:
            level_badge(verified[0].body["level"])
        else:
            st.badge("not yet made again", icon=":material/history:", color="gray")


def _declared(definition: Definition) -> None:
    card = definition.card
    st.markdown(f"**Intended use.** {card.intended_use}")
    st.markdown("**Who uses it**\n" + "".join(f"\n- {user}" for user in card.users))
    st.markdown("**Limits**\n" + "".join(f"\n- {limit}" for limit in card.limits))
    st.markdown("**Tags** " + " ".join(f":gray-badge[{tag}]" for tag in card.tags))
    link("records.py", "Its records", icon=":material/receipt_long:", model=definition.spec.name)
    link("lineage.py", "Its lineage", icon=":material/account_tree:", version=definition.spec.name)


@st.dialog("Train a new version")
def _train_dialog(definition: Definition) -> None:
    st.markdown(
        f"**{definition.spec.title}** on *{datasets.card(definition.dataset).title}*. The new version gets "
        "a record of its own; the champion stays until somebody promotes another."
    )
    with st.form("train", border=False):
        given = {setting.name: _widget(setting) for setting in definition.settings}
        seed = st.number_input("Seed", 0, 2**31 - 1, 0, help="The same seed gives the same model again.")
        if st.form_submit_button("Train", type="primary", icon=":material/model_training:", width="stretch"):
            with fail_clearly():
                request = worker.request(training.changed_settings(definition, given), seed=int(seed))
                job, _ = jobs.submit(
                    _workspace.store(), "train", definition.spec.name, request, _workspace.session()
                )
                # Somebody may have asked for the same a moment ago; then this visitor watches that run.
                mine = st.session_state.setdefault("_jobs", [])
                if job.id not in mine:
                    mine.append(job.id)
                st.rerun()


def _widget(setting: Setting) -> int | float | str:
    """The control that a setting asks for by its kind and range."""
    key = f"setting_{setting.name}"
    if setting.kind == "choice":
        return st.selectbox(
            setting.label,
            setting.choices,
            setting.choices.index(str(setting.default)),
            key=key,
            help=setting.help,
        )
    if setting.kind == "int" and setting.low is not None and setting.high is not None:
        low, high = int(setting.low), int(setting.high)
        options: list[int | str] = [*(["auto"] if setting.auto else []), *range(low, high + 1)]
        if len(options) <= MOST_PICKED:
            return st.select_slider(setting.label, options, setting.default, key=key, help=setting.help)
        return st.number_input(setting.label, low, high, int(setting.default), key=key, help=setting.help)
    return st.number_input(
        setting.label, setting.low, setting.high, float(setting.default), key=key, help=setting.help
    )
