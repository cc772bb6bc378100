"""The queue's rows: one job for one request, oldest first, and honest ends."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from governance import job_table, jobs, worker
from governance.jobs import Job, UnknownJob, UnreadableJob
from governance.store import Store

SESSION = "5e" * 32


def submit(store: Store, seed: int = 0, **settings: Any) -> tuple[Job, bool]:
    return jobs.submit(store, "train", "toy_table", worker.request(settings, seed), SESSION)


def test_a_job_keeps_what_was_asked_for(store: Store) -> None:
    job, joined = submit(store, 3, max_depth=2)
    assert not joined
    assert (job.kind, job.model, job.status, job.session) == ("train", "toy_table", "queued", SESSION)
    assert job.request == {"settings": {"max_depth": 2}, "seed": 3, "threads": 2, "data": None}
    assert (job.started, job.ended, job.result, job.message, job.progress) == (None, None, None, None, {})
    assert not job.finished
    assert jobs.get(store, job.id) == job


def test_asking_twice_for_the_same_is_one_job(store: Store) -> None:
    first, _ = submit(store, max_depth=2)
    assert submit(store, max_depth=2) == (first, True)
    jobs.claim(store)
    again, joined = submit(store, max_depth=2)
    assert (again.id, joined, again.status) == (first.id, True, "running")
    assert len(jobs.recent(store)) == 1


@pytest.mark.parametrize(
    ("kind", "model", "request_"),
    [
        ("train", "toy_table", worker.request({"max_depth": 3})),
        ("train", "toy_table", worker.request({"max_depth": 2}, seed=1)),
        ("train", "toy_table", worker.request({"max_depth": 2}, threads=1)),
        ("train", "toy_table", worker.request({"max_depth": 2}, data="iris")),
        ("train", "toy_table", worker.request()),
        ("train", "iris_tree", worker.request({"max_depth": 2})),
        ("reproduce", "toy_table", worker.request({"max_depth": 2})),
    ],
)
def test_asking_for_something_else_is_another_job(
    store: Store, kind: str, model: str, request_: dict[str, Any]
) -> None:
    first, _ = submit(store, max_depth=2)
    other, joined = jobs.submit(store, kind, model, request_, SESSION)
    assert not joined
    assert other.id != first.id


def test_threads_that_ask_for_the_same_at_once_get_one_job(store: Store) -> None:
    found: list[tuple[Job, bool]] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        found.append(submit(store, max_depth=2))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({job.id for job, _ in found}) == 1
    assert sorted(joined for _, joined in found) == [False] + [True] * 7


@pytest.mark.parametrize("end", ["done", "failed", "cancelled", "broken"])
def test_a_finished_job_can_be_asked_for_again(store: Store, end: str) -> None:
    first, _ = submit(store)
    jobs.claim(store)
    if end == "broken":
        jobs.mark_broken(store)
    else:
        jobs.finish(store, first.id, end)
    assert jobs.get(store, first.id).finished
    again, joined = submit(store)
    assert not joined
    assert again.id > first.id


def test_the_oldest_is_taken_first_and_once(store: Store) -> None:
    submitted = [submit(store, seed)[0].id for seed in range(3)]
    taken = [jobs.claim(store) for _ in range(4)]
    assert [job.id if job else None for job in taken] == [*submitted, None]
    assert all(job.status == "running" and job.started for job in taken if job)


def test_newest_jobs_are_listed_first(store: Store) -> None:
    submitted = [submit(store, seed)[0].id for seed in range(4)]
    jobs.cancel(store, submitted[3])
    assert [job.id for job in jobs.recent(store)] == submitted[::-1]
    assert [job.id for job in jobs.recent(store, limit=2)] == submitted[:1:-1]
    assert [job.id for job in jobs.recent(store, unfinished_only=True)] == submitted[2::-1]


def test_a_queued_job_is_cancelled_at_once_and_never_taken(store: Store) -> None:
    job, _ = submit(store)
    jobs.cancel(store, job.id)
    cancelled = jobs.get(store, job.id)
    assert (cancelled.status, cancelled.message) == ("cancelled", "Cancelled before it began.")
    assert cancelled.cancel_requested and cancelled.ended and cancelled.finished
    assert jobs.claim(store) is None


def test_a_running_job_learns_that_its_end_is_asked_for(store: Store) -> None:
    job, _ = submit(store)
    jobs.claim(store)
    assert jobs.note_progress(store, job.id, {"step": "a", "done": 1, "total": 2}) is False
    jobs.cancel(store, job.id)
    assert jobs.get(store, job.id).status == "running"
    assert jobs.note_progress(store, job.id, {"step": "a", "done": 2, "total": 2}) is True
    assert jobs.get(store, job.id).progress == {"step": "a", "done": 2, "total": 2}


def test_cancelling_what_is_finished_changes_nothing(store: Store) -> None:
    job, _ = submit(store)
    jobs.claim(store)
    jobs.finish(store, job.id, "done", {"version": "toy_table@1"})
    before = jobs.get(store, job.id)
    jobs.cancel(store, job.id)
    assert jobs.get(store, job.id) == before


def test_a_job_that_does_not_exist_is_said(store: Store) -> None:
    for ask in (jobs.get, jobs.cancel):
        with pytest.raises(UnknownJob, match="There is no job 99"):
            ask(store, 99)


def test_only_running_jobs_break(store: Store) -> None:
    done, running, queued = (submit(store, seed)[0].id for seed in range(3))
    jobs.claim(store)
    jobs.finish(store, done, "done", {"version": "toy_table@1"})
    jobs.claim(store)
    assert jobs.mark_broken(store) == 1
    assert [jobs.get(store, job).status for job in (done, running, queued)] == ["done", "broken", "queued"]
    assert "What was not finished is not stored" in (jobs.get(store, running).message or "")
    assert jobs.mark_broken(store) == 0


def test_how_it_ended_is_kept(store: Store) -> None:
    job, _ = submit(store)
    jobs.claim(store)
    jobs.finish(store, job.id, "failed", {"exit_code": 2}, "It could not.")
    ended = jobs.get(store, job.id)
    assert (ended.status, ended.result, ended.message) == ("failed", {"exit_code": 2}, "It could not.")
    assert ended.ended is not None and ended.started is not None and ended.ended >= ended.started


ALTERED = [
    ("request", "no json"),
    ("request", "[]"),
    ("request", b"\x00\xff"),
    ("request", "[" * 100_000),
    ("progress", "7"),
    ("result", "{"),
    ("model", b"\x00"),
]


def alter(store: Store, identity: int, column: str, value: object) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE jobs SET {column} = ? WHERE id = ?", (value, identity))  # noqa: S608


@pytest.mark.parametrize(("column", "value"), ALTERED)
def test_a_job_that_cannot_be_read_is_said_and_hides_no_other(
    store: Store, column: str, value: object
) -> None:
    first, second = submit(store, 1)[0], submit(store, 2)[0]
    alter(store, first.id, column, value)
    said = f"Job {first.id} cannot be read, because somebody altered its {column} in the database."
    with pytest.raises(UnreadableJob, match=said):
        jobs.get(store, first.id)
    assert [job.id for job in jobs.recent(store)] == [second.id]
    assert jobs.unfinished(store) == {"queued": 2, "running": 0}
    (told,) = jobs.unreadable(store)
    assert told.startswith(said)


@pytest.mark.parametrize(("column", "value"), ALTERED)
def test_the_queue_goes_on_behind_a_job_that_cannot_be_read(store: Store, column: str, value: object) -> None:
    first, second = submit(store, 1)[0], submit(store, 2)[0]
    alter(store, first.id, column, value)
    claimed = jobs.claim(store)
    assert claimed is not None and claimed.id == second.id
    with store.reading() as connection:
        row = connection.exec_driver_sql("SELECT status, message FROM jobs WHERE id = ?", (first.id,)).one()
    assert row.status == "failed" and "cannot be read" in row.message


def test_a_job_that_cannot_be_read_can_be_cancelled(store: Store) -> None:
    job, _ = submit(store)
    alter(store, job.id, "request", "no json")
    jobs.cancel(store, job.id)
    assert jobs.unfinished(store) == {"queued": 0, "running": 0}


@pytest.mark.parametrize("kind", ["reproduce", "measure"])
def test_a_job_that_lacks_what_its_kind_asks_for_is_said(store: Store, kind: str) -> None:
    job, _ = jobs.submit(store, kind, "toy_table", {}, SESSION)
    for tell in (job_table.about, job_table.outcome):
        with pytest.raises(UnreadableJob, match=f"Job {job.id} cannot be told"):
            tell(job)
