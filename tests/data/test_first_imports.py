"""Libraries are imported by one thread at a time until all that is slow is there."""

from __future__ import annotations

import importlib
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from data import first_imports


@pytest.fixture(autouse=True)
def _as_in_a_fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_imports, "_all_there", threading.Event())
    monkeypatch.setattr(first_imports, "_left", None)
    monkeypatch.setattr(first_imports, "QUIET", 0.0)


class Gate(ModuleType):
    """What modules of a test import to say where they are, and to wait."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.entered, self.inside = threading.Event(), threading.Event()


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
    gate = Gate("gate_of_a_test")
    monkeypatch.setitem(sys.modules, gate.__name__, gate)
    slow = "import gate_of_a_test as gate\ngate.entered.set()\nassert gate.inside.wait(10)\n"
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
    while not first_imports._visitors:
        time.sleep(0.01)
    gate.inside.set()
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


def test_what_is_prepared_waits_a_while_for_a_first_visitor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = _put_module(tmp_path, "prepared_patiently", "", monkeypatch)
    thread = threading.Thread(target=first_imports.prepare, args=[[name], 60])
    thread.start()
    thread.join(0.2)
    assert name not in sys.modules
    _enter(False)
    thread.join(10)
    assert name in sys.modules
    other = _put_module(tmp_path, "prepared_alone", "", monkeypatch)
    monkeypatch.setattr(first_imports, "_left", None)
    first_imports.prepare([other], 0.1)
    assert other in sys.modules


def test_what_is_prepared_waits_until_what_was_drawn_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_imports, "QUIET", 0.3)
    _enter()
    left = time.monotonic()
    first_imports.prepare([_put_module(tmp_path, "prepared_later", "", monkeypatch)])
    assert time.monotonic() - left >= 0.25


def test_work_that_needs_no_library_waits_for_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = _put_module(tmp_path, "prepared_after", "", monkeypatch)
    with first_imports.turn():
        light = threading.Thread(target=_enter, args=[False])
        light.start()
        light.join(10)
        assert not light.is_alive()
    with first_imports.turn(imports=False):
        thread = threading.Thread(target=first_imports.prepare, args=[[name]])
        thread.start()
        thread.join(0.2)
        assert name not in sys.modules
    thread.join(10)
    assert name in sys.modules


def _enter(imports: bool = True) -> None:
    with first_imports.turn(imports):
        pass


def test_a_turn_ends_with_what_failed_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZeroDivisionError), first_imports.turn():
        raise ZeroDivisionError
    broken = _put_module(tmp_path, "prepared_broken", "raise ImportError('no such library')", monkeypatch)
    with pytest.raises(ImportError, match="no such library"):
        first_imports.prepare([broken])
    _enter()


def _make_library(folder: Path, wait: float) -> None:
    """One whose package and module need each other, as scikit-learn's do: either may be imported first."""
    package = folder / "needs_itself"
    package.mkdir()
    told = "import gate_of_a_test as gate\n"
    (package / "__init__.py").write_text(
        f"{told}import time\ngate.entered.set()\ngate.inside.wait({wait})\ntime.sleep({wait})\n"
        "from needs_itself.base import Base\n"
    )
    (package / "base.py").write_text(
        f"{told}gate.inside.set()\nfrom needs_itself import helper\nclass Base: pass\n"
    )
    (package / "helper.py").write_text("")


def _enter_by_both_doors(first: Callable[[], object], entered: threading.Event) -> list[str]:
    """Enter at the package in one thread, and while it is inside at the module in another; what failed."""
    failed: list[str] = []

    def guarded(enter: Callable[[], object]) -> None:
        try:
            enter()
        except ImportError as error:
            failed.append(str(error))

    def visit() -> None:
        with first_imports.turn():
            importlib.import_module("needs_itself.base")

    one, other = (threading.Thread(target=guarded, args=[enter]) for enter in (first, visit))
    one.start()
    assert entered.wait(10)
    other.start()
    for thread in (one, other):
        thread.join(30)
        assert not thread.is_alive()
    return failed


def _meet(folder: Path, wait: float, in_turns: bool, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    gate = Gate("gate_of_a_test")
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, gate.__name__, gate)
        patched.syspath_prepend(str(folder))
        _make_library(folder, wait)
        enter = first_imports.prepare if in_turns else (lambda names: importlib.import_module(*names))
        try:
            return _enter_by_both_doors(lambda: enter(["needs_itself"]), gate.entered)
        finally:
            for name in [n for n in sys.modules if n.startswith("needs_itself")]:
                del sys.modules[name]


def test_a_library_can_be_entered_at_two_places_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _meet(tmp_path, 0.3, True, monkeypatch) == []


def test_without_turns_it_cannot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the test before this one might prove nothing."""
    for number, wait in enumerate((0.2, 1, 4)):
        folder = tmp_path / str(number)
        folder.mkdir()
        failed = _meet(folder, wait, False, monkeypatch)
        if failed:
            break
    assert failed
    assert all("partially initialized" in one for one in failed)
