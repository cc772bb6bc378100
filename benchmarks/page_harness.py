"""Streamlit's harness for pages without a browser, spared what a server does once or not at all.

Besides the pages themselves, every run compiles the scripts again, looks through all installed packages for components,
and asks a thousand times a second whether it is over, which takes the processor from the page that it waits for.
"""

from __future__ import annotations

import sys
from typing import Any

from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import local_script_runner


def as_a_server() -> None:
    """From now on, in this process, keep what a server keeps, and wait for a run by its thread."""
    scripts, manifests = ScriptCache(), list(manifest_scanner.scan_component_manifests())

    main = sys.modules["__main__"]

    def wait(runner: Any, timeout: float = 3) -> None:
        runner._script_thread.join(timeout)
        # A run puts its script in this place, from which a child process would begin.
        sys.modules["__main__"] = main
        if runner._script_thread.is_alive():
            runner.request_stop()
            runner.join()
            raise RuntimeError(f"The page was not drawn within {timeout} s.")

    local_script_runner.ScriptCache = lambda: scripts  # type: ignore[misc, assignment]
    local_script_runner.require_widgets_deltas = wait
    manifest_scanner.scan_component_manifests = lambda **_: list(manifests)
