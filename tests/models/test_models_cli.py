"""``python -m models`` as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from ask.explain_command import explain
from data import iris, workspace
from governance import registry
from governance.home import open_store
from models import __main__ as commands
from models import catalogue, loading

ROW = "sepal_length=5.1,sepal_width=3.5,petal_length=1.4,petal_width=0.2"


def shell(*words: str) -> subprocess.CompletedProcess[str]:
    """A real process."""
    return subprocess.run(
        [sys.executable, "-m", "models", *words],
        cwd=workspace.ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
    )


def invoke(*words: str) -> Result:
    """The same command in this process."""
    return CliRunner().invoke(commands.cli, words)


def test_predict_json_has_the_documented_form_in_the_order_given(trained_home: Path, tmp_path: Path) -> None:
    """Rows and a file mixed; classes and probabilities against the model asked directly."""
    path = tmp_path / "flowers.csv"
    path.write_text(
        "flower_id,species,sepal_length,sepal_width,petal_length,petal_width\n"
        "7,x,6.3,3.3,6.0,2.5\n8,x,5.0,3.4,1.5,0.2\n",
        encoding="utf-8",
    )
    other = ROW.replace("petal_length=1.4", "petal_length=4.4").replace("0.2", "1.3")
    done = shell("predict", "iris_tree@champion", other, str(path), ROW, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document.keys() == {"predictions"}
    answers = document["predictions"]
    assert [answer["input"] for answer in answers] == [
        other,
        "flowers.csv, line 2",
        "flowers.csv, line 3",
        ROW,
    ]
    store = open_store()
    model = loading.load(store, registry.resolve(store, "iris_tree"))
    rows = np.array([[5.1, 3.5, 4.4, 1.3], [6.3, 3.3, 6.0, 2.5], [5.0, 3.4, 1.5, 0.2], [5.1, 3.5, 1.4, 0.2]])
    expected = model.predict_proba(rows)
    for answer, probabilities in zip(answers, expected, strict=True):
        assert answer.keys() == {"input", "class", "probabilities", "version", "typicality"}
        assert answer["version"] == "iris_tree@1"
        assert list(answer["probabilities"]) == list(iris.CLASSES)
        assert list(answer["probabilities"].values()) == probabilities.tolist()
        assert answer["class"] == iris.CLASSES[int(probabilities.argmax())]
    assert [answer["class"] for answer in answers] == ["versicolor", "virginica", "setosa", "setosa"]


def test_predict_is_readable_without_json(trained_home: Path) -> None:
    result = invoke("predict", "iris_tree", ROW)
    assert result.exit_code == 0
    assert result.stdout == f"{ROW}: setosa (setosa 1.00, versicolor 0.00, virginica 0.00) by iris_tree@1\n"


def test_a_row_unlike_all_of_the_training_is_named_so_before_its_answer(trained_home: Path) -> None:
    far = "sepal_length=4.3,sepal_width=4.4,petal_length=6.9,petal_width=0.1"
    said = invoke("predict", "iris_tree", far, ROW).stdout.splitlines()
    assert said[0].startswith(f"{far}: This is not a row that the model knows. It would say setosa (")
    assert said[1].startswith(f"{ROW}: setosa (")
    told = json.loads(invoke("predict", "iris_tree", far, ROW, "--json").stdout)["predictions"]
    assert [one["typicality"]["level"] for one in told] == ["far", "usual"]
    # Asked together or alone, and by whichever command, it is one finding.
    explained = CliRunner().invoke(explain, ["iris_tree", far, "--method", "tree_shap", "--json"])
    document = json.loads(explained.stdout)
    assert document["typicality"] == told[0]["typicality"]
    assert document["words"][0] == "This is not a row that the model knows."
    assert any(sentence.startswith("Do not rely on this answer.") for sentence in document["words"])


def test_a_picture_of_nothing_is_no_sure_chihuahua(trained_home: Path, tmp_path: Path) -> None:
    Image.new("RGB", (96, 96), (30, 60, 200)).save(tmp_path / "blue.png")
    result = invoke("predict", "muffin_cnn@1", str(tmp_path / "blue.png"))
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        f"{tmp_path / 'blue.png'}: This is not a picture that the model knows. It would say chihuahua "
        "(chihuahua over 0.99, muffin under 0.01) by muffin_cnn@1\n"
    )


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["predict", "iris_tree", "sepal_length=5.1"], "lacks sepal_width"),
        (["predict", "iris_tree", f"{ROW},colour=1"], "has the unknown feature colour"),
        (["predict", "iris_tree", ROW.replace("5.1", "1e39")], "must be a finite number"),
        (["predict", "iris_tree", "nowhere.csv"], "is no file"),
        (["predict", "iris_tree@7", ROW], "There is no iris_tree@7"),
        (["predict", "iris_tree@champoin", ROW], "Did you mean champion? There are iris_tree@1 (champion)."),
        (["predict", "iris_tree@", ROW], "names no version"),
        (["predict", "iris_teer", ROW], "No model is called 'iris_teer'. Did you mean iris_tree?"),
        (["train", "nothing"], "No model is called 'nothing'"),
        (["train", "iris_tree", "--set", "depth=3"], "iris_tree has no setting 'depth'"),
        (
            ["train", "iris_tree", "--set", "max_depth=7"],
            "max_depth must be auto or a whole number from 1 to 6",
        ),
        (["train", "iris_tree", "--set", "max_depth"], "--set takes key=value"),
        (["train", "iris_tree", "--set", "max_dept=3"], "Did you mean max_depth?"),
        (["train", "iris_tree", "--set", "criterion=ginni"], "not 'ginni'. Did you mean gini?"),
        (["train", "iris_tree", "--set", "seed=x"], "seed must be a whole number"),
        (["train", "iris_tree", "--set", f"seed={'9' * 5000}"], "a whole number from 0 to 2147483647, not"),
        (
            ["train", "iris_tree", "--set", "threads=0"],
            "threads must be a whole number from 1 to 64, not '0'",
        ),
        (["train", "iris_tree", "--data", ""], "--data is empty"),
        (["train", "iris_tree", "--data", "flowers"], "No dataset is called 'flowers'"),
    ],
)
def test_a_mistake_is_one_sentence_on_standard_error(trained_home: Path, words: list[str], said: str) -> None:
    if words[0] == "predict":
        words = [*words, "--json"]
    result = invoke(*words)
    assert result.exit_code == 2, result.stderr
    assert result.stdout == ""
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1, result.stderr


def test_a_mistake_in_a_real_process_says_nothing_else(trained_home: Path, tmp_path: Path) -> None:
    """No warning of a library, no progress: one line, and the exit code."""
    path = tmp_path / "flowers.csv"
    path.write_bytes(b"\xff\xfe")
    done = shell("predict", "iris_tree", str(path), "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "flowers.csv" in done.stderr


def test_an_altered_artefact_is_a_failure_and_no_answer(trained_home: Path) -> None:
    store = open_store()
    results = registry.resolve(store, "iris_tree").record.body["results"]
    path = store.blobs.path(results["files"][results["artefact"]]["digest"])
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    result = invoke("predict", "iris_tree", ROW, "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "was altered" in result.stderr


def test_list_json_names_models_with_their_versions_and_aliases(trained_home: Path) -> None:
    result = invoke("list", "--json")
    models = {entry["name"]: entry for entry in json.loads(result.stdout)["models"]}
    assert {"iris_tree", "iris_forest"} <= models.keys()
    tree = models["iris_tree"]
    assert [(v["version"], v["aliases"]) for v in tree["versions"]] == [("iris_tree@1", ["champion"])]
    assert tree["classes"] == ["setosa", "versicolor", "virginica"]
    assert (tree["modality"], tree["dataset"]) == ("tabular", "iris")
    assert tree["settings"] == {one.name: one.default for one in catalogue.definition("iris_tree").settings}
    assert "iris_tree@1 (champion)" in invoke("list").stdout


def test_a_training_into_a_folder_is_not_for_a_terminal(home: Path, tmp_path: Path) -> None:
    """The hidden option ends when its standard input does, so that no child outlives its parent."""
    done = shell("train", "iris_tree", "--set", "max_depth=1", "--into", str(tmp_path))
    assert done.returncode != 0
    assert not (tmp_path / "record.json").exists()
