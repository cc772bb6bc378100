"""What axe finds on a page that is ours to mend."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Streamlit's own list of pages has a wrong role, which is not ours to mend.
EXCLUDED = [["[data-testid=stSidebarNav]"]]
PRIMARY = "#6576d6"


def serious(page: Page, only_colours: bool = False) -> list[tuple[str, str, str]]:
    """Rule, element and explanation of every serious or critical violation that is ours.

    `only_colours` is for a page that was looked at in the other look already: nothing else differs.
    """
    # Nothing but violations is described; describing what is right takes most of the time.
    options = {"resultTypes": ["violations"], **({"runOnly": ["color-contrast"]} if only_colours else {})}
    found = Axe().run(page, context={"exclude": EXCLUDED}, options=options).response["violations"]
    return [
        (violation["id"], node["html"][:200], node.get("failureSummary"))
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
        if not (violation["id"] == "color-contrast" and _is_primary_in_the_dark(node))
    ]


def _is_primary_in_the_dark(node: dict[str, Any]) -> bool:
    """The one exception: Streamlit uses one colour under white text and for text on dark, and no colour
    reaches 4.5 : 1 in both. Ours has about 4 : 1 in each."""
    colours = node["any"][0]["data"]
    return PRIMARY in (colours["fgColor"], colours["bgColor"]) and colours["contrastRatio"] >= 3.9
