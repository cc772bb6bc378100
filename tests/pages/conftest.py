"""Pages keep what they loaded for the life of the process; a test must not see another one's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st


@pytest.fixture(autouse=True)
def _forget_what_was_loaded() -> Iterator[None]:
    yield
    st.cache_resource.clear()
    st.cache_data.clear()
