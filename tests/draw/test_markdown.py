"""Text for Markdown means nothing to Markdown: held against a parser of CommonMark."""

from __future__ import annotations

import html

import pytest
from markdown_it import MarkdownIt

from draw.markdown import plain


@pytest.mark.parametrize(
    "text",
    [
        "![x](http:&#47;&#47;example.org&#47;a.png) **b**.png",
        "a &lt;b&gt; &amp; &#60;c&#62;",
        "[were](http://x) <b>eaten</b> `now` _or_ *never* ~~later~~",
        r"C:\photos\*.png | {x} $y$ # :red[z]",
    ],
)
def test_it_is_shown_as_it_is(text: str) -> None:
    shown = MarkdownIt("commonmark").renderInline(plain(text))
    assert html.unescape(shown) == text and "<" not in shown
