"""Settings of a training: what may be given, and what is said when it may not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data.failures import UserMistake
from models import catalogue, training
from models.spec import Definition, Setting, SettingError

DEPTH = Setting("depth", "Depth", "", "int", "auto", low=1, high=6, auto=True)
LEAF = Setting("leaf", "Leaf", "", "int", 3, low=1, high=40)
RATE = Setting("rate", "Rate", "", "float", 0.1, low=0.0, high=1.0)
FREE = Setting("free", "Free", "", "float", 0.1)
KIND = Setting("kind", "Kind", "", "choice", "gini", choices=("gini", "entropy"))


@pytest.mark.parametrize(
    ("setting", "given", "expected"),
    [
        (DEPTH, "auto", "auto"),
        (DEPTH, "4", 4),
        (DEPTH, 4, 4),
        (LEAF, 1, 1),
        (LEAF, "40", 40),
        (RATE, "0", 0.0),
        (RATE, 1, 1.0),
        (RATE, "2.5e-1", 0.25),
        (FREE, "-1e300", -1e300),
        (KIND, "entropy", "entropy"),
    ],
)
def test_a_value_is_taken_as_text_or_number(setting: Setting, given: object, expected: object) -> None:
    parsed = setting.parse(given)
    assert parsed == expected
    assert type(parsed) is type(expected)


@pytest.mark.parametrize(
    ("setting", "given", "said"),
    [
        (DEPTH, "0", "depth must be auto or a whole number from 1 to 6, not '0'"),
        (DEPTH, "7", "depth must be auto or a whole number from 1 to 6, not '7'"),
        (DEPTH, "Auto", "not 'Auto'"),
        (LEAF, "auto", "leaf must be a whole number from 1 to 40, not 'auto'"),
        (LEAF, "2.5", "whole number"),
        (LEAF, 2.5, "whole number"),
        (LEAF, "", "whole number"),
        (LEAF, None, "whole number"),
        (LEAF, True, "whole number"),
        (LEAF, "9" * 6000, "whole number"),
        (RATE, "nan", "rate must be a number from 0 to 1, not 'nan'"),
        (RATE, "1.01", "rate must be a number from 0 to 1"),
        (RATE, "inf", "rate must be a number"),
        (FREE, "inf", "free must be a number"),
        (FREE, "-inf", "free must be a number"),
        (FREE, "nan", "free must be a number"),
        (KIND, "Gini", "kind must be one of gini, entropy, not 'Gini'"),
        (KIND, None, "kind must be one of gini, entropy"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_what_can(setting: Setting, given: object, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        setting.parse(given)


def test_what_is_not_given_gets_its_default(toy: Definition) -> None:
    assert training.settings_for(toy, {}) == {"max_depth": 4, "ccp_alpha": 0.0, "criterion": "gini"}
    assert training.settings_for(toy, {"max_depth": "2"})["max_depth"] == 2


def test_a_default_that_is_given_is_no_other_request(toy: Definition) -> None:
    assert training.changed_settings(toy, {"max_depth": "4", "criterion": "gini"}) == {}
    assert training.changed_settings(toy, {"max_depth": "3", "ccp_alpha": 0}) == {"max_depth": 3}


@pytest.mark.parametrize("check", [training.settings_for, training.changed_settings])
def test_an_unknown_setting_is_named_with_those_there_are(toy: Definition, check: Any) -> None:
    with pytest.raises(
        SettingError, match=r"toy_table has no setting 'depth'.*max_depth, ccp_alpha, criterion, seed"
    ):
        check(toy, {"depth": 3})
    assert SettingError.exit_code == 2


def test_data_of_another_model_are_refused(toy: Definition, home: Path, tmp_path: Path) -> None:
    """The rows have other columns and classes; a tree of them would be called toy and be none."""
    with pytest.raises(
        UserMistake, match=r"toy_table cannot learn from iris\. It takes length.*there are setosa"
    ):
        training.run(toy, {}, 0, 2, tmp_path, lambda progress: None, data="iris")
    assert not (tmp_path / "record.json").exists()


@pytest.mark.parametrize("name", catalogue.names())
def test_every_default_in_the_catalogue_may_be_given(name: str) -> None:
    definition = catalogue.definition(name)
    for setting in definition.settings:
        assert setting.parse(setting.default) == setting.default
        assert setting.parse(str(setting.default)) == setting.default
