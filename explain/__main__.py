"""``python -m explain``: the name of a command whose work is done two rooms up, in `ask.explain_command`.

A command is a front end and stands above what it asks; its name is older than that room and stays. Started by its
name, so that no import leads upwards.
"""

from __future__ import annotations

import runpy

if __name__ == "__main__":
    runpy.run_module("ask.explain_command", run_name="__main__")
