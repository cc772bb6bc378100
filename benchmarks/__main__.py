"""``python -m benchmarks [FILE …]``: runs every benchmark, or those of the files named, and prints a table.

A benchmark is a public function without arguments that returns a `Row`, or gives rows one after another, in any file of
this folder.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator

import benchmarks
from benchmarks.measure import Row

NO_BENCHMARKS = ("__main__", "measure", "serving")


def files() -> list[str]:
    """The files of this folder that hold benchmarks."""
    return sorted({info.name for info in pkgutil.iter_modules(benchmarks.__path__)} - set(NO_BENCHMARKS))


def found(chosen: list[str]) -> Iterator[Callable[[], Row | Iterator[Row]]]:
    """The benchmarks of some files, in the order of their lines."""
    for module in chosen:
        functions = vars(importlib.import_module(f"benchmarks.{module}")).values()
        own = (f for f in functions if inspect.isfunction(f) and f.__module__ == f"benchmarks.{module}")
        yield from (f for f in own if not f.__name__.startswith("_") and not inspect.signature(f).parameters)


def main() -> None:
    """Run, and print a row as soon as it is known."""
    unknown = sorted(set(sys.argv[1:]) - set(files()))
    if unknown:
        sys.exit(f"There are no benchmarks in {', '.join(unknown)}. There are: {', '.join(files())}.")
    print(f"{'what':<42}{'ours':>12}{'peer':>12}{'ratio':>8}  measured against")
    for benchmark in found(sys.argv[1:] or files()):
        rows = benchmark()
        for row in [rows] if isinstance(rows, Row) else rows:
            print(
                f"{row.what:<42}{row.ours * 1e3:>9.1f} ms{row.peers * 1e3:>9.1f} ms{row.ratio:>8.2f}  {row.peer}",
                flush=True,
            )


if __name__ == "__main__":
    main()
