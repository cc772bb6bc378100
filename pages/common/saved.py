"""An answer as a file: the same document as ``python -m explain --json`` prints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from ask.answer import Answer
from pages.common.page import note


def draw(asked: Answer, which: str = "") -> None:
    """Say by which receipt the answer can be told from every other, and offer it as a file.

    Parameters
    ----------
    which : str
        Tells answers on one page apart.
    """
    identity = asked.receipt_id[:12]
    note(
        f"Receipt {identity}: a digest of model, input, method and settings. "
        "Whoever asks the same gets the same receipt."
    )
    st.download_button(
        "Save this answer (JSON)",
        # Made when it is asked for: a map has thousands of values.
        lambda: content(asked.document()),
        file_name=f"{asked.version.reference.replace('@', '-')}-{asked.question.method}-{identity}.json",
        mime="application/json",
        icon=":material/download:",
        type="tertiary",
        key=f"_save{which}",
        on_click="ignore",
        help="What `python -m explain --json` prints: answer, values, trust, sentences and the whole receipt.",
    )


def content(told: Mapping[str, Any]) -> bytes:
    """The file's content: UTF-8, indented."""
    return (json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
