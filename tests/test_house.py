"""The rules that keep the house in order: who imports whom, what stays light, which names are taken."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

ROOMS = sorted(init.parent.name for init in ROOT.glob("*/__init__.py") if init.parent.name != "tests")
HEAVY = ("torch", "sklearn", "shap", "captum", "pandas")


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter at the root of the repository."""
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the import contracts of the house in a folder."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def test_imports_go_only_downwards() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_room_is_under_the_import_rules() -> None:
    ruled = (ROOT / ".importlinter").read_text("utf-8").partition("layers =")[2].partition("[")[0]
    without_rules = {"benchmarks"}
    assert set(re.findall(r"\w+", ruled)) == set(ROOMS) - without_rules


def circles(folder: Path) -> list[list[str]]:
    """Modules of the rooms in a folder that import one another in a circle, wherever the import stands.

    Each circle is a strongly connected component of the graph of imports, as sorted names.
    """
    code = f"""
import json, networkx
from grimp import build_graph
graph = build_graph(*{[room for room in ROOMS if room != "benchmarks"]!r}, cache_dir=None)
imports = [(one, other) for one in graph.modules for other in graph.find_modules_directly_imported_by(one)]
found = networkx.strongly_connected_components(networkx.DiGraph(imports))
print(json.dumps(sorted(sorted(circle) for circle in found if len(circle) > 1)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_no_modules_import_one_another_in_a_circle() -> None:
    """An import inside a function counts: a contract stands apart from the list of what keeps it."""
    assert circles(ROOT) == []


def test_a_circle_inside_functions_is_found(tmp_path: Path) -> None:
    copy_house(tmp_path)
    (tmp_path / "data" / "one.py").write_text("def ask():\n    from data import two\n", "utf-8")
    (tmp_path / "data" / "two.py").write_text("from data.one import ask\n", "utf-8")
    assert ["data.one", "data.two"] in circles(tmp_path)


def copy_house(folder: Path) -> None:
    """Copy the rooms and their rules into a folder, without pictures and arrays."""
    for name in ROOMS:
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.npz", "*.png")
        )
    shutil.copy(ROOT / ".importlinter", folder)


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("data", "import models"),
        ("governance", "from draw import palette"),
        ("serve", "import pages"),
        ("explain", "import streamlit"),
    ],
)
def test_an_import_upwards_is_found(tmp_path: Path, room: str, line: str) -> None:
    """The rules can fail: in a copy of the house with one wrong import, they do."""
    copy_house(tmp_path)
    (tmp_path / room / "wrong.py").write_text(line + "\n", "utf-8")
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert f"{room}.wrong" in done.stdout


def test_a_circle_is_found_also_where_one_import_waits_inside_a_function(tmp_path: Path) -> None:
    copy_house(tmp_path)
    with (tmp_path / "governance" / "store.py").open("a", encoding="utf-8") as file:
        file.write("\n\ndef late() -> None:\n    from governance import shipped as shipped\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert ".store -> .shipped" in done.stdout


@pytest.mark.parametrize(
    "code",
    [
        "import app",
        *(f"import {room}" for room in ROOMS),
        "from data import datasets",
        "from governance import home, jobs, registry, worker",
        "from governance import job_table; job_table.kind('measure')",
        "from models import catalogue; catalogue.definitions()",
        "from explain import methods",
        "from draw import palette",
        "from ask import explain_command",
        "from pages.common import page",
    ],
)
def test_import_stays_light(code: str) -> None:
    """A start, and a look at what there is, wait for nothing heavy; that is imported where it is used."""
    # The import that brings a heavy module in is found by refusing it.
    watched = f"""
import json, sys, traceback
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name in {HEAVY!r}:
            where = [f"{{f.filename}}:{{f.lineno}}" for f in traceback.extract_stack() if {str(ROOT)!r} in f.filename]
            print(json.dumps([name, where]))
            sys.exit(3)
sys.meta_path.insert(0, Refuse())
{code}
"""
    done = python(watched)
    if done.returncode == 3:
        heavy, where = json.loads(done.stdout)
        pytest.fail(f"`{code}` loads {heavy}, by way of {' -> '.join(where)}")
    assert done.returncode == 0, done.stderr


def test_no_page_is_named_like_a_root_package() -> None:
    """While a page runs, ``pages/`` is first on the path: ``pages/models.py`` would hide ``models/``."""
    taken = {path.stem for path in ROOT.glob("*.py")} | {
        path.name for path in ROOT.iterdir() if path.is_dir()
    }
    assert not {path.stem for path in (ROOT / "pages").iterdir()} & taken


def test_no_file_names_a_place_of_one_machine() -> None:
    # Written in two pieces, so that this file does not find itself.
    places = re.compile(rb"(?<![\w.:/])/(?:" + b"home|root|Users|work" + rb")/[\w.-]+")
    found = [
        f"{path.relative_to(ROOT)}: {match.group().decode()}"
        for path in repository_files()
        for match in places.finditer(path.read_bytes())
    ]
    assert not found


def repository_files() -> list[Path]:
    """Every text file that belongs to the repository: what git does not ignore, or all where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text("utf-8").split()} | {".git"}
        paths = [path for path in ROOT.rglob("*") if not ignored & set(path.relative_to(ROOT).parts)]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:1024]]
