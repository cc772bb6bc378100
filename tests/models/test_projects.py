"""A model that a project declares reaches every child process by its declaration alone."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from data import workspace
from data.failures import UserMistake
from explain.job_kinds import measuring
from governance import audit, jobs, registry, reproduce, sessions, stored_records, worker
from governance.home import open_store
from governance.jobs import Job
from governance.registry import Version
from governance.store import Store
from tests.toys import DATASET, MODEL

# As far as possible from this process: its catalogue never hears of the toy, the file alone does.
DEFINITION = "from tests import toys\n\nSOURCES = (toys.SOURCE,)\nDEFINITIONS = (toys.DEFINITION,)\n"


@pytest.fixture
def store(home: Path, nothing_shipped: None) -> Store:
    place = home / "projects" / "toy"
    place.mkdir(parents=True)
    (place / "definition.py").write_text(DEFINITION, encoding="utf-8")
    return open_store()


def asked(store: Store, kind: str, request: dict[str, object]) -> Job:
    job, _ = jobs.submit(store, kind, MODEL, request, sessions.start(store, "test"))
    return worker.wait_for(store, job, lambda job: None)


def train(store: Store) -> Version:
    done = asked(store, "train", worker.request({"max_depth": 2}))
    return registry.resolve(store, (done.result or {})["version"])


def test_it_is_trained_and_made_again_in_children_and_answers_in_one(store: Store, home: Path) -> None:
    version = train(store)
    assert (version.reference, version.record.data.name) == (f"{MODEL}@1", DATASET)
    # The record says by which declaration: outside the repository, and named without a path of this machine.
    expected = hashlib.sha256(DEFINITION.encode()).hexdigest()
    assert version.record.body["code"]["files"]["projects/toy/definition.py"] == expected
    assert str(home) not in json.dumps(version.record.body)
    done = asked(store, "reproduce", reproduce.job_request(version, {}))
    verdict = stored_records.get_record(store, (done.result or {})["record"]).body
    assert (verdict["level"], verdict["differences"]) == ("bit-identical", [])
    row = "length=1,width=1,weight=40,age=30,score=0"
    command = [sys.executable, "-m", "models", "predict", MODEL, row, "--json"]
    said = subprocess.run(command, cwd=workspace.ROOT, capture_output=True, text=True, timeout=120)
    assert json.loads(said.stdout)["predictions"][0]["class"] == "north", said.stderr
    assert audit.verify(store).problems == ()


def test_a_declaration_that_changed_is_named(store: Store, home: Path) -> None:
    version = train(store)
    (home / "projects" / "toy" / "definition.py").write_text(DEFINITION + "# another\n", encoding="utf-8")
    done = asked(store, "reproduce", reproduce.job_request(version, {}))
    verdict = stored_records.get_record(store, (done.result or {})["record"]).body
    assert [difference["fact"] for difference in verdict["differences"]] == [
        "code.files.projects/toy/definition.py"
    ]


def test_a_child_that_measures_knows_it(store: Store) -> None:
    """Nothing is measured on a tree, and the child says so of the toy: it has found and read its declaration."""
    with pytest.raises(UserMistake, match="Toy table"):
        asked(store, "measure", measuring(train(store), ["agreement"], n=1))
