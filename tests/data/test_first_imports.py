"""Libraries are imported by one thread at a time until all that is slow is there."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from data import first_imports


@pytest.fixture(autouse=True)
def _as_in_a_fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_imports, "_all_there", threading.Event())


def _put_module(folder: Path, name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> str:
    (folder / f"{name}.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, name, raising=False)
    return name


def test_nothing_is_prepared_during_a_visitors_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = _put_module(tmp_path, "prepared_in_between", "", monkeypatch)
    with first_imports.turn():
        thread = threading.Thread(target=first_imports.prepare, args=[[name]])
        thread.start()
        thread.join(0.2)
        assert name not in sys.modules
    thread.join(10)
    assert name in sys.modules


def test_a_visitor_comes_before_what_is_prepared_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = ModuleType("gate_of_a_test")
    gate.entered, gate.open = threading.Event(), threading.Event()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, gate.__name__, gate)
    slow = "import gate_of_a_test as gate\ngate.entered.set()\nassert gate.open.wait(10)\n"
    first = _put_module(tmp_path, "prepared_first", slow, monkeypatch)
    second = _put_module(tmp_path, "prepared_second", "", monkeypatch)
    seen: list[bool] = []

    def visit() -> None:
        with first_imports.turn():
            seen.append(second in sys.modules)

    preparing = threading.Thread(target=first_imports.prepare, args=[[first, second]])
    preparing.start()
    assert gate.entered.wait(10)
    visitor = threading.Thread(target=visit)
    visitor.start()
    while not first_imports._visitors_waiting:
        pass
    gate.open.set()
    visitor.join(10)
    preparing.join(10)
    assert seen == [False]
    assert second in sys.modules


def test_visitors_wait_for_each_other_only_until_all_is_there() -> None:
    first_imports.prepare([])
    with first_imports.turn():
        thread = threading.Thread(target=_enter)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()


def _enter() -> None:
    with first_imports.turn():
        pass


def test_a_turn_ends_with_what_failed_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZeroDivisionError), first_imports.turn():
        raise ZeroDivisionError
    broken = _put_module(tmp_path, "prepared_broken", "raise ImportError('no such library')", monkeypatch)
    with pytest.raises(ImportError, match="no such library"):
        first_imports.prepare([broken])
    _enter()


def _make_library(folder: Path) -> None:
    """One whose package and module need each other, as scikit-learn's do: either may be imported first."""
    package = folder / "needs_itself"
    package.mkdir()
    (package / "__init__.py").write_text("import time\ntime.sleep(0.6)\nfrom needs_itself.base import Base\n")
    (package / "base.py").write_text("from needs_itself import helper\nclass Base: pass\n")
    (package / "helper.py").write_text("")


def _visit_both_doors(first: Callable[[], object], failed: list[str]) -> None:
    """Enter at the package in one thread, and while it is inside at the module in another."""

    def guarded(enter: Callable[[], object]) -> None:
        try:
            enter()
        except ImportError as error:
            failed.append(str(error))

    def visit() -> None:
        with first_imports.turn():
            importlib.import_module("needs_itself.base")

    threads = [threading.Thread(target=guarded, args=[enter]) for enter in (first, visit)]
    for thread in threads:
        thread.start()
        threading.Event().wait(0.2)
    for thread in threads:
        thread.join(10)


@pytest.mark.parametrize("in_turns", [True, False])
def test_a_library_can_be_entered_at_two_places_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_turns: bool
) -> None:
    _make_library(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    failed: list[str] = []
    prepare = first_imports.prepare if in_turns else (lambda names: importlib.import_module(*names))
    try:
        _visit_both_doors(lambda: prepare(["needs_itself"]), failed)
    finally:
        for name in [n for n in sys.modules if n.startswith("needs_itself")]:
            del sys.modules[name]
    # What Python does without turns is shown too: otherwise the first half of this test might prove nothing.
    assert bool(failed) is not in_turns
    assert all("partially initialized" in one for one in failed)
