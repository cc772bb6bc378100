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
    if reason is not None:
        if os.environ.get(REQUIRE) == "1":
            pytest.fail(f"{REQUIRE}=1, and there is {reason}.")
        pytest.skip(reason)
    # The path of a socket is short by its nature, and pytest's folders are deep.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam(USER).pw_uid, pwd.getpwnam(USER).pw_gid)
    try:
        _call(folder, "initdb", "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        _start(folder)
        try:
            yield f"postgresql+psycopg://{USER}@/postgres?host={folder}"
        finally:
            _stop(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def outage(address: str) -> Iterator[None]:
    """The server of an address that `server` gave is down for as long as the block runs."""
    folder = Path(address.partition("host=")[2])
    _stop(folder)
    try:
        yield
    finally:
        _start(folder)


def _start(folder: Path) -> None:
    _call(folder, "pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-k {folder} -h '' -F", "start")


def _stop(folder: Path) -> None:
    _call(folder, "pg_ctl", "-m", "immediate", "-w", "stop")


def _call(folder: Path, program: str, *words: str) -> None:
    """Run one of the server's programs on the data in a folder."""
    programs = _programs()
    assert programs is not None
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        entry = pwd.getpwnam(USER)
        as_user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    command = [str(programs / program), "-D", str(folder / "data"), *words]
    # To files: the server keeps what it was given open, and a pipe would be waited for.
    with (folder / "said").open("ab") as said:
        subprocess.run(command, check=True, stdout=said, stderr=said, cwd=folder, timeout=60, **as_user)
