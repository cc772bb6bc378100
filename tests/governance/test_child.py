"""A child process that is ended from outside is told from one that failed."""

from __future__ import annotations

import os

import pytest

from governance import child


def run(code: str) -> None:
    # A module of the standard library that runs what it is given.
    child.run(["timeit", "-n1", "-r1", code], os.environ, lambda progress: None, lambda: False)


def test_a_child_that_the_system_ended_is_said_with_what_to_do() -> None:
    with pytest.raises(child.WorkFailed, match=r"SIGKILL.*no memory left.*start it again"):
        run("import os, sys; print('a warning', file=sys.stderr, flush=True); os.kill(os.getpid(), 9)")
    with pytest.raises(child.WorkFailed, match="SIGTERM") as caught:
        run("import os; os.kill(os.getpid(), 15)")
    assert "memory" not in str(caught.value)


def test_a_child_that_fails_has_the_last_word() -> None:
    with pytest.raises(child.WorkFailed, match="ZeroDivisionError"):
        run("1 / 0")
    with pytest.raises(child.WorkFailed, match="code 3 and said nothing"):
        run("import os; os._exit(3)")
