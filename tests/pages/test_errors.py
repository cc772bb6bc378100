"""What an error says of a link is text: no picture is loaded, no link made."""

from __future__ import annotations

import re

from streamlit.testing.v1 import AppTest


def failing() -> None:
    """A page that repeats what a link said; its source is run by itself."""
    from data.failures import UserMistake
    from pages.common.page import fail_clearly

    with fail_clearly():
        raise UserMistake("There is no ![cat](https://example.org/cat.png).")


def test_an_error_repeats_what_a_link_said_without_its_meaning_in_markdown() -> None:
    page = AppTest.from_function(failing).run()
    assert not page.exception
    (error,) = page.error
    assert not re.search(r"(?<!\\)[\[\]]", error.value)
    assert error.value.replace(chr(92), "") == "There is no ![cat](https://example.org/cat.png)."
