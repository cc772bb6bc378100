"""Measuring through the queue: a real child process, whose results are kept with the version."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.failures import CrumbtrailError, UserMistake
from explain.job_kinds import measuring
from explain.truth import agreement
from governance import jobs, measurements, registry, sessions, worker
from governance.home import open_store
from governance.jobs import Job
from governance.registry import Version
from governance.store import Store
from models import loading
from tests import toys


@pytest.fixture
def store(home: Path, nothing_shipped: None, tiny_network: Path) -> Store:
    """The store of a home with one version, a tiny one: measuring asks it thousands of times."""
    opened = open_store()
    toys.put_tiny_network(opened, tiny_network)
    return opened


def submit(store: Store, version: Version, *names: str) -> Job:
    asked = measuring(version, names, n=1)
    return jobs.submit(store, "measure", version.model, asked, sessions.start(store, "app"))[0]


def test_what_was_measured_is_kept_with_the_version_by_whoever_asked(store: Store) -> None:
    version, told = registry.resolve(store, "muffin_cnn"), []
    job = submit(store, version, "agreement")
    done = worker.wait_for(store, job, lambda now: told.append(now.progress))
    found = measurements.newest(store, version, "agreement")
    assert found is not None and found.body["session"] == job.session
    assert done.result == {"version": version.reference, "records": {"agreement": found.id}}
    assert found.body["asked"] == {"n": 1, "seed": 0}
    alone = agreement.measure(loading.load(store, version), 1, 0, lambda progress: None)
    ranks = [pair["rank"]["value"] for pair in found.body["results"]["pairs"]]
    assert ranks == pytest.approx([pair["rank"]["value"] for pair in alone["pairs"]], abs=1e-3)
    assert any(progress.get("step", "").startswith("agreement, ") for progress in told)


def test_what_cannot_be_measured_fails_with_its_sentence(store: Store) -> None:
    with pytest.raises(UserMistake, match="Did you mean agreement"):
        worker.wait_for(
            store, submit(store, registry.resolve(store, "muffin_cnn"), "agrement"), lambda job: None
        )


def test_a_cancelled_measuring_stores_nothing_more(store: Store) -> None:
    version = registry.resolve(store, "muffin_cnn")
    before = measurements.all_newest(store, version)
    job = submit(store, version, "agreement", "trust_thresholds")

    def stop(now: Job) -> None:
        if now.progress:
            jobs.cancel(store, now.id)

    with pytest.raises(CrumbtrailError, match="what was measured before is kept"):
        worker.wait_for(store, job, stop)
    assert jobs.get(store, job.id).status == "cancelled"
    assert {name: one.id for name, one in measurements.all_newest(store, version).items()} == {
        name: one.id for name, one in before.items()
    }
