"""Commands on terminals and disks that are not as ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

START = """
import click
from data import terminal
@click.command()
def command():
    {body}
terminal.main(command, "test")
"""


def run(body: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", START.format(body=body)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("encoding", ["cp1252", "iso-8859-1", "utf-8:strict"])
def test_what_a_terminal_lacks_is_printed_as_an_escape(encoding: str) -> None:
    done = run(r'click.echo("\u22120.3 \udce9"); click.echo("\u2212", err=True)', PYTHONIOENCODING=encoding)
    minus = "\u2212".encode() if encoding.startswith("utf") else rb"\u2212"
    assert (done.returncode, done.stdout, done.stderr) == (0, minus + rb"0.3 \udce9" + b"\n", minus + b"\n")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "raise OSError(28, 'No space left on device', 'crumbtrail.db')",
            "The disk is full (crumbtrail.db). Free some space",
        ),
        ("raise OSError(30, 'Read-only file system')", "The disk can only be read. Free"),
        (
            "import sqlite3, sqlalchemy.exc as e; raise e.OperationalError('x', {{}}, sqlite3.Error('disk I/O'))",
            "disk I/O. Free",
        ),
    ],
)
def test_a_machine_that_cannot_ends_in_one_sentence(body: str, said: str) -> None:
    done = run(body.replace("{{}}", "{}"))
    assert done.returncode == 1
    assert said in done.stderr.decode() and "Traceback" not in done.stderr.decode()


def test_a_file_that_may_not_grow_is_said_by_a_real_command(tmp_path: Path) -> None:
    """A limit on the size of files stands for a disk that is full: every write beyond it fails."""
    limit = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); "
    run_it = "sys.argv = ['models', 'list']; runpy.run_module('models', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", limit + run_it],
        cwd=ROOT,
        env={**os.environ, "CRUMBTRAIL_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert done.stderr.count("\n") == 1 and "CRUMBTRAIL_HOME" in done.stderr


def test_any_other_error_keeps_its_trace() -> None:
    done = run("raise RuntimeError('a fault of ours')")
    assert done.returncode == 1 and b"Traceback" in done.stderr


def test_too_little_memory_is_said() -> None:
    code = (
        "import click\nfrom data import terminal\n"
        "@click.command()\ndef hungry():\n    raise MemoryError\n"
        "terminal.main(hungry, 'hungry')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("There is not enough memory") and done.stderr.count("\n") == 1
