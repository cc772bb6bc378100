"""``python -m serve``: the REST interface without the pages."""

from __future__ import annotations

import click
import uvicorn

from serve.api import create_server


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8502, show_default=True, type=click.IntRange(1, 65535))
def main(host: str, port: int) -> None:
    """Serve Crumbtrail's REST interface."""
    uvicorn.run(create_server(), host=host, port=port)


if __name__ == "__main__":
    main(prog_name="python -m serve")
