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
REQUIRE = "CRUMBTRAIL_REQUIRE_POSTGRES"


def missing() -> str | None:
    """Why no server can be started here; None where one can."""
    if importlib.util.find_spec("psycopg") is None:
        return "no psycopg"
    if _programs() is None:
        return "no PostgreSQL (Debian: apt install postgresql)"
    return None


def _programs() -> Path | None:
    """The folder with the server's programs; Debian keeps them out of the path."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in folders if (folder / "pg_ctl").exists()), None)


@contextmanager
def server() -> Iterator[str]:
    """A fresh server; its address as SQLAlchemy writes it, as the superuser."""
    reason = missing()
    programs = _programs()
    if reason is not None or programs is None:
        if os.environ.get(REQUIRE) == "1":
            pytest.fail(f"{REQUIRE}=1, and there is {reason}.")
        pytest.skip(str(reason))
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
        call(
            str(programs / "initdb"),
            "-D",
            data,
            "-U",
            USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        )
        call(
            str(programs / "pg_ctl"),
            "-D",
            data,
            "-w",
            "-l",
            str(folder / "log"),
            "-o",
            f"-k {folder} -h '' -F",
            "start",
        )
        try:
            yield f"postgresql+psycopg://{USER}@/postgres?host={folder}"
        finally:
            call(str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
