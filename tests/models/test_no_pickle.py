"""No pickle is ever loaded: read from the source of every room, as code and not as text."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from data.workspace import ROOT

ROOMS = ("data", "governance", "models", "explain", "report", "serve", "pages", "benchmarks", ".cloudera")
FORBIDDEN_MODULES = {
    *("pickle", "_pickle", "cPickle", "pickle5", "cloudpickle", "dill", "joblib", "shelve", "marshal"),
    *("skops.io.old", "pandas.io.pickle", "sklearn.externals.joblib"),
}
FORBIDDEN_CALLS = {
    "torch.load",
    "torch.jit.load",
    "joblib.load",
    "pd.read_pickle",
    "pandas.read_pickle",
    "yaml.load",
}


def dotted(node: ast.AST) -> str:
    """``torch.load`` for the expression that it is, an empty text for another."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def offences(source: str) -> list[str]:
    """What in a source could load a pickle."""
    found = []
    aliases: dict[str, str] = {}
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            aliases |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            aliases |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        found += [
            name for name in names if name in FORBIDDEN_MODULES or name.split(".")[0] in FORBIDDEN_MODULES
        ]
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        first, dot, rest = dotted(node.func).partition(".")
        name = aliases.get(first, first) + dot + rest
        if name in FORBIDDEN_CALLS:
            found.append(name)
        if name in ("importlib.import_module", "__import__") and node.args:
            wanted = node.args[0]
            if isinstance(wanted, ast.Constant) and str(wanted.value).split(".")[0] in FORBIDDEN_MODULES:
                found.append(f"import of {wanted.value}")
        for keyword in node.keywords:
            allows = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
            if keyword.arg == "allow_pickle" and not allows:
                found.append("allow_pickle")
            if keyword.arg == "trusted" and isinstance(keyword.value, ast.Constant):
                found.append("trusted without a list of types")
    return found


def sources() -> list[Path]:
    rooms = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    return [ROOT / "app.py", *rooms]


def test_no_source_can_load_a_pickle() -> None:
    paths = sources()
    assert len(paths) > 50
    bad = {str(path.relative_to(ROOT)): offences(path.read_text(encoding="utf-8")) for path in paths}
    assert {name: found for name, found in bad.items() if found} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "import pickle as p",
        "from pickle import loads",
        "from joblib import load",
        "import joblib.numpy_pickle",
        "import torch\ntorch.load('x')",
        "import torch as t\nt.load('x', weights_only=True)",
        "from torch import load\nload('x')",
        "from torch import load as read\nread('x')",
        "import numpy as np\nnp.load('x', allow_pickle=True)",
        "import numpy as np\nflag = True\nnp.load('x', allow_pickle=flag)",
        "import pandas as pd\npd.read_pickle('x')",
        "import importlib\nimportlib.import_module('pickle')",
        "__import__('dill')",
        "import skops.io\nskops.io.loads(b'', trusted=True)",
        "import yaml\nyaml.load('x', yaml.Loader)",
        "def late():\n    import marshal",
    ],
)
def test_the_search_finds_what_it_looks_for(source: str) -> None:
    assert offences(source)


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nnp.load('x', allow_pickle=False)",
        "import torch\nx = torch.nn.Linear(1, 1).load_state_dict({})",
        "from safetensors.torch import load\nload(b'')",
        "import skops.io\nskops.io.loads(b'', trusted=TYPES)",
        "text = 'import pickle'",
    ],
)
def test_the_search_leaves_alone_what_is_safe(source: str) -> None:
    assert offences(source) == []


def test_only_the_tree_itself_is_trusted_beyond_what_skops_knows() -> None:
    from models import sklearn_trees

    assert sklearn_trees.TRUSTED_TYPES == ["sklearn.tree._tree.Tree"]
