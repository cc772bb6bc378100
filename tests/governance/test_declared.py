"""lineage.yaml in all its forms, held against what is really there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data import iris, workspace
from governance import declared, registry
from governance.declared import Declaration, DeclarationError
from governance.home import open_store
from governance.record import Record
from governance.store import Store

AS_MAP = """
iris_tree:
  hive_table_qualified_names: ["workspace.iris@local", "lake.flowers@cm"]
  metadata: {query: SELECT 1, training_file: models/iris_tree.py, colour: blue}
muffin:
  metadata: {query: SELECT 2}
"""
# As Cloudera's own prototypes have it: a list of maps with one model each.
AS_LIST = """
- iris_tree:
    hive_table_qualified_names:
      - "workspace.iris@local"
      - "lake.flowers@cm"
    metadata:
      query: SELECT 1
      training_file: models/iris_tree.py
      colour: blue
- muffin:
    metadata:
      query: SELECT 2
"""


@pytest.mark.parametrize("name", ["lineage.yaml", "lineage.yml"])
@pytest.mark.parametrize("content", [AS_MAP, AS_LIST])
def test_both_spellings_and_both_shapes_are_read(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert declared.read(tmp_path) == {
        "iris_tree": Declaration(
            ("workspace.iris@local", "lake.flowers@cm"),
            {"query": "SELECT 1", "training_file": "models/iris_tree.py", "colour": "blue"},
            name,
        ),
        "muffin": Declaration((), {"query": "SELECT 2"}, name),
    }


def test_no_file_and_an_empty_one_declare_nothing(tmp_path: Path) -> None:
    assert declared.read(tmp_path) == {}
    (tmp_path / "lineage.yaml").write_text("# nothing yet\n")
    assert declared.read(tmp_path) == {}


def test_both_files_at_once_are_refused(tmp_path: Path) -> None:
    for name in ("lineage.yaml", "lineage.yml"):
        (tmp_path / name).write_text(AS_MAP)
    with pytest.raises(DeclarationError, match=r"Both lineage\.yaml and lineage\.yml exist; keep one"):
        declared.read(tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: [", "is not YAML"),
        ("a: b: c", "is not YAML"),
        (b"\xff\xfe\x00", r"is not UTF-8 \(byte 1\)"),
        ("just words", "must be a map from model names, or a list"),
        ("42", "must be a map from model names, or a list"),
        ("[1, 2]", "must be a map from model names, or a list"),
        ("iris_tree: 3", "iris_tree must be a map with hive_table_qualified_names and metadata"),
        ("iris_tree: [a]", "iris_tree must be a map with hive_table_qualified_names and metadata"),
        ("iris_tree: {hive_table_qualified_names: a.b@c}", "hive_table_qualified_names must be a list"),
        ("iris_tree: {hive_table_qualified_names: [1]}", "hive_table_qualified_names must be a list"),
        ("iris_tree: {metadata: words}", "metadata must be a map"),
        ("[{a: {metadata: {}}}, {a: {metadata: {}}}]", "declares a twice"),
    ],
)
def test_another_form_is_refused_with_the_file_s_name(tmp_path: Path, content: Any, said: str) -> None:
    (tmp_path / "lineage.yml").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DeclarationError, match=rf"lineage\.yml.*{said}"):
        declared.read(tmp_path)


def test_code_in_yaml_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "lineage.yaml").write_text(f"!!python/object/apply:os.mkdir ['{tmp_path / 'made'}']")
    with pytest.raises(DeclarationError):
        declared.read(tmp_path)
    assert not (tmp_path / "made").exists()


@pytest.fixture
def store(trained_home: Path) -> Store:
    return open_store()


@pytest.fixture
def record(store: Store) -> Record:
    return registry.resolve(store, "iris_tree@1").record


def state(record: Record, tables: tuple[str, ...] = (), **metadata: Any) -> tuple[str, str]:
    (check,) = declared.check(Declaration(tables, metadata, "lineage.yaml"), record)
    return check.state, check.found


def test_what_the_repository_declares_is_observed(record: Record) -> None:
    found = declared.check(declared.read()["iris_tree"], record)
    assert [(check.kind, check.state) for check in found] == [
        ("table", "observed"),
        ("query", "observed"),
        ("training_file", "observed"),
        ("split", "declared"),
    ]
    assert record.body["data"]["fingerprint"][:12] in found[1].found
    assert set(declared.read()) >= {"iris_tree", "iris_forest"}


@pytest.mark.parametrize(
    ("name", "expected", "said"),
    [
        ("workspace.iris@local", "observed", "The training read this table."),
        ("workspace.roses@local", "mismatch", "no table roses"),
        ("workspace.jobs@local", "mismatch", "the training read another"),
        ("lake.iris@cm", "declared", "outside this workspace"),
        ("workspace.iris@cm", "declared", "outside this workspace"),
        ("iris", "mismatch", "Not a qualified name"),
        ("workspace.iris", "mismatch", "Not a qualified name"),
        ("a.b.iris@local", "mismatch", "Not a qualified name"),
        ("workspace.iris@local ", "mismatch", "Not a qualified name"),
    ],
)
def test_a_declared_table(record: Record, name: str, expected: str, said: str) -> None:
    found = state(record, (name,))
    assert found[0] == expected
    assert said in found[1]


@pytest.mark.parametrize(
    ("sql", "expected", "said"),
    [
        (iris.QUERY, "observed", "exactly the recorded data"),
        (iris.QUERY.replace(", ", " ,\n  "), "observed", "exactly the recorded data"),
        (iris.QUERY + " DESC", "mismatch", "It now gives data"),
        (
            iris.QUERY.replace("sepal_length, sepal_width", "sepal_width, sepal_length"),
            "mismatch",
            "It now gives",
        ),
        (iris.QUERY.replace("ORDER", "WHERE flower_id < 150 ORDER"), "mismatch", "It now gives data"),
        ("SELECT * FROM roses", "mismatch", "no such table: roses"),
        ("SELECT who, host FROM sessions", "mismatch", "It reads sessions, which is neither declared"),
        ("SELECT 1; SELECT 2", "mismatch", "exactly one statement"),
        ("SELEC", "mismatch", "exactly one statement"),
        ("SELECT FROM FROM", "mismatch", "syntax error"),
        ("SELECT x'00ff' AS blob", "mismatch", "no fingerprint"),
        ("SELECT 9e999 AS infinite", "mismatch", "no fingerprint"),
    ],
)
def test_a_declared_query(record: Record, sql: str, expected: str, said: str) -> None:
    found = state(record, query=sql)
    assert found[0] == expected
    assert said in found[1]


def test_the_store_s_own_tables_are_not_read_by_whoever_declares_them(record: Record) -> None:
    tables = ("workspace.sessions@local", "workspace.alembic_version@local")
    for sql in ("SELECT who, host FROM sessions", "SELECT version_num FROM alembic_version"):
        _, _, query = declared.check(Declaration(tables, {"query": sql}, "lineage.yaml"), record)
        assert query.state == "mismatch"
        assert "neither declared beside it nor was read" in query.found


@pytest.mark.parametrize("name", ["a\0b", "x" * 5_000, "x/" * 3_000, "models/\ud800.py"])
def test_a_name_that_no_file_can_have_is_no_such_file(record: Record, name: str) -> None:
    assert state(record, training_file=name) == ("mismatch", "The repository has no such file.")


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM iris",
        "DROP TABLE iris",
        "UPDATE iris SET sepal_length = 1",
        "INSERT INTO iris SELECT flower_id + 1000, 1, 1, 1, 1, 'setosa' FROM iris RETURNING flower_id",
        "UPDATE aliases SET alias = 'mine'",
    ],
)
def test_a_declared_query_that_writes_is_refused_and_changes_nothing(
    store: Store, record: Record, sql: str
) -> None:
    before = iris.load().fingerprint, registry.versions(store)
    assert state(record, query=sql)[0] == "mismatch"
    assert (iris.load().fingerprint, registry.versions(store)) == before


def test_a_query_sees_that_a_row_has_changed(store: Store, record: Record) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE iris SET petal_width = 2.6 WHERE flower_id = 101")
    found = state(record, query=iris.QUERY)
    assert found[0] == "mismatch"
    assert iris.load().fingerprint[:12] in found[1]
    assert record.body["data"]["fingerprint"][:12] in found[1]


@pytest.mark.parametrize(
    ("name", "expected", "said"),
    [
        ("models/iris_tree.py", "observed", "exactly this file"),
        ("./models/../models/iris_tree.py", "observed", "exactly this file"),
        ("models/iris_forest.py", "mismatch", "the training did not load it"),
        ("models/roses.py", "mismatch", "no such file"),
        ("models", "mismatch", "no such file"),
        ("../../etc/passwd", "mismatch", "no such file"),
        ("/etc/passwd", "mismatch", "no such file"),
    ],
)
def test_a_declared_file(record: Record, name: str, expected: str, said: str) -> None:
    found = state(record, training_file=name)
    assert found[0] == expected
    assert said in found[1]


def test_a_file_that_changed_since_the_training_is_a_mismatch(record: Record) -> None:
    code = record.body["code"]
    files = {**code["files"], "models/iris_tree.py": "0" * 64}
    altered = Record({**record.body, "code": {**code, "files": files}})
    assert state(altered, training_file="models/iris_tree.py") == (
        "mismatch",
        "The file was changed since the training.",
    )


def test_a_file_outside_the_repository_is_not_looked_into(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also through a link that lies inside."""
    (tmp_path / "root").mkdir()
    (tmp_path / "secret.py").write_text("x = 1")
    (tmp_path / "root" / "link.py").symlink_to(tmp_path / "secret.py")
    monkeypatch.setattr(workspace, "ROOT", tmp_path / "root")
    assert state(record, training_file="link.py") == ("mismatch", "The repository has no such file.")


def test_a_free_entry_stays_declared(record: Record) -> None:
    assert state(record, colour="blue")[0] == "declared"
    assert state(record, year=1936)[0] == "declared"
