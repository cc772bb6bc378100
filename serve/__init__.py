"""The REST interface: one router a file, mounted by the app and runnable alone."""

from serve.api import create_api, routes

__all__ = ["create_api", "routes"]
