"""What a page shows in an AppTest, in the forms that tests compare."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs

from streamlit.testing.v1 import AppTest

from models.spec import ModelSpec


def widget(app_test: AppTest, key: str) -> Any:
    """The widget with a key, whatever its kind: a segmented control has no list of its own."""
    (found,) = (one for one in app_test.main if getattr(one, "key", None) == key and hasattr(one, "value"))
    return found


def button(app_test: AppTest, label: str) -> Any:
    """The button with a label."""
    (found,) = (one for one in app_test.button if one.label == label)
    return found


def slide(app_test: AppTest, **values: float) -> AppTest:
    """Move sliders, one run each, as a visitor does."""
    for name, value in values.items():
        app_test.slider(key=f"in.{name}").set_value(value).run()
    assert not app_test.exception
    return app_test


def row(app_test: AppTest, spec: ModelSpec) -> list[float]:
    """What the sliders hold, in the features' order."""
    return [app_test.slider(key=f"in.{feature.name}").value for feature in spec.features]


def alts(app_test: AppTest) -> list[str]:
    """What each chart says to those who cannot see it, in the order of the page."""
    return [chart.proto.alt for chart in app_test.get("vega_lite_chart")]


def alt(app_test: AppTest, begin: str) -> str:
    """The text of the one chart whose text begins so."""
    (found,) = (text for text in alts(app_test) if text.startswith(begin))
    return found


def percents(text: str) -> dict[str, float]:
    """``versicolor, 97 %`` or ``versicolor 97 %, virginica under 1 %`` as a map from class to percent."""
    found = re.findall(r"(\w+),? (?:under |over )?(\d+(?:\.\d+)?)\s%", text)
    return {name: float(value) for name, value in found}


def words(app_test: AppTest) -> str:
    """All titles, Markdown, warnings and errors in the page's order, without the marks that only Markdown needs."""
    kinds = {"header", "subheader", "markdown", "info", "warning", "error"}
    texts = [one.value for one in app_test.main if one.type in kinds]
    return re.sub(r"\\([^A-Za-z0-9\s])", r"\1", "\n".join(texts))


def links(app_test: AppTest) -> dict[str, dict[str, str]]:
    """Label of every link to a page, with what its URL says."""
    return {
        one.proto.label: {name: value for name, (value,) in parse_qs(one.proto.query_string).items()}
        for one in app_test.get("page_link")
    }


def bound(app_test: AppTest) -> set[str]:
    """Names in the URL that belong to widgets of this page."""
    protos = (getattr(one, "proto", None) for one in app_test.main)
    return {proto.query_param_key for proto in protos if getattr(proto, "query_param_key", "")}


def address(app_test: AppTest) -> dict[str, Any]:
    """What the browser would now have in its address bar: every bound widget away from its default.

    The browser keeps the URL, which an AppTest does not have; `tests/browser` holds it to the same.
    """
    found: dict[str, Any] = {}
    for one in app_test.main:
        proto = getattr(one, "proto", None)
        key = getattr(proto, "query_param_key", "")
        if not key:
            continue
        kind = type(one).__name__
        if kind == "Slider":
            now, default = f"{one.value:g}", f"{proto.default[0]:g}"
        elif kind == "Selectbox":
            now, default = one.format_func(one.value), proto.options[proto.default]
        elif kind == "ButtonGroup":
            chosen = one.value if isinstance(one.value, list) else [one.value]
            chosen = [value for value in chosen if value is not None]
            now = [one.format_func(value) for value in chosen]
            default = [proto.options[index].content for index in proto.default]
        else:
            now, default = one.value, proto.default
        if now != default:
            found[key] = now
    return found


def shown(app_test: AppTest) -> list[str]:
    """Everything on the page as text, but what time and the way here change: milliseconds and Undo."""
    found = []
    for one in app_test.main:
        kind, proto = type(one).__name__, getattr(one, "proto", None)
        if kind == "Button" and one.label == "Undo":
            continue
        if kind == "UnknownElement" and one.value is None:
            continue  # a place that was emptied
        if hasattr(proto, "spec"):
            spec = json.dumps(json.loads(proto.spec), sort_keys=True)
            found.append(f"chart {proto.alt} {spec}")
        elif kind == "PageLink":
            found.append(f"link {proto.label} {proto.query_string}")
        elif hasattr(one, "value"):
            text = f"{kind} {getattr(one, 'label', '')} {one.value} {getattr(one, 'delta', '')}"
            found.append(re.sub(r"[\d.]+ ms", "… ms", text))
    return found
