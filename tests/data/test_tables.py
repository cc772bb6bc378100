"""SQL tables: filled once, whole or not at all; read by queries that cannot write."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest
import rfc8785
from sqlalchemy import Engine, text

from data import tables, workspace
from data.tables import Rows, TableError

TYPES = {"id": "integer", "weight": "real", "name": "text"}
GOOD = "id,weight,name\n1,2.5,plum\n2,3,pear\n"


@pytest.fixture
def engine(home: Path) -> Engine:
    return workspace.engine()


@pytest.fixture
def fruit(engine: Engine, tmp_path: Path) -> Engine:
    """A database with a table of two fruits."""
    assert tables.ingest_csv(engine, "fruit", TYPES, write(tmp_path, GOOD))
    return engine


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "fruit.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_csv_file_becomes_a_real_table_with_types(fruit: Engine) -> None:
    found = tables.query(fruit, "SELECT id, weight, name, typeof(id), typeof(weight) FROM fruit ORDER BY id")
    assert found.columns[:3] == ("id", "weight", "name")
    assert found.values == ((1, 2.5, "plum", "integer", "real"), (2, 3.0, "pear", "integer", "real"))
    assert tables.names(fruit) == ["fruit"]


def test_an_existing_table_is_left_alone(fruit: Engine, tmp_path: Path) -> None:
    assert tables.ingest_csv(fruit, "fruit", TYPES, write(tmp_path, "id,weight,name\n9,9,fig\n")) is False
    assert len(tables.query(fruit, "SELECT * FROM fruit").values) == 2


def test_the_first_column_is_a_key_and_nothing_is_null(fruit: Engine) -> None:
    for statement in (
        "INSERT INTO fruit VALUES (1, 1, 'again')",
        "INSERT INTO fruit VALUES (3, NULL, 'fig')",
    ):
        with pytest.raises(Exception, match="constraint failed"), fruit.begin() as connection:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id,weight\n1,2\n", "must have id, weight, name"),
        ("weight,id,name\n1,2,plum\n", "must have id, weight, name"),
        ("", "must have id, weight, name"),
        ("Id,weight,name\n1,2,plum\n", r"must have id, weight, name\. Did you mean id\?"),
        ("id,Weight [kg],name\n1,2,plum\n", r"Did you mean weight\?"),
        ("id,weight, name\n1,2,plum\n", r"Did you mean name\?"),
        ("id,weight,name\n1,2,p\u00e9che\n2,2,pe\u0301che\n", "in the column name in two Unicode spellings"),
        ("id,weight,name\none,2,plum\n", "line 2"),
        ("id,weight,name\n1,2,plum\n2,heavy,pear\n", "line 3"),
        ("id,weight,name\n1,2\n", "line 2"),
        ("id,weight,name\n1,2,plum,green\n", "line 2"),
        ("id,weight,name\n1,nan,plum\n", "line 2"),
        ("id,weight,name\n1,inf,plum\n", "line 2"),
        ("id,weight,name\n1,2,plum\n1,3,pear\n", "id 1"),
        ("id,weight,name\n", "no rows"),
        ("id,weight,name\n1,2,plum\n\n2,3,pear\n", "line 3 has 0 values"),
        (b"id,weight,name\n1,2,p\xfcree\n", "UTF-8"),
    ],
)
def test_a_wrong_file_is_refused_and_leaves_no_table(
    engine: Engine, tmp_path: Path, content: str | bytes, said: str
) -> None:
    with pytest.raises(TableError, match=said):
        tables.ingest_csv(engine, "fruit", TYPES, write(tmp_path, content))
    assert tables.names(engine) == []


def test_a_missing_file_is_named(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"nowhere\.csv"):
        tables.ingest_csv(engine, "fruit", TYPES, tmp_path / "nowhere.csv")


def test_two_that_fill_the_same_table_at_once_fill_it_once(engine: Engine, tmp_path: Path) -> None:
    path = write(tmp_path, "id,weight,name\n" + "".join(f"{i},1,x\n" for i in range(2000)))
    made: list[bool] = []
    threads = [
        threading.Thread(target=lambda: made.append(tables.ingest_csv(engine, "fruit", TYPES, path)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False, False, False, True]
    assert tables.query(engine, "SELECT count(*) FROM fruit").values == ((2000,),)


WRITES = (
    "INSERT INTO fruit VALUES (3, 1, 'fig')",
    "UPDATE fruit SET weight = 0",
    "DELETE FROM fruit",
    "DROP TABLE fruit",
    "CREATE TABLE other (x)",
    "INSERT INTO fruit VALUES (3, 1, 'fig') RETURNING id",
    "WITH all_of AS (SELECT 1) DELETE FROM fruit",
    "PRAGMA user_version = 7",
)


@pytest.mark.parametrize("statement", WRITES)
def test_a_query_cannot_write(fruit: Engine, statement: str) -> None:
    before = tables.query(fruit, "SELECT * FROM fruit ORDER BY id")
    with pytest.raises(TableError):
        tables.query(fruit, statement)
    assert tables.query(fruit, "SELECT * FROM fruit ORDER BY id") == before
    assert tables.names(fruit) == ["fruit"]
    assert tables.query(fruit, "PRAGMA user_version").values == ((0,),)


def test_two_statements_in_one_query_are_refused(fruit: Engine) -> None:
    with pytest.raises(TableError):
        tables.query(fruit, "SELECT 1; DELETE FROM fruit")
    assert len(tables.query(fruit, "SELECT * FROM fruit").values) == 2


def test_turning_the_refusal_off_helps_nobody(fruit: Engine) -> None:
    """The pragma that refuses writing can be set by a query; the next query is guarded again."""
    with pytest.raises(TableError):
        tables.query(fruit, "PRAGMA query_only = OFF")
    with pytest.raises(TableError):
        tables.query(fruit, "DELETE FROM fruit")
    assert len(tables.query(fruit, "SELECT * FROM fruit").values) == 2


def test_the_pooled_connection_can_write_again_afterwards(fruit: Engine) -> None:
    """Also after a query that failed: the refusal must not stick to the connection."""
    tables.query(fruit, "SELECT * FROM fruit")
    with pytest.raises(TableError):
        tables.query(fruit, "DELETE FROM fruit")
    assert fruit.pool.checkedin() == 1  # one connection served all of it
    with fruit.begin() as connection:
        connection.execute(text("INSERT INTO fruit VALUES (3, 1, 'fig')"))
    assert len(tables.query(fruit, "SELECT * FROM fruit").values) == 3


@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT * FROM nowhere", "SELECT colour FROM fruit", "", "   "])
def test_a_query_that_cannot_be_run_is_named(fruit: Engine, sql: str) -> None:
    with pytest.raises(TableError, match="The query cannot be run"):
        tables.query(fruit, sql)


def test_colons_and_per_cent_signs_in_a_query_are_text(fruit: Engine) -> None:
    found = tables.query(fruit, "SELECT ' :plum' AS a, name LIKE 'p%m' AS b FROM fruit WHERE id = 1")
    assert found.values == ((" :plum", 1),)


def test_a_reader_sees_one_state_while_others_write(fruit: Engine) -> None:
    with tables.reading(fruit) as connection:
        before = connection.execute(text("SELECT count(*) FROM fruit")).scalar()
        with fruit.begin() as other:
            other.execute(text("INSERT INTO fruit VALUES (3, 1, 'fig')"))
        assert connection.execute(text("SELECT count(*) FROM fruit")).scalar() == before == 2
    assert tables.query(fruit, "SELECT count(*) FROM fruit").values == ((3,),)


def test_fingerprint_covers_names_values_and_order() -> None:
    rows = Rows(("a", "b"), ((1, "x"), (2, "y")))
    plain = b'["a","b"]\n[1,"x"]\n[2,"y"]\n'
    assert rows.fingerprint() == hashlib.sha256(plain).hexdigest()
    others = [
        Rows(("a", "c"), rows.values),
        Rows(("b", "a"), rows.values),
        Rows(rows.columns, ((2, "y"), (1, "x"))),
        Rows(rows.columns, ((1, "x"), (2, "z"))),
        Rows(rows.columns, ((1, "x"),)),
        Rows(rows.columns, (("1", "x"), (2, "y"))),
        Rows(rows.columns, ((None, "x"), (2, "y"))),
    ]
    assert len({rows.fingerprint(), *(other.fingerprint() for other in others)}) == len(others) + 1


def test_fingerprint_keeps_the_last_bit_of_a_number() -> None:
    assert Rows(("a",), ((0.1 + 0.2,),)).fingerprint() != Rows(("a",), ((0.3,),)).fingerprint()
    assert rfc8785.dumps([0.1 + 0.2]) == b"[0.30000000000000004]"


@pytest.mark.parametrize("value", ["x'00ff'", "9e999", "9007199254740993"])
def test_a_value_without_a_canonical_form_is_refused_in_a_sentence(fruit: Engine, value: str) -> None:
    rows = tables.query(fruit, f"SELECT {value} AS odd")
    with pytest.raises(TableError, match="row 1"):
        rows.fingerprint()


def noted(engine: Engine, file: str = "fruit.csv") -> tables.SourceFile:
    found = tables.source_of(engine, "fruit")
    assert found is not None and found.file == file
    return found


def test_the_file_that_filled_a_table_is_noted_by_its_digest(fruit: Engine, tmp_path: Path) -> None:
    digest = hashlib.sha256(GOOD.encode()).hexdigest()
    assert noted(fruit).digest == digest
    # The note stays that of the file that was read, whatever lies there now, and goes with a new table.
    path = write(tmp_path, GOOD.replace("plum", "fig"))
    tables.ingest_csv(fruit, "fruit", TYPES, path)
    assert noted(fruit).digest == digest
    with fruit.begin() as connection:
        connection.exec_driver_sql("DROP TABLE fruit")
    tables.ingest_csv(fruit, "fruit", TYPES, path)
    assert noted(fruit).digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert tables.source_of(fruit, "roses") is None


def test_a_table_of_an_early_home_gets_its_note_where_it_holds_what_the_file_says(
    fruit: Engine, tmp_path: Path
) -> None:
    def early(statement: str) -> tables.SourceFile:
        with fruit.begin() as connection:
            connection.exec_driver_sql("DROP TABLE table_sources")
            connection.exec_driver_sql(statement)
        assert tables.source_of(fruit, "fruit") is None
        assert tables.ingest_csv(fruit, "fruit", TYPES, write(tmp_path, GOOD)) is False
        return noted(fruit)

    assert early("SELECT 1").digest == hashlib.sha256(GOOD.encode()).hexdigest()
    changed = early("UPDATE fruit SET weight = 9 WHERE id = 1")
    assert (changed.digest, changed.now()) == (None, "unknown")


def test_what_became_of_the_file_is_told_where_it_can_be_found(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "ROOT", tmp_path)
    (tmp_path / "data").mkdir()
    path = write(tmp_path / "data", GOOD)
    tables.ingest_csv(engine, "fruit", TYPES, path)
    source = noted(engine, "data/fruit.csv")
    assert source.now() == "same"
    path.write_text("another")
    assert source.now() == "changed"
    path.unlink()
    assert source.now() == "gone"
    assert tables.SourceFile("fruit.csv", "0" * 64).now() == "unknown"


def test_a_project_s_file_is_named_as_its_home_names_it(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRUMBTRAIL_PROJECTS", str(tmp_path / "mine"))
    (tmp_path / "mine" / "fruit").mkdir(parents=True)
    tables.ingest_csv(engine, "fruit", TYPES, write(tmp_path / "mine" / "fruit", GOOD))
    assert noted(engine, "projects/fruit/fruit.csv").now() == "same"
