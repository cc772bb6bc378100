"""The interface answers with facts, and to mistakes with one sentence."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount

from data.failures import CrumbtrailError, UserMistake
from governance import abandoned, jobs, sessions, worker
from governance.home import open_store
from serve import api
from tests.conftest import ROOT

ROW = "sepal_length=5.1,sepal_width=3.5,petal_length=1.4,petal_width=0.2"


@pytest.fixture
def client(home: Path) -> TestClient:
    """The interface in a fresh home."""
    return TestClient(api.create_server())


def test_health_of_a_fresh_home(client: TestClient) -> None:
    answer = client.get("/api/health")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "version": "0.1.0",
        "database": {"reachable": True, "problem": None},
        "jobs": {"queued": 0, "running": 0},
    }


@pytest.mark.parametrize(
    "path", ["health", "models", "models/iris_tree", "models/nothing", "openapi.json", "nothing"]
)
def test_head_is_answered_as_get_without_a_body(client: TestClient, path: str) -> None:
    """Load balancers and uptime monitors ask so (RFC 9110, 9.3.2)."""
    whole, head = client.get(f"/api/{path}"), client.head(f"/api/{path}")
    assert head.status_code == whole.status_code and head.content == b""
    assert head.headers["content-length"] == str(len(whole.content))
    assert head.headers["content-type"] == whole.headers["content-type"]


def test_a_refused_method_is_told_with_those_that_are_allowed(client: TestClient) -> None:
    assert client.delete("/api/models").headers["allow"] == "GET"


def test_health_counts_the_queue(client: TestClient) -> None:
    store = open_store()
    for name in ("first", "second", "third"):
        jobs.submit(store, "train", name, worker.request(), sessions.start(store, "cli"))
    jobs.claim(store)
    with abandoned.lock():
        assert client.get("/api/health").json()["jobs"] == {"queued": 2, "running": 1}
    # Nobody holds the lock any more, so nobody runs it.
    assert client.get("/api/health").json()["jobs"] == {"queued": 2, "running": 0}
    assert jobs.get(store, 1).status == "broken"


@pytest.mark.parametrize("request_text", ["no json", "[]", "", "{", b"\x00\xff"])
def test_health_says_which_job_cannot_be_read(client: TestClient, home: Path, request_text: object) -> None:
    store = open_store()
    for name in ("first", "second"):
        jobs.submit(store, "train", name, worker.request(), sessions.start(store, "cli"))
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE jobs SET request = ? WHERE id = 1", (request_text,))
    answer = client.get("/api/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["database"] == {
        "reachable": True,
        "problem": "Job 1 cannot be read, because somebody altered its request in the database. Start it again if it "
        "is still wanted; `python -m governance doctor` says what else is wrong.",
    }
    assert answer.json()["jobs"] == {"queued": 2, "running": 0}


def test_a_queue_that_another_home_runs_is_left_alone(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two homes on one database: that nobody holds the lock of this one says nothing of the other's work."""
    monkeypatch.setenv("CRUMBTRAIL_DB", f"sqlite:///{tmp_path / 'shared.db'}")
    store = open_store()
    jobs.submit(store, "train", "first", worker.request(), sessions.start(store, "cli"))
    jobs.claim(store)
    another = tmp_path / "another"
    another.mkdir()
    (another / "blobs").symlink_to(home / "blobs")
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(another))
    assert [job.status for job in jobs.recent(open_store())] == ["running"]


def test_health_names_a_database_that_cannot_be_used(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRUMBTRAIL_DB", "sqlite:////dev/null/nowhere/crumbtrail.db")
    answer = client.get("/api/health")
    assert answer.status_code == 503
    body = answer.json()
    assert body["status"] == "failing"
    assert body["database"]["reachable"] is False
    assert "CRUMBTRAIL_DB" in body["database"]["problem"]
    assert body["jobs"] is None


def test_files_that_are_gone_are_said_until_they_are_back(trained_home: Path, client: TestClient) -> None:
    blobs, away = trained_home / "blobs", trained_home / "away"
    ask = [sys.executable, "-m", "models", "predict", "iris_tree", ROW]
    assert client.get("/api/health").json()["status"] == "ok"
    blobs.rename(away)
    answer = client.get("/api/health")
    assert answer.status_code == 503 and f"The folder {blobs}, which holds" in answer.text
    assert client.get("/api/models").status_code >= 500
    done = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith(f"The folder {blobs}, which holds the files")
    assert not blobs.exists()
    away.rename(blobs)
    assert client.get("/api/health").json()["status"] == "ok"
    assert subprocess.run(ask, cwd=ROOT, capture_output=True, text=True).returncode == 0


def test_a_database_of_another_home_is_not_taken_for_this_one_s(
    trained_home: Path, client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRUMBTRAIL_DB", f"sqlite:///{trained_home / 'crumbtrail.db'}")
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(tmp_path / "another"))
    answer = client.get("/api/health")
    assert answer.status_code == 503 and "let CRUMBTRAIL_HOME name the home" in answer.text


def test_the_password_of_a_database_is_not_told(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRUMBTRAIL_DB", "sqlite://someone:s3cret@nowhere/crumbtrail.db")
    answer = client.get("/api/health")
    assert answer.status_code == 503
    assert "s3cret" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "word"),
    [("GET", "/api/nothing", 404, "/api/nothing"), ("POST", "/api/health", 405, "POST")],
)
def test_a_wrong_request_is_answered_with_one_sentence(
    client: TestClient, method: str, path: str, status: int, word: str
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert word in answer.json()["error"]


def failing_client() -> TestClient:
    """An interface with routes that fail in every way there is."""
    router = APIRouter()

    @router.get("/mistake")
    def mistake() -> None:
        raise UserMistake("There is no such flower.")

    @router.get("/failure")
    def failure() -> None:
        raise CrumbtrailError("The artefact was altered.")

    @router.get("/surprise")
    def surprise() -> None:
        raise RuntimeError("secret detail")

    @router.get("/number/{number}")
    def number(number: int) -> int:
        return number

    made = api.create_api()
    made.include_router(router)
    return TestClient(Starlette(routes=[Mount("/api", made)]), raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/api/mistake", 400, "There is no such flower."),
        ("/api/failure", 500, "The artefact was altered."),
        ("/api/surprise", 500, "This failed and should not have (RuntimeError); the server's log says why."),
    ],
)
def test_an_error_keeps_its_sentence(path: str, status: int, sentence: str) -> None:
    answer = failing_client().get(path)
    assert (answer.status_code, answer.json()) == (status, {"error": sentence})


def test_an_unreadable_value_is_named() -> None:
    answer = failing_client().get("/api/number/many")
    assert answer.status_code == 422
    assert "path.number" in answer.json()["error"]


def test_no_documentation_page_that_loads_scripts_from_elsewhere(client: TestClient) -> None:
    assert client.get("/api/docs").status_code == client.get("/api/redoc").status_code == 404
    assert "/health" in client.get("/api/openapi.json").json()["paths"]


def test_runs_alone(home: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "serve", "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health") as answer:
                    assert answer.status == 200
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.1)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/models/iris_tree") as answer:
            assert json.load(answer)["name"] == "iris_tree"
    finally:
        process.terminate()
        process.wait(10)


def test_a_database_that_is_deleted_under_a_running_app_is_said_and_comes_back(
    client: TestClient, home: Path, tmp_path: Path
) -> None:
    assert client.get("/api/health").json()["status"] == "ok"
    database, backup = home / "crumbtrail.db", tmp_path / "backup.db"
    with open_store().engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    shutil.copy(database, backup)
    database.unlink()
    for path, status in (("health", 503), ("models", 500)):
        answer = client.get(f"/api/{path}")
        assert answer.status_code == status, answer.json()
        assert "crumbtrail.db" in str(answer.json()) and "backup" in str(answer.json())
    assert not database.exists()
    for leftover in home.glob("crumbtrail.db-*"):
        leftover.unlink()
    shutil.copy(backup, database)
    answer = client.get("/api/health")
    assert answer.json()["status"] == "ok"
    champions = [one["name"] for one in client.get("/api/models").json()["models"] if one["champion"]]
    assert "muffin_cnn" in champions
