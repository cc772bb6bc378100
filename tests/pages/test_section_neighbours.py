"""The sections of what was nearest: training examples of a picture, rows of a table."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from ask.looks import picture_neighbours
from data import photo_folders
from explain.neighbours.examples import Examples, examples
from explain.neighbours.features import penultimate
from explain.neighbours.learned import learned_from
from explain.neighbours.neighbours import Neighbour, nearest
from models import muffin_cnn
from tests.ask.asking import Known
from tests.pages import section_toys
from tests.pages.reading import words
from tests.pages.section_toys import run

pytestmark = pytest.mark.usefixtures("home")


def examples_section() -> None:
    """The same of examples."""
    from pages.looks import examples as section_examples
    from tests.pages.section_toys import shown

    section_examples.draw(shown())


def photo_examples_section() -> None:
    """The same of examples, for a photo and a version that learned from photos that are not here."""
    from pages.looks import examples as section_examples
    from tests.pages.section_toys import shown

    section_examples.draw(shown(None, origin="photos"))


def own_examples(shown: Any) -> Examples:
    """Eight examples of what the toy's version learned from, made as the section makes them."""
    learned = learned_from(muffin_cnn.DEFINITION, shown.version.record)
    return examples(shown.model, learned, lambda told: None, n=8)


def nearest_to(shown: Any, found: Examples) -> tuple[Neighbour, ...]:
    at = penultimate(shown.model, shown.input[None])[0]
    return nearest(found.features, found.labels, at, picture_neighbours.NEAREST)


def test_the_nearest_training_examples_are_shown_with_their_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_neighbours, "examples", partial(examples, n=8))
    shown = section_toys.shown()
    near = nearest_to(shown, own_examples(shown))
    page = run(examples_section)
    assert len(page.get("image")) == len(near) == 6
    alike = sum(one.label == shown.predicted for one in near)
    assert f"{alike} of the 6 nearest training examples" in words(page)
    for one in near:
        assert f"distance {one.distance:.2f}" in words(page)
    assert "Every concept lies where the training's scenes are drawn" in words(page)
    assert "python -m explain.measure muffin_cnn@1 typicality" in words(page)


def test_a_photo_that_is_not_here_is_named_and_the_scenes_beside_it_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = section_toys.shown(None, origin="photos")
    made = own_examples(section_toys.shown())
    documented = next(iter(photo_folders._documented().values()))
    # The three nearest of the scenes become photos: one that is documented, two that are not.
    photos = [one.position for one in nearest_to(shown, made)[:3]]
    digests, names, source = list(made.digests), list(made.names), np.ones(len(made.names), int)
    for position, digest in zip(photos, (documented["sha256"][:16], "0" * 16, "1" * 16), strict=True):
        digests[position], names[position], source[position] = digest, f"b_{position}.jpg", 0
    found = replace(
        made,
        digests=tuple(digests),
        names=tuple(names),
        source=source,
        sources=("photos", "scenes"),
        apart=(np.array([0.0, 9.0]), made.apart[0]),
    )
    monkeypatch.setattr(Known, "stored_examples", found)
    page = run(photo_examples_section)
    assert len(page.get("image")) == 3
    assert words(page).count("Photo, not on this machine") == 3
    # A path may break after each of its parts.
    told = words(page).replace("\u200b", "").replace("\\", "")
    for path in (documented["source"], names[photos[1]], names[photos[2]]):
        assert f":small[{path}]" in told
    assert "docs/photos.md" in words(page)
    # One of the two photos that were kept back lies further, whatever the photo.
    assert "of 2 pictures of that kind that were kept back, 50" in words(page)
    assert "python -m explain.measure" not in words(page)


def test_how_usual_a_photo_is_is_not_said_by_scenes_where_photos_were_learned_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = section_toys.shown(None, origin="photos")
    assert asked.typicality is None
    monkeypatch.setattr(picture_neighbours, "examples", partial(examples, n=8))
    page = run(photo_examples_section)
    assert "How usual it is cannot be said" in words(page)
    assert "are not on this machine; scenes" in words(page)
    drawn = section_toys.shown(None)
    known = section_toys.shown(None, facts={"stored_examples": own_examples(drawn)})
    assert known.typicality is not None


def rows_section() -> None:
    """The nearest rows of a table, for a row of it."""
    import numpy as np
    from sklearn.datasets import load_iris

    from data.iris import FEATURES
    from explain.rows.table_rows import Rows
    from models.spec import ModelSpec
    from pages.rows import nearest as near_rows
    from tests.ask.asking import answer_of

    x, y = load_iris(return_X_y=True)

    class Always:
        spec = ModelSpec("t", "T", "tabular", ("setosa", "versicolor", "virginica"), FEATURES)

        def predict_proba(self, batch: np.ndarray) -> np.ndarray:
            return np.tile([0.9, 0.1, 0.0], (len(batch), 1))

    rows = Rows(x, y, (), np.arange(150), np.arange(0))
    near_rows.draw(answer_of(Always(), x[0], facts={"table": rows}))
    near_rows.draw(answer_of(Always(), x[0]))


def test_the_nearest_rows_of_a_table() -> None:
    page = run(rows_section)
    table = page.dataframe[0].value
    assert table["Class"].tolist() == ["setosa"] * 5
    # The row is one of the training's own.
    assert table["Distance"][0] == "0.00"
    assert table["Petal length"][0] == "1.4 cm"
    assert "5 of the 5 nearest training examples are setosa" in words(page)
    assert "The nearest training row is 0.00 standard deviations away" in words(page)
    assert "The training rows are gone" in page.info[0].value
