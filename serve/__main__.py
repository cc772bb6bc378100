"""``python -m serve``: the REST interface without the pages."""

from __future__ import annotations

import socket

import click
import uvicorn

from data import terminal
from data.failures import UserMistake, ends_clearly
from data.numerals import WholeNumber
from serve.api import create_server


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8502, show_default=True, type=WholeNumber(1, 65535), help="Port to listen on."
)
@ends_clearly
def main(host: str, port: int) -> None:
    """Serve Crumbtrail's REST interface until Ctrl-C; it describes itself at /api/openapi.json."""
    _check_free(host, port)
    uvicorn.run(create_server(), host=host, port=port)


def _check_free(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on, which uvicorn would tell in a log."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the server itself does: a port that was given up just now is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no address"
        raise UserMistake(
            f"{host} port {port} cannot be listened on ({reason}). Give another by --host and --port."
        ) from error


if __name__ == "__main__":
    terminal.main(main, "python -m serve")
