"""Values in, Vega-Lite dicts out. Nothing here asks a model or computes a finding.

Every chart fills its container's width, has a height of its own, is transparent, carries its colours
(show it with ``theme=None``), and describes its finding in ``description``, which is the alt text.
"""

from explain.charts.attribution import waterfall_chart
from explain.charts.concept import concept_chart
from explain.charts.part_effects import part_effects_chart
from explain.charts.probabilities import probability_chart
from explain.charts.response import response_chart
from explain.charts.surface import surface_chart
from explain.charts.tree import tree_chart
from explain.charts.truth_table import truth_table_chart

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
