"""What is kept for everybody and what for a visit alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ask.cache import Memory
from pages.common.visit import _PageCache
from tests.ask.asking import answer_of
from tests.pages import section_toys


class Counting:
    """A network that notes how often it is asked."""

    def __init__(self, model: Any) -> None:
        self.spec, self._model, self.asked = model.spec, model, 0

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        self.asked += 1
        answer: np.ndarray = self._model.predict_proba(x)
        return answer


@pytest.mark.parametrize(("what", "times"), [("scene", 1), ("scene with changed pixels", 1), ("photo", 2)])
def test_a_scene_is_answered_once_for_all_visitors_and_a_photo_once_a_visit(
    home: object, what: str, times: int
) -> None:
    model, everybody = Counting(section_toys.model()), Memory()
    photo = np.random.default_rng(0).random((96, 96, 3), dtype=np.float32)
    changes = {"noise": 0.1} if "pixels" in what else {}
    for visit in (Memory(), Memory()):
        for _ in range(2):
            given = {"scene": section_toys.SCENE} if what != "photo" else {"x": photo}
            asked = answer_of(model, changes=changes, **given)
            asked.cache = _PageCache(visit, everybody)
            assert asked.probabilities.shape == (2,)
    assert model.asked == times
