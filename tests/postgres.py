"""A real PostgreSQL of the tests' own: started in a new folder, on a socket there, and ended afterwards."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

USER = "postgres"


def missing() -> str | None:
    """Why no server can be started here; None where one can."""
    if importlib.util.find_spec("psycopg") is None:
        return "no psycopg"
    if shutil.which("initdb") is None or shutil.which("pg_ctl") is None:
        return "no PostgreSQL"
    return None


@contextmanager
def server() -> Iterator[str]:
    """A fresh server; its address as SQLAlchemy writes it, as the superuser."""
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    # The path of a socket is short by its nature, and pytest's folders are deep.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        entry = pwd.getpwnam(USER)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        as_user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    data = str(folder / "data")

    def call(*words: str) -> None:
        # To files: the server keeps what it was given open, and a pipe would be waited for.
        with (folder / "said").open("ab") as said:
            subprocess.run(words, check=True, stdout=said, stderr=said, cwd=folder, timeout=60, **as_user)

    try:
        call("initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        call("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", f"-k {folder} -h '' -F", "start")
        try:
            yield f"postgresql+psycopg://{USER}@/postgres?host={folder}"
        finally:
            call("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
