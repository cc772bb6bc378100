"""What the commands share on the terminal: progress on standard error, JSON on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import click

from data.failures import UserMistake
from governance.jobs import Job


def settings(pairs: tuple[str, ...]) -> dict[str, str]:
    """``("seed=3", "max_depth=2")`` as a map.

    Raises
    ------
    UserMistake
        If one is not of the form key=value, or a key comes twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip() or not value.strip():
            raise UserMistake(f"--set takes key=value, as in --set seed=3, not {pair!r}.")
        if key.strip() in found:
            raise UserMistake(f"--set gives {key.strip()} twice.")
        found[key.strip()] = value.strip()
    return found


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


class ProgressLine:
    """Shows how a job goes: one line that is renewed on a terminal, else a line a step."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._said = ""

    def __call__(self, job: Job) -> None:
        if job.status == "queued":
            line = f"{job.model}: in the queue"
        elif job.progress:
            progress = job.progress
            figures = ", ".join(f"{name} {value:.3f}" for name, value in progress.get("figures", {}).items())
            count = f" {progress['done']}/{progress['total']}" if self._terminal else ""
            line = f"{job.model}: {progress['step']}{count}" + (
                f", {figures}" if figures and self._terminal else ""
            )
        else:
            line = f"{job.model}: starting"
        if job.finished:
            if self._terminal and self._said:
                click.echo("\r\033[K", err=True, nl=False)
        elif line != self._said:
            self._said = line
            click.echo(f"\r\033[K{line}" if self._terminal else line, err=True, nl=not self._terminal)
