"""The table of kinds: every room's own, each told in words, and every process can run each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from data import workspace
from data.failures import CrumbtrailError
from governance import job_table, jobs, worker
from governance.home import open_store
from governance.job_kind import Outcome
from governance.jobs import Job

SESSION = "5e" * 32


def job(kind: str, request: dict[str, Any], result: dict[str, Any] | None = None) -> Job:
    return Job(1, kind, "toy", request, "done", SESSION, "", None, None, False, {}, result, None)


TOLD = (
    (
        job("train", {"data": None}, {"version": "toy@3", "record": "ab" * 32}),
        ("models", "Training", "toy"),
        Outcome("toy@3 is trained", "toy@3", "ab" * 32),
    ),
    (
        job("train", {"data": "scenes"}, {"version": "toy@4", "record": "cd" * 32}),
        ("models", "Training", "toy on scenes"),
        Outcome("toy@4 is trained", "toy@4", "cd" * 32),
    ),
    (
        job(
            "reproduce", {"record": "ab" * 32, "data": "scenes"}, {"record": "ef" * 32, "level": "different"}
        ),
        ("governance", "Making again", "toy, record abababab"),
        Outcome("toy, record abababab was made again", record="ef" * 32, level="different"),
    ),
    (
        job("measure", {"version": "toy@3", "names": ["truth_table", "agreement"]}, {"version": "toy@3"}),
        ("explain", "Measuring", "toy@3: truth table, agreement"),
        Outcome("toy@3 was measured"),
    ),
)


@pytest.mark.parametrize(("asked", "told", "outcome"), TOLD)
def test_a_job_is_told_by_the_kind_that_its_room_declares(
    asked: Job, told: tuple[str, str, str], outcome: Outcome
) -> None:
    kind = job_table.kind(asked.kind)
    room = kind.about.__module__.partition(".")[0]
    assert (room, kind.doing, kind.about(asked)) == told
    assert kind.outcome(asked) == outcome


def test_a_job_of_an_unknown_kind_ends_with_a_sentence(home: Path, nothing_shipped: None) -> None:
    store = open_store()
    asked, _ = jobs.submit(store, "distil", "toy", {}, SESSION)
    said = "No work of the kind 'distil' is known here.*Known are measure, reproduce, train"
    with pytest.raises(CrumbtrailError, match=said):
        worker.wait_for(store, asked, lambda job: None)
    assert jobs.get(store, asked.id).status == "failed"


def test_whoever_waits_in_the_queue_runs_what_stands_before_it(home: Path) -> None:
    """``python -m models train`` is behind a measuring, whose work lies two rooms above the queue."""
    store = open_store()
    request = {"version": "muffin_cnn@1", "names": ["agrement"], "n": 1, "beside": None}
    before, _ = jobs.submit(store, "measure", "muffin_cnn", request, SESSION)
    command = [sys.executable, "-m", "models", "train", "iris_tree", "--set", "max_depth=1"]
    done = subprocess.run(command, cwd=workspace.ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    ended = jobs.get(store, before.id)
    assert (ended.status, ended.result) == ("failed", {"exit_code": 2})
    # The sentence of `explain.measurement_catalogue`, by way of its command in a child.
    assert "Did you mean agreement" in (ended.message or "")
