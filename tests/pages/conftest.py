"""Pages keep what they loaded for the life of the process; a test must not see another one's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st

from ask.cache import Memory
from pages.common import visit


@pytest.fixture(autouse=True)
def _forget_what_was_loaded() -> Iterator[None]:
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture(scope="module")
def scenes_answered_once() -> Iterator[None]:
    """For a file whose tests ask the same versions about the same scenes, and change nothing of how they answer:
    what was found out about a scene is shared, as between the visitors of one server."""
    memory, before = Memory(most=400), visit._shared
    visit._shared = lambda: memory
    yield
    visit._shared = before
