"""The training examples that are most like what is shown, to the model itself, and how usual it is."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ask.looks.picture_neighbours import examples_of, nearest_examples
from ask.picture_answer import PictureAnswer
from data import photo_folders
from data.failures import UserMistake
from draw.markdown import plain
from explain.neighbours.example_pictures import picture_of
from explain.neighbours.examples import Examples
from explain.neighbours.features import unsupported
from explain.neighbours.neighbours import Neighbour, finding
from explain.typicality import feature_typicality
from models.spec import Progress
from pages.common import measuring, typicality_note
from pages.common.page import cannot_show, note

_CARD = 140


def draw(shown: PictureAnswer) -> None:
    """Draw the section for what the page shows."""
    reason = unsupported(shown.spec)
    if reason is not None:
        st.info(reason)
        return
    stored = shown.evidence.examples()
    try:
        found = stored or _examples(shown)
    except UserMistake as mistake:
        st.info(plain(str(mistake)), icon=":material/folder_off:")
        return
    near = nearest_examples(shown, found)
    st.markdown(_finding(shown, near))
    _pictures(shown, found, near)
    note(
        f"The nearest of {plain(found.what)}, by the network's features; 0 is the same, 1.41 nothing in common."
    )
    if found.instead:
        note(plain(found.instead))
    _how_usual(shown, found)
    if stored is None:
        measuring.offer(
            shown.version,
            [feature_typicality.NAME],
            "This was compared now. Once it is measured and kept with the version, how usual a picture is stands "
            "beside every explanation.",
        )
    cannot_show(
        "Near means near to this network, which may see likeness where nobody else does. That an example is near "
        "does not show that the answer was learned from it, and only a part of the training was compared."
    )


def _finding(shown: PictureAnswer, near: tuple[Neighbour, ...]) -> str:
    said, against = finding(near, shown.spec.classes, shown.predicted)
    return f":orange[:material/warning:] {said}" if against else said


def _pictures(shown: PictureAnswer, found: Examples, near: tuple[Neighbour, ...]) -> None:
    dataset = shown.version.record.data.name
    missing: list[str | None] = []
    with st.container(horizontal=True, gap="small"):
        for one in near:
            name = shown.spec.classes[one.label]
            picture = _picture(found, one.position, dataset)
            with st.container(width=_CARD):
                if picture is None:
                    missing.append(photo_folders.public_path(found.digests[one.position]))
                    _stands_for(found, one.position)
                else:
                    st.image(picture, alt=f"A training picture: {name}.", width="stretch")
                st.markdown(f"**{name}**")
                note(f"distance {one.distance:.2f}")
    if any(missing):
        note(
            "These photos may not be passed on, so they do not come with Crumbtrail; their features, classes and paths "
            "in the public data set do. `docs/photos.md` says how to get them."
        )
    elif missing:
        note("The photos are not where they were: put their folder back, and they are shown.")


def _stands_for(found: Examples, position: int) -> None:
    """A quiet card in place of a picture that is not on this machine."""
    path = photo_folders.public_path(found.digests[position]) or found.names[position]
    # The card is narrow, and a path has no space to break at.
    broken = plain(path).replace("/", "/\u200b")
    with st.container(border=True, height=_CARD):
        st.markdown(f":gray[:small[:material/hide_image: Photo, not on this machine]  \n:small[{broken}]]")


def _how_usual(shown: PictureAnswer, found: Examples) -> None:
    changed = bool(shown.question.changes)
    typical = feature_typicality.among(found, shown.model, shown.input, shown.scene, changed)
    if typical is not None:
        typicality_note.say(typical)
    else:
        note(feature_typicality.UNKNOWN)


def _picture(found: Examples, position: int, dataset: str) -> np.ndarray | None:
    key = (dataset, found.names[position], found.digests[position])
    return _picture_kept(key, found, position)


# Asked again after a minute: somebody may have put the photos into place meanwhile.
@st.cache_data(show_spinner=False, ttl=60, max_entries=200)
def _picture_kept(key: tuple[str, str, str], _found: Examples, _position: int) -> np.ndarray | None:
    return picture_of(_found, _position, key[0], _CARD)


def _examples(shown: PictureAnswer) -> Examples:
    """Made now, with a bar; once for everybody who asks about this version."""
    place = st.empty()

    def report(told: Progress) -> None:
        place.progress(min(told.done / max(told.total, 1), 1.0), f"{told.step}: {told.done} of {told.total}")

    found = examples_of(shown, report)
    place.empty()
    return found
