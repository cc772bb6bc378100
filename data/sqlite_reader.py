"""A process that reads SQLite for somebody else's query, and may be killed: started by `data.declared_queries`.

In a process of its own, because a query can keep SQLite in one step, or fill memory while it is prepared, where neither
its authorizer nor its progress handler is asked. Imports nothing of the house, so that it is there at once. Standard
input and output are JSON, in which bytes stand as an object with their Base64.
"""

from __future__ import annotations

import base64
import contextlib
import json
import sqlite3
import sys
import time
from typing import Any

MEMORY_BYTES = 2**30
_LONGEST_VALUE = 2**20
"""Bytes of one value, or one row: a value's memory is reserved before anything can be counted."""
_STEPS_BETWEEN_LOOKS = 10_000
_SCHEMA_TABLES = ("sqlite_master", "sqlite_schema", "sqlite_temp_master", "sqlite_temp_schema")

# SQLite does not say of a function whether its answer depends on its arguments alone, so those that are known.
_FUNCTIONS = frozenset(
    """
    -> ->> abs acos acosh asin asinh atan atan2 atanh avg ceil ceiling char coalesce cos cosh count cume_dist degrees
    dense_rank exp first_value floor glob group_concat hex ifnull iif instr json json_array json_array_length
    json_extract json_group_array json_group_object json_object json_type json_valid lag last_value lead length like
    likelihood likely ln log log10 log2 lower ltrim max min mod nth_value ntile nullif percent_rank pi pow power quote
    radians rank replace round row_number rtrim sign sin sinh sqrt string_agg substr substring sum tan tanh total trim
    trunc typeof unicode unlikely upper
    """.split()  # noqa: SIM905  # a hundred names, to be read as words
)


def read(
    address: str, sql: str, allowed: list[str], seconds: float, most_rows: int, most_bytes: int
) -> dict[str, Any]:
    """What a query finds: ``columns`` and ``rows``, or ``refused``, a kind, with ``what`` it is about.

    Parameters
    ----------
    address : str
        A URI of SQLite that opens the database for reading.
    """
    connection = sqlite3.connect(address, uri=True)
    there = [name for (name,) in connection.execute("SELECT name FROM sqlite_master")]
    watch = _Watch(allowed, [*there, *_SCHEMA_TABLES], seconds)
    connection.execute("PRAGMA query_only = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    connection.set_authorizer(watch.may)
    connection.set_progress_handler(watch.time_is_up, _STEPS_BETWEEN_LOOKS)
    found, size = [], 0
    try:
        cursor = connection.execute(sql)
        for row in cursor:
            found.append(row)
            size += sum(len(value) if isinstance(value, (str, bytes)) else 8 for value in row)
            if len(found) > most_rows:
                return {"refused": "rows", "what": ""}
            if size > most_bytes:
                return {"refused": "bytes", "what": ""}
    except MemoryError:
        return {"refused": "memory", "what": ""}
    except (sqlite3.Error, sqlite3.Warning, UnicodeError) as error:
        return watch.refusal or _refusal(str(error))
    return {"columns": [column[0] for column in cursor.description], "rows": found}


def value(told: Any) -> Any:
    """A value of a row from what stands for it in JSON."""
    return base64.b64decode(told["bytes"]) if isinstance(told, dict) else told


def _told(value: Any) -> Any:
    return {"bytes": base64.b64encode(value).decode()}


def _refusal(said: str) -> dict[str, Any]:
    if "one statement" in said:
        return {"refused": "statement", "what": ""}
    return {"refused": "bytes" if "too big" in said else "error", "what": said}


class _Watch:
    """What SQLite asks before and while a query runs; ``refusal`` holds the first one."""

    def __init__(self, allowed: list[str], there: list[str], seconds: float) -> None:
        # SQLite takes capitals for small letters, and tells a name as it was written.
        self.allowed, self.there = ({name.lower() for name in names} for names in (allowed, there))
        self.refusal: dict[str, Any] | None = None
        self._end = time.monotonic() + seconds

    def may(
        self, action: int, first: str | None, second: str | None, _database: str | None, _within: str | None
    ) -> int:
        """The authorizer: first and second mean what ``sqlite3.h`` says for each action."""
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION:
            known = str(second).lower() in _FUNCTIONS
            return sqlite3.SQLITE_OK if known else self._deny("function", second)
        if action == sqlite3.SQLITE_READ:
            # What the query itself names by WITH is asked for without a column, and so is a table that is only
            # counted; those of the database are known. Within which view or name it is read says nothing: a query
            # may call its own name as it likes.
            name = (first or "").lower()
            may_read = name in self.allowed or (not second and name not in self.there)
            return sqlite3.SQLITE_OK if may_read else self._deny("table", first)
        return self._deny("statement", "")

    def time_is_up(self) -> bool:
        """The progress handler: true interrupts the query."""
        if time.monotonic() < self._end:
            return False
        self.refusal = self.refusal or {"refused": "seconds", "what": ""}
        return True

    def _deny(self, kind: str, what: str | None) -> int:
        self.refusal = self.refusal or {"refused": kind, "what": what or ""}
        return sqlite3.SQLITE_DENY


def _bound_this_process(seconds: float) -> None:
    # Windows has no such limits; there the starter's clock alone ends an endless query.
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        # Whoever started this may be gone before it ends.
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 5, int(seconds) + 5))


if __name__ == "__main__":
    asked = json.load(sys.stdin.buffer)
    _bound_this_process(asked["seconds"])
    sys.stdout.write(json.dumps(read(**asked), default=_told))
