"""Each hostile file ends in an answer or in one sentence, soon, and without the memory that it asks for."""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from sqlalchemy import create_engine

from ask.codecs import json_codec
from data import datasets, declared_queries, photo_folders, photos, tables, workspace
from data.failures import CrumbtrailError
from governance import declared, record
from governance.home import open_store
from models import inputs, iris_tree, muffin_cnn
from tests.hostile_files import ARTEFACTS, FILES

SECONDS = 20
MEBIBYTES = 400
MOST_CHARACTERS = 2000
AT_LEAST = {
    "rows": 30,
    "table": 30,
    "picture": 50,
    "folder": 15,
    "lineage": 50,
    "question": 30,
    "record": 19,
    "query": 28,
    "name": 24,
    "address": 18,
}
TYPES = {"id": "integer", "weight": "real", "name": "text"}


def _table(given: str) -> Any:
    engine = create_engine("sqlite://")
    try:
        made = tables.ingest_csv(engine, "fruit", TYPES, Path(given))
        return made and tables.query(engine, "SELECT * FROM fruit").fingerprint()
    finally:
        engine.dispose()


def _question(given: str) -> Any:
    """The file as a scene's, which a person gives, and what JSON it holds as a question."""
    with contextlib.suppress(CrumbtrailError):
        inputs.read(muffin_cnn.SPEC, [given])
    try:
        document = json.loads(Path(given).read_bytes())
    except (ValueError, RecursionError):
        return None
    return json_codec.from_json(document, iris_tree.SPEC)


def _query(given: str) -> Any:
    return declared_queries.read(workspace.engine(), given, ["iris"])


def _name(given: str) -> Any:
    found: list[Any] = []
    for read in (
        datasets.load,
        lambda name: inputs.read(iris_tree.SPEC, [name]),
        photos.read_photo,
        lambda name: tables.ingest_csv(workspace.engine(), "fruit", TYPES, Path(name)),
    ):
        try:
            found.append(read(given))
        except CrumbtrailError as error:
            found.append(str(error))
    return found


def _address(given: str) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRUMBTRAIL_DB", given)
        return open_store()


READERS: dict[str, Callable[[str], Any]] = {
    "rows": lambda given: inputs.read(iris_tree.SPEC, [given]),
    "table": _table,
    "picture": photos.read_photo,
    "folder": lambda given: photo_folders.load(Path(given)),
    "lineage": lambda given: declared.read(Path(given).parent),
    "question": _question,
    "record": lambda given: record.load(Path(given).read_bytes().decode("utf-8", "replace"), "0" * 64),
    "query": _query,
    "name": _name,
    "address": _address,
}


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """Stops what takes longer than `SECONDS`, and holds the peak of memory against `MEBIBYTES`."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"More than {SECONDS} seconds.")

    # Kilobytes; the most that this process ever had.
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    earlier = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, earlier)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEBIBYTES * 1024


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_ends_in_an_answer_or_in_one_sentence(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    # An address or a name may be of a file beside whoever asks.
    monkeypatch.chdir(folder)
    given = FILES[name].make(folder)
    with bounded(), warnings.catch_warnings():
        warnings.simplefilter("error")
        # The driver says so of an option that it does not have, and goes on without.
        warnings.filterwarnings("ignore", "Query string argument")
        try:
            READERS[FILES[name].reader](given)
        except CrumbtrailError as error:
            said = str(error)
            assert len(said) > 10 and "Traceback" not in said
            assert said.encode() and "\0" not in said and len(said) < MOST_CHARACTERS


def test_there_are_enough_files_for_every_reader() -> None:
    counts = Counter(file.reader for file in FILES.values())
    assert counts.keys() == READERS.keys() == AT_LEAST.keys()
    assert all(counts[reader] >= least for reader, least in AT_LEAST.items()), counts
    assert len(FILES) >= 250 and len(ARTEFACTS) >= 39


def test_a_reader_that_hangs_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.test_hostile_files.SECONDS", 1)
    with pytest.raises(TimeoutError), bounded():
        time.sleep(30)
