"""Errors that a person is meant to read, and how a command ends on one."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class CrumbtrailError(Exception):
    """Something failed, or a check did not hold; the message is one sentence for the user."""

    exit_code = 1


class UserMistake(CrumbtrailError):
    """What was asked for cannot be done as it was asked; the message says what to do instead."""

    exit_code = 2


def ends_clearly(command: Callable[P, R]) -> Callable[P, R]:
    """Make a command print a `CrumbtrailError` as one sentence on standard error, and exit."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except CrumbtrailError as error:
            print(error, file=sys.stderr)
            sys.exit(error.exit_code)

    return wrapped
