"""``python -m benchmarks``: runs every benchmark and prints a table.

A benchmark is a public function without arguments that returns a `Row`, in any file of this folder.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator

import benchmarks
from benchmarks.measure import Row


def found() -> Iterator[Callable[[], Row]]:
    """The benchmarks of this folder, by file and then in the order of their lines."""
    for module in sorted(info.name for info in pkgutil.iter_modules(benchmarks.__path__)):
        if module in ("__main__", "measure"):
            continue
        functions = vars(importlib.import_module(f"benchmarks.{module}")).values()
        own = (f for f in functions if inspect.isfunction(f) and f.__module__ == f"benchmarks.{module}")
        yield from (f for f in own if not f.__name__.startswith("_") and not inspect.signature(f).parameters)


def main() -> None:
    """Run, and print a row as soon as it is known."""
    print(f"{'what':<36}{'ours':>12}{'peer':>12}{'ratio':>8}  measured against")
    for benchmark in found():
        row = benchmark()
        print(
            f"{row.what:<36}{row.ours * 1e3:>9.1f} ms{row.peers * 1e3:>9.1f} ms{row.ratio:>8.2f}  {row.peer}"
        )


if __name__ == "__main__":
    main()
