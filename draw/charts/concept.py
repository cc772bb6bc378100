"""Response curve along a concept, drawn as one along a feature is."""

from __future__ import annotations

from dataclasses import replace

from draw.charts.base import Spec
from draw.charts.response import response_chart
from draw.palette import Palette
from explain.concepts.concept_response import ConceptResponse
from models.spec import ModelSpec


def concept_chart(spec: ModelSpec, curve: ConceptResponse, palette: Palette) -> Spec:
    """Curves of all classes along a concept, under a strip that says which one is predicted where.

    Parameters
    ----------
    spec : ModelSpec
        Names the classes.
    curve : ConceptResponse
        Along the concept of the x axis.
    palette : Palette
        Of the look that is shown.
    """
    return response_chart(replace(spec, features=(curve.feature,)), curve.response, palette)
