"""Closer looks at a row of a table and at a whole model of tables, held to values worked out by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from ask.looks import catalogue, documents, whole_model
from data.failures import UserMistake
from explain.overall import importance
from explain.rows.table_rows import Rows
from explain.typicality.typicality import of_row
from governance.record import Record
from tests import toys as table_toys
from tests.ask.asking import answer_of, tell
from tests.explain import toys
from tests.explain.toys import HandModel, make_spec, tree_of, unit_features

# Rows: a tree of two questions, f0 <= 0.45 and then f1 <= 0.25, over two features from 0 to 1 by 0.1.
LEAVES = {"a": [8, 2], "b": [1, 9], "c": [9, 1]}
TREE = HandModel(
    make_spec(unit_features(2), 2), tree_of((0, 0.45, LEAVES["a"], (1, 0.25, LEAVES["b"], LEAVES["c"])), 2)
)


ROW = np.array([0.2, 0.1])
TREE.estimator = SimpleNamespace(feature_importances_=[0.2, 0.8])


def test_the_flip_of_a_row_is_the_one_worked_out_by_hand_and_locks_hold() -> None:
    told = tell("flip", answer_of(TREE, ROW))
    (change,) = told.values["changes"]
    assert change == {"name": "f0", "before": 0.2, "after": 0.5, "steps": 3, "threshold": 0.45}
    assert told.values["after"]["class"] == "b" and told.values["after"]["row"] == {"f0": 0.5, "f1": 0.1}
    assert told.words[:2] == (
        "Moving feature A from 0.2 cm to 0.5 cm flips a to b.",
        "Nothing smaller than 3 steps flips it.",
    )
    assert told.words[2:] == (
        "Feature A up from 0.2 cm to 0.5 cm (3 steps of 0.1 cm), across the threshold 0.45 cm.",
    )
    locked = tell("flip", answer_of(TREE, ROW, locked=("f0",)))
    assert not locked.values["found"] and locked.values["locked"] == ["f0"] and locked.table is None


def test_the_curve_and_the_surface_of_a_row_are_cut_at_the_thresholds() -> None:
    curve = tell("curve", answer_of(TREE, ROW, along=("f0",)))
    assert curve.values["flips"] == [{"at": 0.45, "before": "a", "after": "b"}]
    assert curve.values["values"] == pytest.approx(np.arange(11) / 10)
    assert curve.values["probabilities"]["b"] == pytest.approx([0.2] * 5 + [0.9] * 6)
    assert curve.values["now"] == {"value": 0.2, "class": "a", "probabilities": {"a": 0.8, "b": 0.2}}
    # Without a name it goes along what tells most, as on the page.
    assert tell("curve", answer_of(TREE, ROW)).values["along"] == "f1"
    surface = tell("curve", answer_of(TREE, ROW, along=("f0", "f1")))
    assert (surface.values["x_edges"], surface.values["y_edges"]) == ([0, 0.45, 1], [0, 0.25, 1])
    assert surface.values["classes"] == [["a", "b"], ["a", "a"]]
    assert surface.table and surface.table.rows == [("a", "86\u00a0%"), ("b", "14\u00a0%")]


def test_what_lies_near_a_row_is_measured_in_spreads_of_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    # Standard deviations 2 and 1: the distances from (0, 0) are 0.5, 1, 1.5, 2, and so on.
    x = np.array([[1.0, 0], [0, 1], [3, 0], [0, 2], [-4, 0], [0, -3]])
    x = np.concatenate([x, -x])
    scale = x.std(axis=0)
    rows = Rows(x, np.arange(12) % 2, tuple(f"row {i}" for i in range(12)), np.arange(12), np.arange(0))
    asked = answer_of(TREE, np.zeros(2), facts={"table": rows})
    near = tell("neighbours", asked).values["neighbours"]
    by_hand = sorted(((float(np.hypot(*(one / scale))), i) for i, one in enumerate(x)), key=lambda p: p[0])[
        :5
    ]
    assert [one["distance"] for one in near] == pytest.approx([distance for distance, _ in by_hand])
    assert (
        near[0]["class"] == "a" and near[0]["row"] == {"f0": 1.0, "f1": 0.0} and near[0]["example"] == "row 0"
    )
    typical = of_row(TREE, np.zeros(2), x)
    told = tell("typicality", asked)
    assert told.words == (typical.sentence,)
    assert told.values == {"level": typical.level, "beyond": typical.beyond}


def test_rows_that_are_gone_are_said_to_be() -> None:
    with pytest.raises(UserMistake, match="The rows of toy@1 are gone"):
        tell("typicality", answer_of(TREE, ROW))


@pytest.fixture
def table() -> Rows:
    """Five features and four classes, of which every third row is held out."""
    x, y = toys.five_feature_data()
    rows = Rows(
        x,
        y,
        tuple(f"row {i}" for i in range(len(y))),
        np.flatnonzero(np.arange(240) % 3),
        np.arange(0, 240, 3),
    )
    return rows


def test_importance_is_measured_in_three_ways(table: Rows, toy_tree: Any) -> None:
    told = tell("importance", answer_of(toy_tree, facts={"table": table}))
    names = [feature.name for feature in toy_tree.spec.features]
    assert list(told.values["impurity"].values()) == pytest.approx(toy_tree.estimator.feature_importances_)
    x, y = table.held_out
    right = np.mean(toy_tree.estimator.predict(x) == y)
    assert told.values["accuracy"] == pytest.approx(right)
    # By every row's value once: worked out here for one feature.
    shuffled = x.repeat(len(x), axis=0)
    shuffled[:, 0] = np.tile(x[:, 0], len(x))
    lost = right - np.mean(toy_tree.estimator.predict(shuffled) == y.repeat(len(x)))
    assert told.values["permutation"][names[0]]["value"] == pytest.approx(lost)
    shap = pytest.importorskip("shap")
    values = np.abs(shap.TreeExplainer(toy_tree.estimator).shap_values(table.x)).mean(axis=0)
    assert list(told.values["mean_absolute_shap"].values()) == pytest.approx(values.mean(axis=1))
    assert list(told.values["mean_absolute_shap_by_class"]["b"].values()) == pytest.approx(values[:, 1])
    measures = {"permutation": np.array([v["value"] for v in told.values["permutation"].values()])}
    measures |= {"TreeSHAP": values.mean(axis=1), "impurity": toy_tree.estimator.feature_importances_}
    assert told.words == (importance.agreement(toy_tree.spec, measures),)


def test_interactions_are_of_the_target_else_of_the_first_class(table: Rows, toy_tree: Any) -> None:
    import shap

    values = shap.TreeExplainer(toy_tree.estimator).shap_interaction_values(table.x)
    for target, name in ((0, None), (2, "c")):
        told = tell("interactions", answer_of(toy_tree, target=name, facts={"table": table}))
        assert told.values["target"] == "abcd"[target]
        pair = 2 * np.abs(values[:, 0, 1, :, ...][..., target]).mean()
        assert told.values["strengths"]["height"]["weight"] == pytest.approx(pair)
        assert told.values["strongest_pair"] == ["height", "weight"]
        assert f"For {'abcd'[target]}, " in told.words[0]


def test_other_seeds_are_trained_as_the_definition_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    made = table_toys.rows()
    x = np.array([one[1:-1] for one in made], dtype=float)
    y = np.array([table_toys.CLASSES.index(one[-1]) for one in made])
    rows = Rows(x, y, tuple(map(str, range(160))), np.arange(0, 120), np.arange(120, 160))
    definition = table_toys.DEFINITION
    settings = {"max_depth": 4, "ccp_alpha": 0.0, "criterion": "gini"}
    train: Any = definition.train
    model = train(x[:120], y[:120], settings, 0)
    asked = answer_of(model, x[130], definition=definition, seed=4, facts={"table": rows})
    asked.version.record.body["parameters"].update(settings=settings, chosen={})
    told = tell("seeds", asked)
    assert told.values["seeds"] == list(range(4, 24))
    for place, seed in ((0, 4), (19, 23)):
        tree = DecisionTreeClassifier(max_depth=4, random_state=seed).fit(x[:120], y[:120])
        assert told.values["same_rows"]["accuracies"][place] == tree.score(x[120:], y[120:])
    answers = told.values["same_rows"]["input"]["answers"]
    assert len(answers) == sum(told.values["same_rows"]["as_accurate"])
    assert told.words[0].startswith("Same rows, another seed: ") and "toy@1" in told.words[0]
    assert told.words[2].endswith("for this input.")
    assert told.values["resampled_rows"]["accuracies"] != told.values["same_rows"]["accuracies"]


def test_a_second_opinion_says_who_is_right_where_they_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    other = HandModel(TREE.spec, tree_of((0, 0.45, LEAVES["a"], LEAVES["b"]), 2))
    # They differ where f0 > 0.45 and f1 > 0.25: on three rows the first is right, on none the second.
    x = np.array([[0.1, 0.1], [0.8, 0.1], [0.8, 0.8], [0.6, 0.9], [0.9, 0.4], [0.3, 0.9]])
    rows = Rows(x, np.array([0, 1, 0, 0, 0, 1]), tuple("uvwxyz"), np.arange(0), np.arange(6))
    record = {"data": {"fingerprint": "f", "test_digest": "t"}}
    rival = SimpleNamespace(reference="rival@2", record_id="b", record=Record(record))
    monkeypatch.setattr(whole_model.setup, "version_for", lambda *_: rival)
    monkeypatch.setattr(whole_model.loading, "load", lambda *_: other)
    asked = answer_of(TREE, other="rival", facts={"table": rows})
    asked.version.record.body["data"].update(record["data"])
    told = tell("second_opinion", asked)
    found = told.values["test_rows"]
    counts = [found[name] for name in ("both_right", "only_first_right", "only_second_right", "both_wrong")]
    assert counts == [2, 3, 0, 1]
    # Three heads in three tosses, or three tails: 2 / 8.
    assert found["p_value"] == pytest.approx(0.25)
    differs = {"truth": "a", "toy@1": "a", "rival@2": "b"}
    assert found["different"] == [{"row": name, **differs} for name in "wxy"]
    assert found["distances"]["w"] == pytest.approx(0.8) and found["distances"]["u"] == 0
    assert told.words[0] == "They answer 3 of 6 test rows differently."
    assert "only rival@2 on 0" in told.words[1] and told.words[2].startswith(
        "Their probabilities lie farthest"
    )
    rival.record = Record({"data": {"fingerprint": "f", "test_digest": "another"}})
    apart = tell("second_opinion", asked)
    assert "test_rows" not in apart.values and apart.words[0].startswith("They kept other rows back")
    rival.record_id = "a"
    with pytest.raises(UserMistake, match="is rival@2 itself"):
        tell("second_opinion", asked)


def test_text_has_a_heading_the_sentences_and_columns_of_one_width() -> None:
    asked = answer_of(TREE, ROW, along=("f0",))
    look = catalogue.look("curve", asked.definition)
    lines = documents.as_text(look, look.tell(asked, lambda progress: None))
    assert lines[:4] == ["", look.title, "-" * len(look.title), look.asks]
    assert lines[-2:] == ["Feature A, above  Before  After", "0.45 cm                a      b"]
