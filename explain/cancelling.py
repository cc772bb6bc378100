"""Stopping a computation whose answer nobody wants any more."""

from __future__ import annotations

from data.failures import CrumbtrailError


class Cancelled(CrumbtrailError):
    """Somebody asked to stop."""
