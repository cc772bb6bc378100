import hashlib
import json
import struct

import numpy as np
import pytest

from ask.answer import values_digest
from data.failures import UserMistake
from explain.attributions.attribution import MethodError
from tests.ask.asking import answer_of, version_of

ROW = np.array([1.0, 9.0, 2.5, 7.0, 3.3])


def explain(model, method="tree_shap", row=ROW, **more):
    return answer_of(model, row, method=method, **more)


def test_json_has_the_public_shape(toy_tree):
    told = json.loads(json.dumps(explain(toy_tree, target="b").document()))
    assert {"method", "target", "version", "values", "trust", "receipt"} <= set(told)
    assert (told["method"], told["target"], told["version"]) == ("tree_shap", "b", "toy@1")
    assert list(told["values"]) == ["height", "weight", "age", "ratio", "dose"]
    assert told["base_value"] + sum(told["values"].values()) == pytest.approx(told["output"])
    assert told["trust"]["completeness_gap"] < 1e-9
    assert sum(told["probabilities"].values()) == pytest.approx(1)
    assert told["receipt"]["input"] == dict(zip(told["values"], ROW.tolist(), strict=True))


def test_explains_the_predicted_class_by_default(toy_tree):
    one = explain(toy_tree)
    assert one.attribution.target.index == one.predicted == int(np.argmax(toy_tree.predict_proba(ROW[None])))
    assert one.path.nodes[-1] == toy_tree.estimator.apply(ROW[None])[0]


def test_a_forest_has_no_single_path(toy_forest):
    assert explain(toy_forest).path is None
    with pytest.raises(MethodError, match="Toy forest is not"):
        _ = explain(toy_forest, "decision_path").attribution


def test_the_receipt_is_the_same_for_the_same_question_and_no_other(toy_tree):
    ids = [
        explain(toy_tree, target="b").receipt_id,
        explain(toy_tree, target="b").receipt_id,
        explain(toy_tree, target="c").receipt_id,
        explain(toy_tree, "decision_path", target="b").receipt_id,
        explain(toy_tree, target="b", version=version_of(reference="toy@2")).receipt_id,
        explain(toy_tree, target="b", version=version_of(weights_digest="cd34")).receipt_id,
        explain(toy_tree, target="b", row=ROW + 1e-12).receipt_id,
        explain(toy_tree, target="b", locked=("age",)).receipt_id,
    ]
    assert ids[0] == ids[1] and len(set(ids)) == 7


def test_receipt_id_is_sha256_of_canonical_json(toy_tree):
    one = explain(toy_tree)
    one.receipt = {"b": 1.0, "a": "x"}
    # RFC 8785: keys sorted, no spaces, 1.0 written as 1.
    assert one.receipt_id == hashlib.sha256(b'{"a":"x","b":1}').hexdigest()


def test_values_digest_is_over_little_endian_float64():
    assert values_digest(np.array([1.5, -2.0])) == hashlib.sha256(struct.pack("<2d", 1.5, -2.0)).hexdigest()


def test_unknown_names_are_refused(toy_tree):
    with pytest.raises(UserMistake, match="no class 'z'"):
        _ = explain(toy_tree, target="z").attribution
    with pytest.raises(MethodError, match="takes no settings"):
        _ = explain(toy_tree, settings=(("steps", 5),)).attribution
