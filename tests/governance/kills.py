"""Kills a piece of work at many points, each in a process of its own, and says what was left; run by `test_kills`.

``python -m tests.governance.kills WORK FOLDER POINTS`` prints one JSON line a point. A process that has imported
everything is forked for each try, so that a try takes a tenth of a second; what it forks has one thread.
Of a piece of work with fewer points than are asked for, every point is one.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from governance import audit, measurements, observe, registry, sessions, shipped
from governance.home import open_store
from governance.store import Store
from models import catalogue
from tests import toys

TOY = toys.MODEL
MEASURED = {"heaviest": 0.5}
# After one kill in so many the work is done again.
AGAIN = 5
TOUCHES = {"open", "os.rename", "os.remove", "os.mkdir", "os.link", "os.rmdir", "os.utime", "sqlite3.connect"}


def set_up() -> None:
    open_store()


def train() -> None:
    toys.train_into(open_store(), catalogue.definition(TOY), seed=1)


def promote() -> None:
    store = open_store()
    registry.promote(store, f"{TOY}@2", "champion", sessions.start(store, "test"), "better on the test rows")


def measure() -> None:
    store = open_store()
    version = registry.resolve(store, f"{TOY}@1")
    measurements.keep(store, version, "weights", {"n": 3}, MEASURED, sessions.start(store, "test"))


def adopt() -> None:
    shipped.adopt(open_store())


WORKS: dict[str, Callable[[], None]] = {
    "set-up": set_up,
    "training": train,
    "promotion": promote,
    "measuring": measure,
    "adoption": adopt,
}


def prepare(work: str, home: Path) -> None:
    """What the home holds before the work begins; for a set-up there is none."""
    if work == "set-up":
        return
    os.environ["CRUMBTRAIL_HOME"] = str(home)
    if work == "adoption":
        # A home of before anything was shipped.
        shipped_now, shipped.FOLDER = shipped.FOLDER, home / "nothing"
    store = open_store()
    for seed in range(2 if work == "promotion" else 1):
        toys.train_into(store, catalogue.definition(TOY), seed=seed)
    store.engine.dispose()
    if work == "adoption":
        shipped.FOLDER = shipped_now


def state(store: Store) -> dict[str, Any]:
    """What a home holds, by what people ask for."""
    versions = registry.versions(store)
    return {
        "versions": sorted(version.reference for version in versions),
        "champions": sorted(v.reference for v in versions if "champion" in v.aliases),
        "answering": sorted(v.reference for v in versions if registry.artefact(store, v)),
        "measured": {version.reference: len(measurements.identities(store, version)) for version in versions},
    }


def in_child(work: Callable[[], Any], kill_at: int | None = None) -> tuple[int, Any]:
    """Run in a forked process; its status, and what it gave or the traceback.

    Parameters
    ----------
    kill_at : int, optional
        It kills itself at this touch of a file or statement of the database, the first being 0; with -1 it gives
        the number of all.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        code = 0
        try:
            touches = 0

            def touch(*_: Any) -> None:
                nonlocal touches
                if touches == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)
                touches += 1

            if kill_at is not None:
                event.listen(Engine, "before_cursor_execute", touch)
                event.listen(Engine, "commit", touch)
                sys.addaudithook(lambda name, _: touch() if name in TOUCHES else None)
            given = work()
            answer = touches if kill_at == -1 else given
        except BaseException:
            # Whatever it is, the test must say it.
            code, answer = 1, traceback.format_exc()
        with os.fdopen(writing, "w") as pipe:
            pipe.write(json.dumps(answer))
        os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), json.loads(told) if told else None


def look() -> dict[str, Any]:
    """What is there after a restart, and whether the log and all that it names holds."""
    store = open_store()
    return {**state(store), "problems": list(audit.verify(store).problems)}


def main(work: str, folder: Path, points: int) -> None:
    """Print, a line each: what there was before and what a whole run makes of it; then what each kill left."""
    for library in ("pandas", "scipy.stats", "alembic.command", "models.skops_files"):
        importlib.import_module(library)
    # What a process finds out once, every child would find out again.
    observe.code()
    observe.environment()
    toys.register_table_model()
    do = WORKS[work]
    base = folder / "base"
    assert in_child(lambda: prepare(work, base)) == (0, None)

    def fresh(name: str) -> Path:
        home = folder / name
        if base.exists():
            shutil.copytree(base, home)
        os.environ["CRUMBTRAIL_HOME"] = str(home)
        return home

    fresh("whole")
    code, touches = in_child(do, kill_at=-1)
    assert code == 0, touches
    print(json.dumps({"touches": touches, "whole": in_child(look)[1]}))
    for number, at in enumerate(sorted({n * touches // points for n in range(points)})):
        home = fresh(f"killed-{number}")
        code, _ = in_child(do, kill_at=at)
        left = in_child(look)
        again = in_child(lambda: (do(), look())[1]) if number % AGAIN == 0 else None
        print(
            json.dumps({"at": at, "code": code, "left": left, "again": again}),
            flush=True,
        )
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
