"""What pages share within a process: a store for each home."""

from __future__ import annotations

from pathlib import Path

import pytest

from pages.common import workspace


def test_each_home_has_a_store_of_its_own(
    home: Path, nothing_shipped: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = workspace.store()
    assert workspace.store() is first
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(tmp_path / "another"))
    assert workspace.store().blobs.folder == tmp_path / "another" / "blobs"
