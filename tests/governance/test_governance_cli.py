"""``python -m governance`` as a user runs it: JSON alone on standard output, one sentence for a mistake."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from data import workspace
from governance import __main__ as commands
from governance import audit, registry
from governance.home import open_store
from tests import toys
from tests.governance.conftest import tampering
from tests.models import hostile_artefacts


def shell(*words: str) -> subprocess.CompletedProcess[str]:
    """A real process."""
    return subprocess.run(
        [sys.executable, "-m", "governance", *words],
        cwd=workspace.ROOT,
        capture_output=True,
        text=True,
        timeout=180,
    )


def invoke(*words: str) -> Result:
    """The same command in this process."""
    return CliRunner().invoke(commands.cli, words)


def assert_mistake(result: Result | subprocess.CompletedProcess[str], said: str) -> None:
    code = result.exit_code if isinstance(result, Result) else result.returncode
    assert code == 2, result.stderr
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_show_in_a_fresh_home_trains_first_and_prints_one_document(home: Path) -> None:
    done = shell("show", "iris_tree", "--json")
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert (shown["version"], shown["aliases"]) == ("iris_tree@1", ["champion"])
    version = registry.resolve(open_store(), "iris_tree")
    assert (shown["record_id"], shown["record"]) == (version.record_id, version.record.body)
    assert shown["verifications"] == []
    assert "cross-validation" in done.stderr
    # With its default settings the depth was chosen, and the accuracy is what is required of it:
    # the mean of 10 × 5-fold cross-validation at least 0.93, depth at most 6.
    assert version.record.body["parameters"]["settings"]["max_depth"] == "auto"
    assert version.record.body["parameters"]["chosen"]["max_depth"] in range(1, 7)
    metrics = version.record.body["results"]["metrics"]
    assert len(metrics["accuracy"]["folds"]) == 50
    assert metrics["accuracy"]["value"] >= 0.93
    assert metrics["depth"] <= 6


def test_an_unknown_model_is_a_mistake_in_one_sentence(home: Path) -> None:
    assert_mistake(shell("show", "iris_teer", "--json"), "iris_teer")


def test_audit_json_of_a_store_that_holds(trained_home: Path) -> None:
    done = shell("audit", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["ok"], found["problems"]) == (True, [])
    assert found["head"] == audit.verify(open_store()).head
    assert found["records"] >= 3


def test_audit_of_a_store_that_does_not_hold_ends_with_1(trained_home: Path) -> None:
    with tampering(trained_home) as database:
        database.execute("UPDATE audit_log SET subject = 'x' WHERE seq = 2")
    result = invoke("audit", "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert (found["ok"], found["problems"]) == (False, ["Entry 2 of the audit log was altered."])
    assert invoke("audit").stdout == "Entry 2 of the audit log was altered.\n"


def test_audit_in_a_fresh_home_holds(home: Path) -> None:
    assert invoke("audit", "--json").exit_code == 0


def test_show_without_json_is_for_people(trained_home: Path) -> None:
    result = invoke("show", "iris_tree")
    record = registry.resolve(open_store(), "iris_tree")
    assert result.exit_code == 0
    for part in (
        "iris_tree@1 (champion)",
        record.record_id,
        record.weights_digest,
        "max_depth=3",
        "150 rows",
    ):
        assert part in result.stdout


def test_lineage_json_is_the_graph_and_what_is_declared(trained_home: Path) -> None:
    found = json.loads(invoke("lineage", "iris_tree", "--json").stdout)
    assert {"table", "query", "dataset", "split", "transforms", "run", "version", "alias"} <= {
        node["kind"] for node in found["nodes"]
    }
    assert {check["state"] for check in found["declared"]} == {"observed", "declared"}
    said = invoke("lineage", "iris_tree").stdout
    assert "table iris — is read by → query Query" in said
    assert "observed  table: workspace.iris@local." in said


def test_promote_moves_the_name_and_logs_the_reason(trained_home: Path) -> None:
    result = invoke("promote", "iris_tree@1", "candidate", "--reason", "a look")
    assert (result.exit_code, result.stdout) == (0, "candidate of iris_tree is now iris_tree@1.\n")
    store = open_store()
    assert registry.resolve(store, "iris_tree@candidate").number == 1
    assert json.loads(audit.entries(store)[-1]["details"])["reason"] == "a look"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "iris_tree@9"], "There is no iris_tree@9. There are iris_tree@1 (champion)."),
        (["show", "iris_tree@nobody"], "There is no iris_tree@nobody"),
        (["show", "iris_tree@"], "names no version"),
        (["show", "iris_teer", "--json"], "Did you mean iris_tree?"),
        (["reproduce", "iris_tree@9", "--json"], "There is no iris_tree@9"),
        (["promote", "iris_tree@9", "champion"], "There is no iris_tree@9"),
        (["promote", "iris_tree@1", "Champion"], "cannot be an alias"),
        (["promote", "iris_tree@1", "candidate"], "Give a reason, as in --reason"),
        (["promote", "iris_tree@1", "candidate", "--reason", "  "], "Give a reason, as in --reason"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(trained_home: Path, words: list[str], said: str) -> None:
    assert_mistake(invoke(*words), said)


def test_an_altered_record_is_not_shown_as_true(trained_home: Path) -> None:
    with tampering(trained_home) as database:
        database.execute("UPDATE records SET body = replace(body, '0.95', '0.99') WHERE model = 'iris_tree'")
    result = invoke("show", "iris_tree", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "was altered in the database" in result.stderr


def test_a_newer_store_ends_with_1_and_a_sentence(trained_home: Path) -> None:
    store = open_store()
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9000'")
    result = invoke("show", "iris_tree", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "written by a newer Crumbtrail" in result.stderr


def test_what_cannot_answer_is_not_promoted(trained_home: Path, tmp_path: Path, tiny_network: Path) -> None:
    """Its files are whole, so only loading it tells: the network inside is none of this model."""
    store = open_store()
    toys.put_tiny_network(store, tiny_network)
    change = hostile_artefacts.NETWORKS["three_classes"]
    version = hostile_artefacts.registered(store, tiny_network, tmp_path / "hostile", change)
    before = registry.resolve(store, "muffin_cnn").reference
    result = invoke("promote", version.reference, "champion", "--reason", "a try")
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"The artefact of {version.reference} cannot be read as its model" in result.stderr
    assert result.stderr.count("\n") == 1
    assert registry.resolve(store, "muffin_cnn").reference == before


@pytest.mark.parametrize("table", ["audit_log", "records", "jobs"])
def test_audit_of_a_store_without_a_table_names_it(trained_home: Path, table: str) -> None:
    with tampering(trained_home) as database:
        database.execute(f"DROP TABLE {table}")
    result = invoke("audit")
    assert (result.exit_code == 1 and result.exception is None) or isinstance(result.exception, SystemExit)
    assert f"The table {table} is missing from the database." in result.stdout
