"""``python -m serve`` says in one sentence why it cannot listen."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from click.testing import CliRunner

from serve import __main__ as command


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Where a server was started, without one."""
    asked: list[tuple[str, int]] = []

    def run(app: Any, host: str, port: int) -> None:
        asked.append((host, port))

    monkeypatch.setattr(command.uvicorn, "run", run)
    return asked


def test_a_port_that_is_taken_is_refused_and_a_free_one_served(served: list[tuple[str, int]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = CliRunner().invoke(command.main, ["--port", str(port)])
        assert refused.exit_code == 2 and not served
        assert refused.stderr == (
            f"127.0.0.1 port {port} cannot be listened on (Address already in use). Give another by --host and "
            "--port.\n"
        )
    assert CliRunner().invoke(command.main, ["--port", str(port)]).exit_code == 0
    assert served == [("127.0.0.1", port)]


@pytest.mark.parametrize("host", [" ", "999.1.1.1", "a..b", "x" * 80])
def test_a_host_that_is_none_is_refused_in_a_sentence(host: str, served: list[tuple[str, int]]) -> None:
    refused = CliRunner().invoke(command.main, ["--host", host])
    assert refused.exit_code == 2 and not served
    assert len(refused.stderr.splitlines()) == 1 and "Give another by --host" in refused.stderr
