import numpy as np
import pytest

from draw.tree_layout import tree_layout
from tests.explain import toys

NESTED = (1, 0.5, [6, 0, 0], (0, 0.25, [1, 3, 0], [0, 0, 5]))


def test_places_of_a_hand_built_tree():
    spec = toys.make_spec(toys.unit_features(2), 3)
    layout = tree_layout(toys.tree_of(NESTED, 3), spec, np.array([0.9, 0.9]))
    got = [(node.node, node.x, node.y, node.kind, node.on_path) for node in layout.nodes]
    # Leaves are the rows 0, 1, 2 in the last column; each question stands between the leaves it parts.
    assert got == [
        (1, 2.0, 0.0, "leaf", False),
        (0, 0.0, 0.5, "question", True),
        (3, 2.0, 1.0, "leaf", False),
        (2, 1.0, 1.5, "question", True),
        (4, 2.0, 2.0, "leaf", True),
    ]
    assert [node.label for node in layout.nodes] == [
        "a",
        "Feature B ≤ 0.5 cm",
        "b",
        "Feature A ≤ 0.25 cm",
        "c",
    ]
    assert [node.detail for node in layout.nodes] == [
        "100\u00a0% of 6 rows",
        "",
        "75\u00a0% of 4 rows",
        "",
        "100\u00a0% of 5 rows",
    ]
    edges = {(edge.x0, edge.y0, edge.x1, edge.y1): (edge.answer, edge.on_path) for edge in layout.edges}
    assert edges == {
        (0.0, 0.5, 2.0, 0.0): ("yes", False),
        (0.0, 0.5, 1.0, 1.5): ("no", True),
        (1.0, 1.5, 2.0, 1.0): ("yes", False),
        (1.0, 1.5, 2.0, 2.0): ("no", True),
    }
    assert (layout.rows, layout.levels, layout.folded) == (3, 2, 0)


def full_tree(depth, low=0.0, high=1.0):
    if depth == 0:
        return [1, 1]
    middle = (low + high) / 2
    return (0, middle, full_tree(depth - 1, low, middle), full_tree(depth - 1, middle, high))


def test_every_label_has_a_line_of_its_own_at_64_leaves():
    spec = toys.make_spec(toys.unit_features(1), 2)
    layout = tree_layout(toys.tree_of(full_tree(6), 2), spec)
    heights = [node.y for node in layout.nodes]
    assert heights == sorted(heights) and len(set(heights)) == 127
    assert (layout.rows, layout.levels, layout.folded) == (64, 6, 0)
    assert {node.x for node in layout.nodes if node.kind == "leaf"} == {6.0}


def test_no_edge_passes_through_a_label():
    """The line right of a question is empty, whatever the tree."""
    spec = toys.make_spec(toys.five_features(), 4)
    layout = tree_layout(toys.fitted_tree(6).trees[0], spec)
    for node in layout.nodes:
        if node.kind == "question":
            for edge in layout.edges:
                upright = edge.x0 > node.x and min(edge.y0, edge.y1) <= node.y <= max(edge.y0, edge.y1)
                level = edge.y1 == node.y and edge.x1 > node.x
                assert not upright and not level


def test_what_is_too_deep_is_folded_and_counted():
    spec = toys.make_spec(toys.unit_features(1), 2)
    layout = tree_layout(toys.tree_of(full_tree(4), 2), spec, np.array([0.9]), most_levels=2)
    assert (layout.rows, layout.levels, layout.folded) == (4, 2, 4)
    folded = [node for node in layout.nodes if node.kind == "folded"]
    # Below level 2 of a full tree of depth 4: one question and two below it.
    assert {node.detail for node in folded} == {"50\u00a0% of 8 rows, 3 more questions"}
    assert [node.on_path for node in folded] == [False, False, False, True]


@pytest.mark.parametrize("row", [None, np.array([0.3])])
def test_a_tree_without_questions(row):
    layout = tree_layout(toys.tree_of([3, 1], 2), toys.make_spec(toys.unit_features(1), 2), row)
    assert (len(layout.nodes), layout.edges, layout.rows, layout.levels) == (1, (), 1, 0)
    assert layout.nodes[0].on_path is (row is not None)
