"""A real server and a real browser, watched: nothing may leave the machine, nothing may fail quietly."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from filelock import FileLock
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    ViewportSize,
    expect,
    sync_playwright,
)

from benchmarks.serving import Served
from benchmarks.serving import serving as serving_process
from tests.conftest import REQUIRE_BROWSER, ROOT, chromium, of_all_workers

SCREENSHOTS = ROOT / "screenshots"
TAKE_SCREENSHOTS = "CRUMBTRAIL_SCREENSHOTS"
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
# Opened at /what-if, Streamlit first asks whether the whole app lives below that path. It does not.
PROBE_OF_STREAMLIT = re.compile(r"//[^/]+/[^/]+/_stcore/(health|host-config)$")
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
WIDE: ViewportSize = {"width": 1440, "height": 900}
BACKGROUND = {"light": "rgb(252, 248, 242)", "dark": "rgb(25, 21, 18)"}

# A first visit loads what answers, and the machine may be busy: only a failure takes as long as this.
expect.set_options(timeout=60_000)


@dataclass(frozen=True)
class Server(Served):
    """A running app; `home` is its ``CRUMBTRAIL_HOME``."""

    home: Path


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A fresh process that serves the app as ``make app`` does, with a home of its own in `folder`."""
    home = folder / "home"
    with serving_process(folder / "server.log", {"CRUMBTRAIL_HOME": str(home)}) as served:
        yield Server(**vars(served), home=home)


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory, prepared_home: Path) -> Iterator[Server]:
    """One server for all tests that only look; iris_tree@1 and iris_forest@1 are there, and what the
    repository ships."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copytree(prepared_home, folder / "home")
    with serving(folder) as running:
        yield running


@pytest.fixture(scope="package")
def busy_server(tmp_path_factory: pytest.TempPathFactory, prepared_home: Path) -> Iterator[Server]:
    """The same for tests that train or reproduce: what they store must not be met by those that look."""
    folder = tmp_path_factory.mktemp("busy-server")
    shutil.copytree(prepared_home, folder / "home")
    with serving(folder) as running:
        yield running


@pytest.fixture
def fresh_server(tmp_path: Path, prepared_home: Path) -> Iterator[Server]:
    """The same, and nobody has visited it yet."""
    shutil.copytree(prepared_home, tmp_path / "home")
    with serving(tmp_path) as running:
        yield running


@pytest.fixture(scope="package")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Only one worker drives a browser; two would both start every server, and take the cores from each other."""
    with FileLock(of_all_workers(tmp_path_factory) / "browser.lock", timeout=0):
        yield


@pytest.fixture(scope="package")
def profile(alone: None) -> Iterator[BrowserContext]:
    """Chromium and what it keeps of the app's scripts, for all files of this folder and no others: its event
    loop must not meet other tests' loops."""
    path = chromium()
    if path is None:
        pytest.fail(
            f"{REQUIRE_BROWSER}=1, and no Chromium was found (Debian: apt install chromium-headless-shell)."
        )
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=flags)
        yield launched.new_context()
        launched.close()


@pytest.fixture
def look() -> str:
    """``light`` or ``dark``; parametrize it to have both."""
    return "light"


@pytest.fixture
def page(profile: BrowserContext, look: str) -> Iterator[Page]:
    """A page on a laptop's screen. Afterwards: no request left the machine, and nothing was an error."""
    strangers: list[str] = []
    errors: list[str] = []

    def note_request(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.hostname not in LOOPBACK:
            strangers.append(url)

    def note_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not PROBE_OF_STREAMLIT.search(message.location["url"]):
            errors.append(f"{message.text} ({message.location['url']})")

    def note(request: Request) -> None:
        note_request(request.url)

    profile.on("request", note)
    opened = profile.new_page()
    opened.set_viewport_size(WIDE)
    put_on(opened, look)
    opened.on("websocket", lambda socket: note_request(socket.url))
    opened.on("console", note_console)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    if not opened.is_closed():
        # A look that was chosen is kept in the browser; the next test starts without.
        opened.evaluate("try { localStorage.clear() } catch { /* no page was opened */ }")
    opened.close()
    profile.remove_listener("request", note)
    assert not strangers, f"requests left the machine: {strangers}"
    assert not errors, f"the browser's console has errors: {errors}"


def put_on(page: Page, look: str) -> None:
    """Set the system's preference; a page that is open follows it."""
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")


def settle(page: Page) -> None:
    """Wait until the script has run, and what it shows is drawn."""
    page.locator(IDLE).wait_for(state="attached", timeout=180_000)
    page.wait_for_function(
        "!document.querySelector('[data-testid=stSkeleton], [data-stale=true]')", timeout=180_000
    )


def rest(page: Page, seconds: float = 0.4) -> None:
    """Wait until the page has been idle for a while.

    A visit begins with several runs of the script, and slow parts follow one another: idle for a moment is
    not yet done.
    """
    settle(page)
    page.evaluate("window.idleSince = null")
    page.wait_for_function(
        """([idle, milliseconds]) => {
            const busy = !document.querySelector(idle)
                || document.querySelector("[data-testid=stSkeleton], [data-stale=true]");
            window.idleSince = busy ? null : window.idleSince ?? performance.now();
            return window.idleSince !== null && performance.now() - window.idleSince >= milliseconds;
        }""",
        arg=[IDLE, 1000 * seconds],
        timeout=120_000,
    )


@pytest.fixture
def screenshot(page: Page) -> Callable[[str], None]:
    """With ``CRUMBTRAIL_SCREENSHOTS=1``: save what the page shows as ``screenshots/NAME.png``, for a person."""

    def screenshot(name: str) -> None:
        if os.environ.get(TAKE_SCREENSHOTS) == "1":
            save_screenshot(page, name)

    return screenshot


def save_screenshot(page: Page, name: str) -> Path:
    """Save a picture under a name that is safe as a file's."""
    SCREENSHOTS.mkdir(exist_ok=True)
    path = SCREENSHOTS / (re.sub(r"[^\w.-]+", "_", name) + ".png")
    page.screenshot(path=path)
    return path


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the server's log and a picture of the page to a failure."""
    report = yield
    fixtures = getattr(item, "funcargs", {})
    if report.failed:
        for name in ("server", "busy_server", "fresh_server"):
            if name in fixtures:
                report.sections.append((f"log of {name}", fixtures[name].log.read_text("utf-8")))
        if report.when == "call" and "page" in fixtures:
            report.sections.append(("picture", str(save_screenshot(fixtures["page"], f"failed_{item.name}"))))
    return report
