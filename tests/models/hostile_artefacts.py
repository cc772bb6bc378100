"""Artefacts that nobody's training makes: damaged, of other models, and made to fail or to take a machine down.

Each is whole as a stored file, with the digest that its record names; so what reads it is all that stands between it
and an answer.
"""

from __future__ import annotations

import functools
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import rfc8785

from governance import digests, registry
from governance.registry import Version
from governance.store import Store

SESSION = "0" * 64
Change = Callable[[bytes], bytes]


def registered(store: Store, trained: Path, folder: Path, change: Change, file: str | None = None) -> Version:
    """A new version whose artefact, or another of its files, is changed, and whose record names what it is now."""
    shutil.copytree(trained, folder)
    record = json.loads((folder / "record.json").read_bytes())
    name = file or record["results"]["artefact"]
    content = change((folder / name).read_bytes())
    (folder / name).write_bytes(content)
    record["results"]["files"][name] = {"digest": digests.of_bytes(content), "bytes": len(content)}
    if name == "split.json":
        record["data"]["split"]["digest"] = digests.of_bytes(content)
    (folder / "record.json").write_bytes(rfc8785.dumps(record))
    return registry.register(store, folder, SESSION)


# Networks, as safetensors files.


def head_of(content: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def with_head(head: Any, rest: bytes) -> bytes:
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + rest


def saying(**changed: Any) -> Change:
    """The network's file with other entries in what it says of itself."""

    def change(content: bytes) -> bytes:
        head, rest = head_of(content)
        about = json.loads(head["__metadata__"]["crumbtrail"]) | changed
        head["__metadata__"]["crumbtrail"] = json.dumps(about)
        return with_head(head, rest)

    return change


def without_metadata(content: bytes) -> bytes:
    head, rest = head_of(content)
    del head["__metadata__"]
    return with_head(head, rest)


def with_wide_shapes(content: bytes) -> bytes:
    """A head that asks for terabytes, on a file of some kilobytes."""
    head, rest = head_of(saying(width=10**6)(content))
    for name, entry in head.items():
        if name.endswith("conv1.weight"):
            entry["shape"] = [10**6, 10**6, 3, 3]
    return with_head(head, rest)


def of_three_classes(_content: bytes) -> bytes:
    """Another model's file: it loads, and answers, with one probability too many."""
    import torch

    from models import networks
    from tests import picture_toys

    network = networks.ResidualNetwork(3, 4)
    network.initialise(torch.Generator().manual_seed(0), "none")
    return networks.dump(networks.NetworkModel(picture_toys.SPEC, network), "residual", 4)


def in_half_precision(content: bytes) -> bytes:
    import torch
    from safetensors.torch import load, save

    about = head_of(content)[0]["__metadata__"]
    short = {n: t.half() if t.dtype == torch.float32 else t for n, t in load(content).items()}
    return save(short, metadata=about)


def deep_json(content: bytes) -> bytes:
    text = b"[" * 100_000
    return len(text).to_bytes(8, "little") + text


def of_no_numbers(content: bytes) -> bytes:
    """Weights that are no numbers: shapes and types are right, and the answer is nothing."""
    head, rest = head_of(content)
    start, end = head["head.bias"]["data_offsets"]
    nothing = np.full((end - start) // 4, np.nan, dtype=np.float32).tobytes()
    return with_head(head, rest[:start] + nothing + rest[end:])


NETWORKS: dict[str, Change] = {
    "empty": lambda _: b"",
    "no_safetensors": lambda _: b"this is a text, and not a network",
    "without_metadata": without_metadata,
    "cut_in_its_head": lambda content: content[:100],
    "cut_at_its_end": lambda content: content[:-100],
    "a_head_longer_than_memory": lambda content: (2**63).to_bytes(8, "little") + content[8:],
    "deep_json": deep_json,
    "a_head_that_is_no_map": lambda _: with_head([1], b""),
    "entries_that_describe_nothing": lambda content: with_head(
        {"__metadata__": head_of(content)[0]["__metadata__"], "head.bias": 3}, b""
    ),
    "width_of_a_million": saying(width=10**6),
    "width_beyond_any_number": saying(width=10**30),
    "no_width": saying(width="wide"),
    "zero_width": saying(width=0),
    "unknown_backbone": saying(backbone="resnet1001"),
    "another_backbone": saying(backbone="mobilenet_v3_small"),
    "metadata_that_is_no_map": lambda content: with_head(
        {**head_of(content)[0], "__metadata__": {"crumbtrail": "7"}}, head_of(content)[1]
    ),
    "shapes_of_terabytes": with_wide_shapes,
    "other_classes": saying(classes=["a", "b"]),
    "three_classes": of_three_classes,
    "in_half_precision": in_half_precision,
    "of_no_numbers": of_no_numbers,
}


# Trees, as skops files.


def rezipped(**files: bytes) -> Change:
    """The archive with some of its files replaced or added."""

    def change(content: bytes) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
            for name in old.namelist():
                if name not in files:
                    new.writestr(name, old.read(name))
            for name, text in files.items():
                new.writestr(name, text)
        return made.getvalue()

    return change


@functools.cache
def bomb(content: bytes, size: int = 2 * 2**30) -> bytes:
    """Two gigabytes of zeros in two megabytes, where the arrays of the tree should be."""
    made, piece = io.BytesIO(), bytes(2**24)
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name.endswith(".npy"):
                continue
            new.writestr(name, old.read(name))
        first = next(name for name in old.namelist() if name.endswith(".npy"))
        with new.open(first, "w", force_zip64=True) as file:
            for _ in range(size // len(piece)):
                file.write(piece)
    return made.getvalue()


def many_files(content: bytes) -> bytes:
    made = io.BytesIO(content)
    with zipfile.ZipFile(made, "a") as archive:
        for number in range(30_000):
            archive.writestr(f"{number}", b"")
    return made.getvalue()


def array_of_terabytes(content: bytes) -> bytes:
    """Each array's head asks for 8 TB; behind it stand a few bytes."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if name.endswith(".npy")]
    return rezipped(**dict.fromkeys(names, head.getvalue() + bytes(64)))(content)


def tree_with(field: str, change: Callable[[np.ndarray], Any]) -> Change:
    """The tree with other indices in its nodes; what follows them is compiled code that checks nothing."""

    def changed(content: bytes) -> bytes:
        from models import sklearn_trees, skops_files

        estimator = skops_files.loads(content, sklearn_trees.TRUSTED_TYPES)
        state = estimator.tree_.__getstate__()
        nodes = state["nodes"].copy()
        nodes[field] = change(nodes[field])
        estimator.tree_.__setstate__({**state, "nodes": nodes})
        return sklearn_trees.dump(estimator)

    return changed


def of_object(make: Callable[[], Any]) -> Change:
    """A skops file of something else."""

    def changed(_content: bytes) -> bytes:
        from models import sklearn_trees

        return sklearn_trees.dump(make())

    return changed


def _grown(kind: str, n_features: int, n_classes: int) -> Any:
    from sklearn import ensemble, tree

    rows = np.random.default_rng(0).random((60, n_features))
    made = {"tree": tree.DecisionTreeClassifier, "forest": ensemble.RandomForestClassifier}[kind]
    return made(max_depth=2, random_state=0).fit(rows, np.arange(60) % n_classes)


def _regression() -> Any:
    from sklearn.linear_model import LogisticRegression

    rows = np.random.default_rng(0).random((60, 5))
    return LogisticRegression().fit(rows, np.arange(60) % 4)


def _ring(right: np.ndarray) -> np.ndarray:
    return np.where(right > 0, 0, right)


TREES: dict[str, Change] = {
    "empty": lambda _: b"",
    "no_zip": lambda _: b"this is a text, and not a tree",
    "cut_at_its_end": lambda content: content[: len(content) // 2],
    "a_zip_without_schema": rezipped(**{"schema.json": b""}),
    "a_schema_that_is_no_json": rezipped(**{"schema.json": b"{"}),
    "a_schema_of_deep_json": rezipped(**{"schema.json": b"[" * 100_000}),
    "bomb_of_two_gigabytes": bomb,
    "many_files": many_files,
    "array_of_terabytes": array_of_terabytes,
    "a_list": of_object(lambda: [1, 2, 3]),
    "a_regression": of_object(_regression),
    "a_forest": of_object(lambda: _grown("forest", 5, 4)),
    "a_tree_of_other_columns": of_object(lambda: _grown("tree", 3, 4)),
    "a_tree_of_other_classes": of_object(lambda: _grown("tree", 5, 2)),
    "columns_out_of_range": tree_with("feature", lambda column: np.where(column >= 0, 10**9, column)),
    "children_out_of_range": tree_with("left_child", lambda left: np.where(left > 0, 2**40, left)),
    "children_before_the_first": tree_with("right_child", lambda right: np.where(right > 0, -7, right)),
    "nodes_in_a_ring": tree_with("right_child", _ring),
}
