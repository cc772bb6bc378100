"""Agreement of methods as a matrix: ranks above the diagonal, overlap below it."""

from __future__ import annotations

from collections.abc import Mapping

from draw.charts.base import Spec, frame
from draw.palette import Palette
from explain.numbers import percent, signed
from explain.truth.agreement import STRONGEST, Agreement

_ROW = 34
# So wide is a square that holds its figure; on a telephone it is less, and holds what is most important.
_ROOM = 50


def agreement_chart(found: Agreement, titles: Mapping[str, str], palette: Palette) -> Spec:
    """A square for each pair: above the diagonal the rank correlation, below it the overlap.

    Where the squares are narrow, a cross alone is left of the one and the number of the other.

    Parameters
    ----------
    titles : mapping of str to str
        What a person reads for each name.
    """
    order = [titles[name] for name in found.names]
    squares = []
    for pair in found.pairs:
        one, other = titles[pair.one], titles[pair.other]
        rank = {
            "row": one,
            "column": other,
            "value": max(pair.rank, 0.0),
            "text": f"{signed(pair.rank, 2)}{' ✕' if pair.disagree else ''}",
            "short": "✕" if pair.disagree else "",
        }
        overlap = {
            "row": other,
            "column": one,
            "value": pair.overlap,
            "text": percent(pair.overlap),
            "short": f"{100 * pair.overlap:.0f}",
        }
        squares += [rank, overlap]
    x = {
        "field": "column",
        "type": "nominal",
        "sort": order,
        "scale": {"domain": order},
        "axis": {"title": None, "orient": "top", "labelAngle": -35, "labelOverlap": False, "domain": False},
    }
    y = {
        "field": "row",
        "type": "nominal",
        "sort": order,
        "scale": {"domain": order},
        "axis": {"title": None, "labelOverlap": False, "labelLimit": 220, "domain": False},
    }
    colour = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [0, 1], "range": [palette.surface, palette.positive]},
        "legend": None,
    }
    data = {"values": squares}
    narrow = f"width < {_ROOM * len(order)}"
    sizes = {"text": f"{narrow} ? 0 : 13", "short": f"{narrow} ? 11 : 0"}
    layers = [
        {
            "data": data,
            "mark": {"type": "rect", "cornerRadius": 3},
            "encoding": {"x": x, "y": y, "color": colour},
        },
        *(
            {
                "data": data,
                "mark": {"type": "text", "fontSize": {"expr": size}, "color": palette.text},
                "encoding": {"x": x, "y": y, "text": {"field": field, "type": "nominal"}},
            }
            for field, size in sizes.items()
        ),
    ]
    return frame(layers, 110 + _ROW * len(order), _finding(found, titles), palette)


def _finding(found: Agreement, titles: Mapping[str, str]) -> str:
    nearest = max(found.pairs, key=lambda pair: pair.rank)
    farthest = min(found.pairs, key=lambda pair: pair.rank)
    return (
        f"Of {len(found.names)} methods {titles[nearest.one]} and {titles[nearest.other]} agree most (rank "
        f"correlation {nearest.rank:+.2f}, {percent(nearest.overlap)} of the strongest {percent(STRONGEST)} in "
        f"common), {titles[farthest.one]} and {titles[farthest.other]} least ({farthest.rank:+.2f}, "
        f"{percent(farthest.overlap)})."
    )
