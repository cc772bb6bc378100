"""Whatever is killed, and wherever: what was stored is there, all of it holds, and the work can be done again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.governance.kills import WORKS

POINTS = 50
# Work that a start of the app does again by itself; of the others nothing is begun that nobody asked for.
BY_ITSELF = {"set-up", "adoption"}


def kill(work: str, folder: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    command = [sys.executable, "-m", "tests.governance.kills", work, str(folder), str(POINTS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    first, *tries = map(json.loads, done.stdout.splitlines())
    return first, tries


@pytest.mark.parametrize("work", WORKS)
def test_a_kill_at_any_point_loses_nothing(work: str, tmp_path: Path) -> None:
    first, tries = kill(work, tmp_path)
    assert len(tries) == min(POINTS, first["touches"]) > 20
    whole = first["whole"]
    assert whole["problems"] == [] and whole["answering"] == whole["versions"]
    for tried in tries:
        assert tried["code"] == -signal.SIGKILL, f"it was not killed at {tried['at']}"
        for when in ("left", "again"):
            if tried[when] is None:
                continue
            code, found = tried[when]
            assert code == 0, f"{when}, killed at {tried['at']} of {first['touches']}: {found}"
            assert found["problems"] == [] and found["answering"] == found["versions"], (when, tried["at"])
        _, left = tried["left"]
        if work in BY_ITSELF:
            assert left == whole, f"not adopted after a kill at {tried['at']}"
        if tried["again"] is not None:
            # There is all that a whole run makes: never less, and of a training perhaps one more.
            _, again = tried["again"]
            assert set(whole["versions"]) <= set(again["versions"])
            assert all(again["measured"][one] >= count for one, count in whole["measured"].items())
            assert again["champions"] == whole["champions"]
