"""What the tests of the lineage and the records page share: records made, altered and read on the page."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from governance import registry, sessions, store, stored_records
from governance.home import open_store
from governance.registry import Version


def texts(page: AppTest) -> str:
    """All Markdown on the page, without the escapes."""
    parts = [*page.markdown, *page.warning, *page.error, *page.info, *page.title, *page.header]
    return "\n".join(part.value for part in parts).replace("\\", "")


def version(reference: str) -> Version:
    """A version of this test's home."""
    return registry.resolve(open_store(), reference)


def verify(reference: str, level: str, overrides: dict[str, str] | None = None, **body: Any) -> str:
    """Store a verification with this level, as a reproduction would, and return its identity."""
    opened, subject = open_store(), version(reference)
    verification = {
        "schema": 1,
        "kind": "verification",
        "model": subject.model,
        "created": store.now(),
        "subject": subject.record_id,
        "asked": {"overrides": overrides or {}},
        "level": level,
        "reason": None,
        "differences": [],
        "tensors": {"left": True, "right": False},
        "largest_probability_difference": 0.25,
        "accuracy_difference": 0.01,
        "tolerance": 0.02,
        "repeated": None,
        "session": sessions.start(opened, "test"),
    }
    with opened.writing() as connection:
        return stored_records.put_record(connection, verification | body, subject=subject.record_id)


def alter_record(home: Path, model: str) -> None:
    """Write another accuracy into a stored record, as somebody with the file could."""
    with sqlite3.connect(home / "crumbtrail.db") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        found = connection.execute("SELECT id, body FROM records WHERE kind = 'run' AND model = ?", [model])
        identity, body = found.fetchone()
        record = json.loads(body)
        record["results"]["metrics"]["accuracy"]["value"] = 0.123456
        connection.execute("UPDATE records SET body = ? WHERE id = ?", [json.dumps(record), identity])


def buttons(page: AppTest) -> list[str]:
    """Labels of the buttons that can be pressed."""
    return [button.label for button in page.button]


def headline(page: AppTest) -> str:
    """How it went when the version was made again: the one title with an icon."""
    (found,) = (heading.value for heading in page.header if heading.value.startswith(":"))
    return str(found)
