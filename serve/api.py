"""Puts the REST interface together: the routers, and one shape for every error.

Handlers are plain functions, so that Starlette runs them in its thread pool: a prediction must not
hold up the pages that the same process serves.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.failures import CrumbtrailError, UserMistake
from serve import health, models

ROUTERS = (health.router, models.router)


class HeadAsGet:
    """Answers HEAD as GET without its body (RFC 9110, 9.3.2); FastAPI's own routes refuse it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, send_head)


def create_api() -> FastAPI:
    """The interface with its paths relative to ``/api``.

    The schema is at ``openapi.json``. FastAPI's browsable documentation is off, because it loads its
    scripts from another host.
    """
    api = FastAPI(title="Crumbtrail", version=health.version(), docs_url=None, redoc_url=None)
    for router in ROUTERS:
        api.include_router(router)
    api.add_middleware(HeadAsGet)
    api.add_exception_handler(HTTPException, _http_error)
    api.add_exception_handler(RequestValidationError, _invalid_request)
    api.add_exception_handler(CrumbtrailError, _domain_error)
    api.add_exception_handler(Exception, _unexpected_error)
    return api


def routes() -> list[BaseRoute]:
    """Routes of the interface for a server that has others too."""
    return [Mount("/api", create_api())]


def create_server() -> Starlette:
    """An application of the interface alone, with the same paths as in the app."""
    return Starlette(routes=routes())


def _error(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"error": sentence}, status_code=status)


def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 404 and error.detail == "Not Found":
        return _error(404, f"There is nothing at {request.url.path}. The paths are in /api/openapi.json.")
    if error.status_code == 405:
        told = _error(405, f"{request.url.path} does not answer to {request.method}.")
        told.headers.update(error.headers or {})  # which methods it allows, as RFC 9110, 15.5.6 asks
        return told
    return _error(error.status_code, error.detail)


def _invalid_request(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    wrong = (f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors())
    return _error(422, f"The request cannot be read: {'; '.join(wrong)}.")


def _domain_error(_request: Request, error: Exception) -> JSONResponse:
    return _error(400 if isinstance(error, UserMistake) else 500, str(error))


def _unexpected_error(_request: Request, error: Exception) -> JSONResponse:
    # Starlette raises the error again after this answer, so that the log has the whole trace.
    return _error(
        500, f"This failed and should not have ({type(error).__name__}); the server's log says why."
    )
