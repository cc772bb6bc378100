"""An answer as a file: the same document as ``python -m explain --json`` prints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from ask.image_answer import ImageExplanation
from ask.row_answer import Explanation
from explain.trust.report import TrustReport
from pages.common.page import note


def draw(
    explanation: Explanation | ImageExplanation,
    trust: TrustReport | None = None,
    changes: Mapping[str, float] | None = None,
) -> None:
    """Say by which receipt the answer can be told from every other, and offer it as a file.

    Parameters
    ----------
    trust : TrustReport, optional
        What the checks of the map found.
    changes : mapping, optional
        What was changed about a picture's pixels.
    """
    identity, method = explanation.receipt_id[:12], explanation.attribution.method
    note(
        f"Receipt {identity}: a digest of model, input, method and settings. "
        "Whoever asks the same gets the same receipt."
    )
    st.download_button(
        "Save this answer (JSON)",
        # Made when it is asked for: a map has thousands of values.
        lambda: content(document(explanation, trust, changes)),
        file_name=f"{explanation.version.replace('@', '-')}-{method}-{identity}.json",
        mime="application/json",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        help="What `python -m explain --json` prints: answer, values, trust, sentences and the whole receipt.",
    )


def document(
    explanation: Explanation | ImageExplanation,
    trust: TrustReport | None,
    changes: Mapping[str, float] | None,
) -> dict[str, Any]:
    """The answer as JSON values."""
    if isinstance(explanation, ImageExplanation):
        return explanation.to_json(trust=trust, changes=changes)
    return explanation.to_json()


def content(told: Mapping[str, Any]) -> bytes:
    """The file's content: UTF-8, indented."""
    return (json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
