"""The queue with real trainings in real child processes, and everything that can end them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import text

from data import datasets, workspace
from data.failures import CrumbtrailError, UserMistake
from governance import child, jobs, registry, worker
from governance.jobs import Job
from governance.store import Store

SESSION = "5e" * 32
QUICK = {"max_depth": 1}
# Three hundred trees in each of fifty folds: half a minute or more, and reports all the way.
LONG = {"n_estimators": 300, "max_depth": 12}


def processes_about(home: Path) -> list[int]:
    """Processes that have the home in their command line: the children that train into it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                if str(home).encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def submit(store: Store, model: str = "iris_tree", **settings: object) -> Job:
    return jobs.submit(store, "train", model, worker.request(settings or QUICK), SESSION)[0]


def is_training(store: Store, job: Job) -> Callable[[], bool]:
    """Whether the child has reported a step: it is past its imports, inside the fit."""
    return lambda: bool(jobs.get(store, job.id).progress)


def assert_sees_no_artefact(process: int, home: Path) -> None:
    """The child's home is another, in which nothing is stored; it shares the database alone."""
    content = Path(f"/proc/{process}/environ").read_bytes().decode()
    environment = dict(entry.partition("=")[::2] for entry in content.split("\0"))
    own = Path(environment["CRUMBTRAIL_HOME"])
    assert own != home and not (own / "blobs").exists()
    assert environment["CRUMBTRAIL_DB"] == f"sqlite:///{home / 'crumbtrail.db'}"


def assert_nothing_is_left(store: Store, home: Path, job: Job, model: str) -> None:
    assert registry.versions(store, model) == []
    assert processes_about(home) == []
    assert not any((home / "work").glob(f"job-{job.id}-*"))


def test_a_job_is_run_by_another_process_than_the_one_that_asked(store: Store, home: Path) -> None:
    job = submit(store)
    done = subprocess.run(
        [sys.executable, "-m", "models", "train", "iris_tree", "--set", "max_depth=1"],
        cwd=workspace.ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    ended = jobs.get(store, job.id)
    assert (ended.status, len(jobs.recent(store))) == ("done", 1)
    version = registry.resolve(store, "iris_tree@1")
    assert ended.result == {"version": "iris_tree@1", "record": version.record_id}
    assert version.record.body["session"] == ended.session == SESSION
    assert version.record.body["parameters"]["chosen"]["max_depth"] == 1
    assert done.stdout.startswith("iris_tree@1: accuracy 0.")
    assert ended.progress["done"] == ended.progress["total"]
    assert processes_about(home) == []
    assert list((home / "work").iterdir()) == []


def test_a_running_job_is_cancelled_within_seconds_and_stores_nothing(store: Store, home: Path) -> None:
    job = submit(store, "iris_forest", **LONG)
    caught: list[CrumbtrailError] = []

    def run() -> None:
        try:
            worker.wait_for(store, job, lambda job: None)
        except CrumbtrailError as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    wait_until(is_training(store, job), "training has begun")
    (process,) = processes_about(home)
    assert_sees_no_artefact(process, home)
    asked = time.monotonic()
    jobs.cancel(store, job.id)
    thread.join(60)
    assert time.monotonic() - asked < 15
    assert [str(error) for error in caught] == ["Cancelled; nothing was stored."]
    assert jobs.get(store, job.id).status == "cancelled"
    assert_nothing_is_left(store, home, job, "iris_forest")


def test_a_killed_worker_leaves_a_trace_that_the_next_calls_broken(store: Store, home: Path) -> None:
    settings = [word for name, value in LONG.items() for word in ("--set", f"{name}={value}")]
    process = subprocess.Popen(
        [sys.executable, "-m", "models", "train", "iris_forest", *settings],
        cwd=workspace.ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: bool(jobs.recent(store)), "the job is in the queue")
        (job,) = jobs.recent(store)
        wait_until(is_training(store, job), "training has begun")
        assert len(processes_about(home)) == 1
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    wait_until(lambda: processes_about(home) == [], "the child has ended too", 30)
    assert jobs.get(store, job.id).status == "running"

    stop = worker.start()
    try:
        wait_until(lambda: jobs.get(store, job.id).finished, "the next worker has looked")
    finally:
        stop.set()
    assert jobs.get(store, job.id).status == "broken"
    assert_nothing_is_left(store, home, job, "iris_forest")


def test_a_child_ends_with_its_standard_input_and_not_only_when_it_next_speaks(
    home: Path, tmp_path: Path
) -> None:
    """Its reports go to a file here, which never breaks as a pipe would."""
    datasets.put_in_place()
    folder, said = tmp_path / "run", tmp_path / "said"
    folder.mkdir()
    request = worker.request(LONG)
    with said.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "models", *child.arguments("iris_forest", request), "--into", str(folder)],
            cwd=workspace.ROOT,
            stdin=subprocess.PIPE,
            stdout=output,
        )
    try:
        wait_until(lambda: "cross-validation" in said.read_text(encoding="utf-8"), "training has begun")
        assert process.poll() is None
        assert process.stdin
        process.stdin.close()
        assert process.wait(timeout=5) == 1
    finally:
        process.kill()
        process.wait()
    assert list(folder.iterdir()) == []


def test_a_failing_training_is_a_sentence_and_the_queue_goes_on(store: Store, home: Path) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE iris RENAME COLUMN petal_width TO width"))
    failing = submit(store)
    unknown = submit(store, depth=3)
    stop = worker.start()
    try:
        wait_until(lambda: jobs.get(store, unknown.id).finished, "both have ended")
    finally:
        stop.set()
    failed = jobs.get(store, failing.id)
    assert failed.status == "failed"
    assert failed.message and failed.message.startswith("The dataset iris cannot be read from table iris.")
    assert (
        "petal_width" in failed.message and "\n" not in failed.message and "Traceback" not in failed.message
    )
    assert failed.result == {"exit_code": 1}
    mistaken = jobs.get(store, unknown.id)
    assert mistaken.message and mistaken.message.startswith("iris_tree has no setting 'depth'")
    assert mistaken.result == {"exit_code": 2}
    assert_nothing_is_left(store, home, failing, "iris_tree")
    with pytest.raises(UserMistake, match="no setting 'depth'"):
        worker.wait_for(store, unknown, lambda job: None)
    with pytest.raises(CrumbtrailError, match="cannot be read") as caught:
        worker.wait_for(store, failing, lambda job: None)
    assert caught.value.exit_code == 1


def test_an_unexpected_error_is_kept_with_the_job(
    store: Store, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(child, "train", fail)
    job = submit(store)
    with pytest.raises(CrumbtrailError, match="ZeroDivisionError: by nothing"):
        worker.wait_for(store, job, lambda job: None)
    assert_nothing_is_left(store, home, job, "iris_tree")


def test_nobody_runs_the_queue_beside_another(store: Store, home: Path) -> None:
    """While somebody holds the lock, what is running is not broken and what waits is not taken."""
    running, waiting = submit(store, seed_=1), submit(store, seed_=2)
    with FileLock(home / "worker.lock"):
        jobs.claim(store)
        stop = worker.start()
        time.sleep(1)
        stop.set()
        assert jobs.get(store, running.id).status == "running"
        assert jobs.get(store, waiting.id).status == "queued"


def test_a_passing_trouble_does_not_stop_the_queue(store: Store, home: Path) -> None:
    """The lock cannot be taken for a while; afterwards the job is run (and fails, being nonsense)."""
    lock = home / "worker.lock"
    stop = worker.start()
    try:
        while not lock.is_dir():
            lock.unlink(missing_ok=True)
            with contextlib.suppress(FileExistsError):
                lock.mkdir()
        job = submit(store, no_such_setting=1)
        time.sleep(1)
        assert jobs.get(store, job.id).status == "queued"
        lock.rmdir()
        wait_until(lambda: jobs.get(store, job.id).finished, "the job was taken after all")
    finally:
        stop.set()


def test_words_for_the_child_are_those_that_the_command_understands() -> None:
    request = {"settings": {"b": 2, "a": "auto"}, "seed": 3, "threads": 1, "data": "iris", "expect": "f" * 64}
    assert child.arguments("iris_tree", request) == [
        *("train", "iris_tree", "--seed", "3", "--threads", "1", "--data", "iris"),
        *("--set", "a=auto", "--set", "b=2", "--expect", "f" * 64),
    ]


def test_whoever_takes_the_queue_over_marks_what_was_cut_off(
    store: Store, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command runs the queue too, not only a server: the job of a process that is gone does not stay "running"."""

    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(child, "train", fail)
    cut_off, asked = submit(store, seed_=1), submit(store, seed_=2)
    claimed = jobs.claim(store)
    assert claimed and claimed.id == cut_off.id
    with pytest.raises(CrumbtrailError, match="by nothing"):
        worker.wait_for(store, asked, lambda job: None)
    assert jobs.get(store, cut_off.id).status == "broken"
