"""Every algorithm and every method has a guide, and every guide can be drawn, cited and tried."""

from __future__ import annotations

import re

import pytest

from data.guides import Guide
from explain import guides, methods
from explain.guides import UnknownGuide
from models import catalogue
from models import guides as model_guides

GUIDES = guides.all_guides()
CHECKS = {"randomisation", "deletion_insertion", "stability", "localisation", "truth_bar"}


def of_kind(kind: str) -> dict[str, Guide]:
    return {guide.name: guide for guide in GUIDES if guide.kind == kind}


def test_every_algorithm_in_the_catalogue_has_a_guide() -> None:
    wanted = {definition.card.algorithm for definition in catalogue.definitions()}
    assert wanted == of_kind("algorithm").keys() == {guide.name for guide in model_guides.all_guides()}


def test_every_method_in_the_catalogue_has_a_guide_with_its_title() -> None:
    found = of_kind("method")
    assert found.keys() == set(methods.names())
    for name, guide in found.items():
        assert guide.title == methods.method(name).title


def test_every_check_has_a_guide() -> None:
    assert of_kind("check").keys() == CHECKS


def test_names_and_titles_are_told_apart() -> None:
    assert len({guide.name for guide in GUIDES}) == len({guide.title for guide in GUIDES}) == len(GUIDES)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_a_guide_is_complete_and_of_a_length_that_is_read(guide: Guide) -> None:
    words = sum(len(text.split()) for text in guide.parts.values())
    assert 250 <= words <= 650
    # The prose that comes first is for those who read no formula.
    assert "$" not in guide.parts["In plain words"]
    assert "$$" in guide.parts["For practitioners"]
    for text in guide.parts.values():
        assert text.count("$$") % 2 == 0
        assert text.replace("$$", "").count("$") % 2 == 0
        assert text.count("**") % 2 == 0
    assert guide.summary.endswith(".") and guide.cannot_show.endswith(".")


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_references_can_be_found(guide: Guide) -> None:
    assert len(guide.references) >= 2
    for one in guide.references:
        assert one.authors.strip() and one.title.strip() and one.venue.strip()
        assert 1950 <= one.year <= 2026
        if one.identifier is not None:
            assert re.fullmatch(r"doi:10\.\d{4,}/\S+|arXiv:\d{4}\.\d{4,5}", one.identifier)
            if one.identifier.startswith("arXiv:"):
                # A preprint comes before the publication or with it.
                assert 2000 + int(one.identifier[6:8]) <= one.year


def test_a_publication_is_cited_in_one_way_everywhere() -> None:
    every = {one for guide in GUIDES for one in guide.references}
    assert len({one.title for one in every}) == len(every)


def test_an_unknown_guide_is_answered_with_the_nearest() -> None:
    assert guides.guide("grad_cam").title == "Grad-CAM"
    with pytest.raises(UnknownGuide, match=r"no guide to 'grad_cm'\. Did you mean grad_cam\?"):
        guides.guide("grad_cm")
