"""A real PostgreSQL of the tests' own: started in a new folder, on a socket there, and ended afterwards."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
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


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs, and can be stopped and started again.

    Attributes
    ----------
    folder : Path
        Holds its socket, its data and its log.
    control : callable (*words) -> None
        Calls ``pg_ctl`` about it and waits for the end.
    """

    folder: Path
    control: Callable[..., None]

    def address(self, database: str = USER) -> str:
        """A database of it as SQLAlchemy writes it, as the superuser."""
        return f"postgresql+psycopg://{USER}@/{database}?host={self.folder}"

    def stop(self) -> None:
        """End the server as a failure would, whoever is connected."""
        self.control("-m", "immediate", "stop")

    def start(self) -> None:
        """Start it, with what it holds."""
        self.control("-l", str(self.folder / "log"), "-o", f"-k {self.folder} -h '' -F", "start")


@contextmanager
def server() -> Iterator[str]:
    """A fresh server; its address as SQLAlchemy writes it, as the superuser."""
    with running() as started:
        yield started.address()


@contextmanager
def running() -> Iterator[Server]:
    """A fresh server that a test may stop and start; it must run when the test is done with it."""
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
        made = Server(folder, partial(call, str(programs / "pg_ctl"), "-D", data, "-w"))
        made.start()
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
