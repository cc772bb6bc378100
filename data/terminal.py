"""How every command starts and ends: on any terminal, and with a sentence where the machine is the obstacle."""

from __future__ import annotations

import errno
import io
import sys

import click

# A file cannot be written, and no other input would change that.
_OBSTACLES = {
    errno.ENOSPC: "The disk is full",
    errno.EDQUOT: "The disk's quota is used up",
    errno.EFBIG: "A file would become larger than is allowed here",
    errno.EROFS: "The disk can only be read",
    errno.EACCES: "Permission is denied",
}
_REMEDY = (
    "Free some space, or name a folder that can be written (CRUMBTRAIL_HOME for all that is stored); what was stored "
    "before is untouched."
)


def main(command: click.Command, name: str) -> None:
    """Run a command; ends the process.

    What the terminal's encoding lacks is printed as an escape, ``\\u2212`` for a minus sign. A full or read-only disk,
    too little memory and a database that does not answer end in one sentence on standard error, with status 1.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        command(prog_name=name)
    except OSError as error:
        obstacle = _OBSTACLES.get(error.errno or 0)
        if obstacle is None:
            raise
        place = f" ({error.filename})" if error.filename else ""
        _end(f"{obstacle}{place}. {_REMEDY}")
    except MemoryError:
        _end("There is not enough memory for this. Close other programs, or ask for less at once.")
    except Exception as error:
        said = _of_database(error)
        if said is None:
            raise
        _end(said)


def _of_database(error: Exception) -> str | None:
    """A sentence for an error of the database, None for any other."""
    from sqlalchemy.exc import SQLAlchemyError

    if not isinstance(error, SQLAlchemyError):
        return None
    cause = str(getattr(error, "orig", None) or error).splitlines()[0]
    return f"The database cannot be used: {cause}. {_REMEDY}"


def _end(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    sys.exit(1)
