"""Values in, Vega-Lite dicts out. Nothing here asks a model or computes a finding.

Every chart fills its container's width, has a height of its own, is transparent, carries its colours
(show it with ``theme=None``), and describes its finding in ``description``, which is the alt text.
"""

from draw.charts.attribution import waterfall_chart
from draw.charts.concept import concept_chart
from draw.charts.part_effects import part_effects_chart
from draw.charts.probabilities import probability_chart
from draw.charts.response import response_chart
from draw.charts.surface import surface_chart
from draw.charts.tree import tree_chart
from draw.charts.truth_table import truth_table_chart

__all__ = [
    "concept_chart",
    "part_effects_chart",
    "probability_chart",
    "response_chart",
    "surface_chart",
    "tree_chart",
    "truth_table_chart",
    "waterfall_chart",
]
