"""What every test shares: a home of its own, the pages without a browser, and what to do without one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

# Two workers on two cores, and in each the libraries would take both: waiting for one another took a fifth of the
# time. Read when numpy and torch are loaded, here and in every child.
for _pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_pool, "1")
# Children train with two threads; one that waits for the other must leave the core to somebody else.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import pytest
from filelock import FileLock
from streamlit.testing.v1 import AppTest

from benchmarks import page_harness
from models.spec import Definition

ROOT = Path(__file__).resolve().parent.parent
NO_BROWSER = "no Chromium"
REQUIRE_BROWSER = "CRUMBTRAIL_REQUIRE_BROWSER"
BROWSER = "tests/browser/"
# Their tests share nothing and take long.
APART = ("tests/governance/test_kills.py", "tests/test_readers_fuzzed.py")
LONGEST_FIRST = ("browser", "pages", "explain", "ask", "governance", "models", "serve")


def chromium() -> str | None:
    """Path of the Chromium to drive, None where there is none; the one without a window's frame is quickest."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two more than cores, for tests wait for children, servers and a browser; four at most: each holds a gigabyte."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores + 2, 4)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Share the tests out by file, those with a browser to one worker.

    A file's tests share homes and models, which two workers would both make. The plugin's own way of naming
    groups (``--dist loadgroup``, 3.8) does nothing beside pytest 9: it writes an attribute that nobody reads.
    """
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            if nodeid.startswith(BROWSER):
                return BROWSER
            return nodeid if nodeid.startswith(APART) else str(super()._split_scope(nodeid))

    return ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first; tests with a browser are left out where there is none."""
    leave_out = chromium() is None and os.environ.get(REQUIRE_BROWSER) != "1"
    items.sort(key=_turn)
    for item in items:
        if leave_out and item.get_closest_marker("browser") is not None:
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def _turn(item: pytest.Item) -> int:
    folder = item.path.relative_to(ROOT / "tests").parts[0]
    return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line which tests were left out for want of a browser."""
    left_out = [r.nodeid for r in terminalreporter.stats.get("skipped", []) if NO_BROWSER in str(r.longrepr)]
    if left_out:
        files = ", ".join(sorted({node.partition("::")[0] for node in left_out}))
        terminalreporter.write_line(
            f"LEFT OUT: {len(left_out)} browser tests ({files}), because no Chromium was found. "
            "Install it (Debian: apt install chromium-headless-shell) and run the tests again.",
            yellow=True,
        )


@pytest.fixture(scope="session", autouse=True)
def _keep_real_home_out(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads or writes the home of the person who runs the tests."""
    os.environ["CRUMBTRAIL_HOME"] = str(tmp_path_factory.mktemp("stray-home"))
    os.environ.pop("CRUMBTRAIL_DB", None)


@pytest.fixture(scope="session", autouse=True)
def _pages_run_as_in_a_server() -> None:
    """No test installs a package or changes a page's script."""
    page_harness.as_a_server()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home of this test's own, which this process and its children use."""
    path = tmp_path / "home"
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(path))
    monkeypatch.delenv("CRUMBTRAIL_DB", raising=False)
    return path


@pytest.fixture
def nothing_shipped(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test's home stays empty: no version comes with the repository."""
    from governance import shipped

    monkeypatch.setattr(shipped, "FOLDER", home / "nothing")


def of_all_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which workers find what one of them has made for all."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@pytest.fixture(scope="session")
def prepared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home that `toys.prepare_home` makes, once for all workers; never used itself, only copied."""
    from tests import toys

    shared = of_all_workers(tmp_path_factory)
    path = shared / "prepared-home"
    with FileLock(shared / "prepared-home.lock"):
        if not path.exists():
            toys.prepare_home(shared / "unfinished-home").rename(path)
    return path


@pytest.fixture(scope="session")
def trained_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a real training of ``toy_table`` leaves behind; made once, only copied."""
    from models import training
    from tests import toys

    folder = tmp_path_factory.mktemp("trained")
    with toys.home_at(tmp_path_factory.mktemp("training-home")):
        definition = toys.register_table_model()
        training.run(definition, {"max_depth": 3}, 0, 2, folder, lambda progress: None)
        toys.unregister_table_model()
    return folder


@pytest.fixture(scope="session")
def tiny_network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a real training of a tiny ``muffin_cnn`` leaves behind, once for all workers; only read.

    `toys.put_tiny_network` puts it into a store.
    """
    from tests import toys

    shared = of_all_workers(tmp_path_factory)
    path = shared / "tiny-network"
    with FileLock(shared / "tiny-network.lock"):
        if not path.exists():
            toys.train_tiny_network(shared / "unfinished-network").rename(path)
    return path


@pytest.fixture
def trained_home(prepared_home: Path, home: Path) -> Path:
    """This test's own copy of the prepared home: iris_tree@1, iris_forest@1 and toy_table@1 are stored."""
    shutil.copytree(prepared_home, home)
    return home


@pytest.fixture
def queue_is_run(home: Path) -> Iterator[None]:
    """This test runs the queue: a job that it claims is not taken for one whose process was ended."""
    from governance import abandoned

    home.mkdir(exist_ok=True)
    with abandoned.lock():
        yield


@pytest.fixture
def old_home(home: Path) -> Path:
    """This test's own copy of a home that Crumbtrail 0.1 left behind; nothing has opened it since."""
    from tests.old_home import unpack

    unpack(home)
    return home


@pytest.fixture
def toy() -> Iterator[Definition]:
    """``toy_table``, 5 features and 4 classes, in the catalogue for the time of this test."""
    from tests import toys

    yield toys.register_table_model()
    toys.unregister_table_model()


OpenPage = Callable[..., AppTest]


@pytest.fixture
def open_page(home: Path) -> OpenPage:
    """Run a page as a visitor would open it: ``open_page("lineage.py", {"model": "iris_tree"})``.

    Goes through ``pages/_router.py``; ``app.py`` draws nothing, and an AppTest of it would pass whatever
    the pages do. The time limit leaves room for a first import of the heavy modules.
    """

    def open_page(file: str | None = None, query: Mapping[str, str] | None = None) -> AppTest:
        app_test = AppTest.from_file(str(ROOT / "pages" / "_router.py"), default_timeout=60)
        if file is not None:
            app_test.run().switch_page(file)
        for name, value in (query or {}).items():
            app_test.query_params[name] = value
        return app_test.run()

    return open_page


@pytest.fixture(scope="session")
def toy_tree() -> Any:
    """The three-class tree of `tests.explain.toys`, which nobody changes."""
    from tests.explain import toys

    return toys.fitted_tree()


@pytest.fixture(scope="session")
def toy_forest() -> Any:
    """The forest of `tests.explain.toys`, which nobody changes."""
    from tests.explain import toys

    return toys.fitted_forest()


@pytest.fixture(scope="session")
def toy_linear() -> Any:
    """The regression of `tests.explain.toys`, which only answers."""
    from tests.explain import toys

    return toys.fitted_answers("linear")


@pytest.fixture(scope="session")
def toy_boosted() -> Any:
    """The boosted trees of `tests.explain.toys`, which only answer."""
    from tests.explain import toys

    return toys.fitted_answers("boosted")


@pytest.fixture(scope="session")
def toy_cnn() -> Any:
    """The small network of `tests.explain.image_toys`, which nobody changes."""
    from tests.explain import image_toys

    return image_toys.small()


@pytest.fixture
def one_torch_thread() -> Iterator[None]:
    """Tests run beside each other; torch would take every core for each."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
