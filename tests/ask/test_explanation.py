import hashlib
import json
import struct

import numpy as np
import pytest

from ask.row_answer import explain_row, receipt_id, values_digest
from explain.attributions.attribution import MethodError

ROW = np.array([1.0, 9.0, 2.5, 7.0, 3.3])


def explain(model, method="tree_shap", **more):
    return explain_row(model, ROW, method, version="toy@1", weights_digest="ab12", **more)


def test_json_has_the_public_shape(toy_tree):
    told = json.loads(json.dumps(explain(toy_tree, target="b").to_json()))
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
        explain(toy_forest, "decision_path")


def test_the_receipt_is_the_same_for_the_same_question_and_no_other(toy_tree):
    ids = [
        explain(toy_tree, target="b").receipt_id,
        explain(toy_tree, target="b").receipt_id,
        explain(toy_tree, target="c").receipt_id,
        explain(toy_tree, "decision_path", target="b").receipt_id,
        explain_row(toy_tree, ROW, "tree_shap", "b", version="toy@2", weights_digest="ab12").receipt_id,
        explain_row(toy_tree, ROW, "tree_shap", "b", version="toy@1", weights_digest="cd34").receipt_id,
        explain_row(
            toy_tree, ROW + 1e-12, "tree_shap", "b", version="toy@1", weights_digest="ab12"
        ).receipt_id,
    ]
    assert ids[0] == ids[1] and len(set(ids)) == 6


def test_receipt_id_is_sha256_of_canonical_json():
    # RFC 8785: keys sorted, no spaces, 1.0 written as 1.
    assert receipt_id({"b": 1.0, "a": "x"}) == hashlib.sha256(b'{"a":"x","b":1}').hexdigest()


def test_values_digest_is_over_little_endian_float64():
    assert values_digest(np.array([1.5, -2.0])) == hashlib.sha256(struct.pack("<2d", 1.5, -2.0)).hexdigest()


def test_unknown_names_are_refused(toy_tree):
    with pytest.raises(ValueError, match="no class 'z'"):
        explain(toy_tree, target="z")
    with pytest.raises(MethodError, match="takes no settings"):
        explain(toy_tree, settings={"steps": 5})
