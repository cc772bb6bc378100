"""Every reader of what comes from outside ends in an answer or in a sentence, whatever it is given.

What is given is mostly something right that was damaged: what is random throughout is refused by a reader's first line.
"""

from __future__ import annotations

import base64
import io
import json
import math
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import create_engine

from ask.codecs import command_codec, json_codec, link_codec
from ask.question import Question, RowInput, SceneInput
from data import cards, numerals, photos, tables
from data.bakery import named_scenes
from data.failures import CrumbtrailError
from governance import declared, record
from models import inputs, iris_tree, muffin_cnn
from tests.conftest import ROOT

EACH = 1_000
fuzzed = settings(
    max_examples=EACH,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
TYPES = {"id": "integer", "weight": "real", "name": "text"}
CSV = b'id,weight,name\n1,2.5,plum\n2,3e2,pear\n3,-0.5,"a, b"\n'
ROWS = b"sepal_length,sepal_width,petal_length,petal_width\n6.1,2.8,4.9,1.6\n5,3.4,1.4,0.2\n"
CARD = next((ROOT / "data" / "cards").glob("*.y*ml")).read_bytes()
DECLARED = b"""- iris_tree:
  hive_table_qualified_names: [default.iris@cm]
  metadata:
    query: SELECT * FROM iris
    training_file: models/iris_tree.py
    owner: somebody
"""
# What breaks readers of text: quotes, separators, other scripts, invisible and half characters.
AWKWARD = [
    "\0",
    "\n",
    "\r",
    '"',
    "'",
    ",",
    ";",
    "\t",
    "=",
    ":",
    "{",
    "[",
    "&a ",
    "*a",
    "!!python/object:",
    "- ",
    "1e999",
    "nan",
]
AWKWARD += [
    "-",
    "_",
    "٣",
    "½",
    "\u202e",
    "\ufeff",
    "\U0001f9c1",
    "é",
    "e\u0301",
    "0x1F",
    "1_0",
    " ",
    "%00",
    "../",
    "\\",
]


def damaged(right: bytes, most: int = 4) -> st.SearchStrategy[bytes]:
    """A few spans of something right taken out, doubled, or replaced by awkward text or by any bytes."""
    put = st.one_of(st.sampled_from(AWKWARD).map(str.encode), st.binary(max_size=6), st.just(b""))
    span = st.tuples(st.integers(0, len(right)), st.integers(0, 12), put, st.booleans())

    def apply(spans: list[tuple[int, int, bytes, bool]]) -> bytes:
        content = right
        for start, length, new, twice in spans:
            cut = content[start : start + length]
            content = content[:start] + (cut + cut if twice else new) + content[start + length :]
        return content

    return st.lists(span, min_size=1, max_size=most).map(apply)


def ends_well(work: Callable[[], Any], *sentences: type[Exception]) -> Any:
    """What some work gives; None where it ends in a sentence for people."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return work()
    except (CrumbtrailError, *sentences) as error:
        assert len(str(error)) > 10 and "Traceback" not in str(error)
        return None


def as_file(content: bytes, name: str, read: Callable[[Path], Any]) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return ends_well(lambda: read(path))


def words(most: int = 12) -> st.SearchStrategy[str]:
    """Text of which about half is awkward."""
    piece = st.one_of(st.sampled_from(AWKWARD), st.text(max_size=3), st.integers(-99, 99).map(str))
    return st.lists(piece, max_size=most).map("".join)


@fuzzed
@given(words(4))
def test_numbers(text: str) -> None:
    for read in (numerals.number, numerals.whole):
        value = ends_well(lambda read=read: read(text), ValueError)  # type: ignore[misc]
        assert value is None or (math.isfinite(value) and text.strip().isascii() and "_" not in text)


@fuzzed
@given(damaged(CSV))
def test_a_table_for_the_database(content: bytes) -> None:
    def ingest(path: Path) -> Any:
        engine = create_engine("sqlite://")
        try:
            made = tables.ingest_csv(engine, "fruit", TYPES, path)
            return made and list(tables.query(engine, "SELECT * FROM fruit").columns)
        finally:
            engine.dispose()

    found = as_file(content, "fruit.csv", ingest)
    assert found is None or found == list(TYPES)


@fuzzed
@given(damaged(ROWS))
def test_a_table_of_rows(content: bytes) -> None:
    found = as_file(content, "rows.csv", lambda path: inputs.read(iris_tree.SPEC, [str(path)]))
    assert found is None or (found.x.shape[1] == 4 and np.isfinite(found.x).all())


@fuzzed
@given(words())
def test_a_row_in_words(text: str) -> None:
    right = f"sepal_length=6.1,sepal_width=2.8,petal_length=4.9,petal_width={text}"
    for given_words in (right, text + right, right.replace("4.9", text)):
        found = ends_well(lambda said=given_words: inputs.read(iris_tree.SPEC, [said]))  # type: ignore[misc]
        assert found is None or np.isfinite(found.x).all()


@fuzzed
@given(words())
def test_a_scene_in_words(text: str) -> None:
    for said in (f"muffin-2,berry_spacing={text}", f"scene:{text}", text + "=1"):
        ends_well(lambda said=said: inputs.read(muffin_cnn.SPEC, [said]))  # type: ignore[misc]
        ends_well(lambda said=said: command_codec.changes_of(muffin_cnn.SPEC, [said]))  # type: ignore[misc]


def _pictures() -> list[bytes]:
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 256, (40, 48, 3), dtype=np.uint8))
    made = []
    for kind, more in (
        ("PNG", {}),
        ("JPEG", {"quality": 70}),
        ("WEBP", {}),
        ("GIF", {}),
        ("TIFF", {}),
        ("BMP", {}),
    ):
        buffer = io.BytesIO()
        picture.save(buffer, kind, **more)
        made.append(buffer.getvalue())
    return made


@fuzzed
@given(
    st.sampled_from(_pictures()).flatmap(
        lambda right: damaged(right[:600], 3).map(lambda head: head + right[600:])
    )
)
def test_a_picture(content: bytes) -> None:
    found = ends_well(lambda: photos.read_photo(content, "photo"))
    assert found is None or (found.shape == (photos.SIDE, photos.SIDE, 3) and found.dtype == np.uint8)


ADDRESS = {
    **link_codec.to_link(
        Question(
            "iris_tree@1",
            RowInput.of(iris_tree.SPEC, np.array([6.1, 2.8, 4.9, 1.6])),
            "tree_shap",
            "virginica",
        )
    ),
    **link_codec.to_link(
        Question("muffin_cnn@1", SceneInput(named_scenes()["muffin-2"]), "grad_cam", "muffin")
    ),
    "epoch": "3",
    "locked": '["petal_width"]',
    "seed": "7",
    "set.samples": "20",
    "petal_length": "4.9",
}


@fuzzed
@given(
    st.dictionaries(st.one_of(st.sampled_from(list(ADDRESS)), words(3)), words(4), max_size=5), st.booleans()
)
def test_an_address(said: dict[str, str], picture: bool) -> None:
    spec = muffin_cnn.SPEC if picture else iris_tree.SPEC
    ends_well(lambda: link_codec.from_link({**ADDRESS, **said}, spec))
    ends_well(lambda: link_codec.from_link(said, spec))


def _anything() -> st.SearchStrategy[Any]:
    leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), words(3))
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words(2), inner, max_size=3),
        max_leaves=6,
    )


def _documents() -> list[dict[str, Any]]:
    row = Question(
        "iris_tree@1",
        RowInput.of(iris_tree.SPEC, np.array([6.1, 2.8, 4.9, 1.6])),
        "tree_shap",
        "virginica",
        seed=3,
    )
    scene = Question("muffin_cnn@1", SceneInput(named_scenes()["muffin-2"]), "grad_cam", "muffin")
    photo = {
        "version": "muffin_cnn@1",
        "input": {"picture": {"shape": [1, 1, 3], "float32": base64.b64encode(b"\0" * 12).decode()}},
    }
    return [json_codec.to_json(row), json_codec.to_json(scene), photo]


@fuzzed
@given(
    st.sampled_from(_documents()),
    st.lists(st.tuples(st.integers(0, 40), _anything()), min_size=1, max_size=3),
)
def test_a_question_as_json(document: dict[str, Any], changes: list[tuple[int, Any]]) -> None:
    changed = json.loads(json.dumps(document))
    for number, value in changes:
        places = list(_places(changed))
        holder, key = places[number % len(places)]
        holder[key] = value
    for spec in (iris_tree.SPEC, muffin_cnn.SPEC):
        ends_well(lambda spec=spec: json_codec.from_json(changed, spec))  # type: ignore[misc]


def _places(value: Any) -> Any:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from _places(inner)


@fuzzed
@given(damaged(CARD))
def test_a_data_card(content: bytes) -> None:
    as_file(content, "card.yaml", cards.read)


@fuzzed
@given(damaged(DECLARED))
def test_a_declared_lineage(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "lineage.yaml").write_bytes(content)
        ends_well(lambda: declared.read(Path(folder)))


@fuzzed
@given(damaged(json.dumps({"kind": "run", "results": {"files": {"a": {"digest": "x"}}}}).encode()))
def test_a_stored_record(content: bytes) -> None:
    ends_well(lambda: record.load(content.decode("utf-8", "replace"), "0" * 64))


def test_a_reader_that_fails_is_found() -> None:
    def broken(path: Path) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        as_file(b"", "file", broken)
