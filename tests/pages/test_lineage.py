"""The lineage page: the graph, its steps, the explanation in the URL, and what is declared."""

from __future__ import annotations

import itertools
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ask.asking import answer
from ask.question import Question, RowInput
from draw import lineage_layout as layouts
from draw.charts import lineage_graph
from draw.palette import DARK, LIGHT
from governance import declared, lineage, registry
from governance.declared import Declaration
from governance.home import open_store
from governance.lineage import Edge, Graph, Node
from models import catalogue
from tests.conftest import ROOT
from tests.pages.records_of import alter_record, texts, verify

OpenPage = Callable[..., AppTest]
FLOWER = {"of.sepal_length": "6", "of.sepal_width": "3", "of.petal_length": "4.9", "of.petal_width": "1.7"}
TOY_ROW = {"of.length": "8", "of.width": "2", "of.weight": "40", "of.age": "30", "of.score": "0.5"}
TITLE = "Lineage"


def boxes(page: AppTest) -> dict[str, dict[str, Any]]:
    """What the drawing says of each node, by its identity: the boxes' own looks and the words in them."""
    spec = json.loads(page.get("vega_lite_chart")[0].proto.spec)
    found: dict[str, dict[str, Any]] = {}
    for layer in spec["layer"]:
        for value in layer["data"]["values"]:
            if "node" in value and "edge" not in value:
                found.setdefault(value["node"], {}).update(value)
    return found


def emphasised(page: AppTest) -> set[str]:
    """Nodes whose box has the accent as its border."""
    return {name for name, box in boxes(page).items() if box["stroke"] == LIGHT.accent}


def test_a_version_is_followed_back_to_its_data(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("lineage.py", {"of": "iris_tree@1"})

    assert not page.exception
    assert page.title[0].value == TITLE
    assert {"table:iris", "query", "dataset", "split", "transforms", "code", "environment", "run"} <= set(
        boxes(page)
    )
    # The version is selected until another step is, and all but the alias went into it.
    assert emphasised(page) == set(boxes(page)) - {"alias:champion"}
    assert "Version: iris_tree@1" in texts(page)
    assert boxes(page)["query"]["below"] == "✓ as declared"


def test_the_default_is_the_champion_of_the_catalogue_s_first_model(
    trained_home: Path, open_page: OpenPage
) -> None:
    page = open_page("lineage.py")

    assert page.selectbox(key="of").value == catalogue.names()[0] == "iris_tree"
    assert "version" in emphasised(page)


def test_a_step_from_the_url_is_selected_with_all_that_it_was_made_from(
    trained_home: Path, open_page: OpenPage
) -> None:
    page = open_page("lineage.py", {"of": "iris_tree@1", "node": "split"})

    assert emphasised(page) == {"file:data/iris.csv", "table:iris", "query", "dataset", "split"}
    assert "Split: " in texts(page)
    assert boxes(page)["split"]["thickness"] > boxes(page)["dataset"]["thickness"]


def test_a_table_has_a_step_of_its_own_in_the_url(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("lineage.py", {"of": "iris_tree", "node": "table iris"})

    assert emphasised(page) == {"file:data/iris.csv", "table:iris"}


def click(page: AppTest, node: str, turn: int) -> AppTest:
    """What Streamlit does when somebody clicks on a box of the drawing of that turn."""
    page.session_state["graph"] = {"selection": {"picked": [{"node": node, "turn": turn}]}}
    return page.run()


def test_a_click_selects_a_step_and_the_list_overrules_it(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("lineage.py", {"of": "iris_tree@1"})

    click(page, "dataset", 0)
    assert page.selectbox(key="node").value == "dataset"
    assert emphasised(page) == {"file:data/iris.csv", "table:iris", "query", "dataset"}
    assert page.query_params["node"] == "dataset"

    # The chart still holds the old click; the list has the last word.
    page.session_state["graph"] = {"selection": {"picked": [{"node": "dataset", "turn": 0}]}}
    page.selectbox(key="node").select("run").run()
    assert page.selectbox(key="node").value == "run"

    # The same box again, in the drawing that is seen now.
    turn = json.loads(page.get("vega_lite_chart")[0].proto.spec)["layer"][1]["transform"][-1]["calculate"]
    click(page, "dataset", int(turn))
    assert page.selectbox(key="node").value == "dataset"


def test_a_click_on_nothing_and_on_what_is_not_there_changes_nothing(
    trained_home: Path, open_page: OpenPage
) -> None:
    page = open_page("lineage.py", {"of": "iris_tree@1"})

    click(page, "no such node", 0)
    assert page.selectbox(key="node").value == "version"
    assert not page.exception


def test_an_explanation_in_the_url_is_the_last_crumb(trained_home: Path, open_page: OpenPage) -> None:
    query = {"of": "iris_tree@1", "of.explain": "tree_shap", "of.target": "virginica", **FLOWER}
    page = open_page("lineage.py", query)

    opened = open_store()
    row = RowInput(tuple((name.removeprefix("of."), float(value)) for name, value in FLOWER.items()))
    expected = answer(opened, Question("iris_tree@1", row, method="tree_shap", target="virginica"))
    assert expected.receipt["values_digest"] in [code.value for code in page.code]
    assert page.selectbox(key="node").value == "explanation"
    assert boxes(page)["explanation"]["below"] == "for virginica"
    # From the answer back to the table, without a gap.
    assert {"explanation", "version", "run", "split", "query", "table:iris"} <= emphasised(page)
    assert f"answers {expected.spec.classes[expected.predicted]}" in texts(page)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"of": "nonsense"}, "nonsense"),
        ({"of": "iris_tree@99"}, "There is no iris_tree@99"),
        ({"of": "@"}, "names no version"),
        ({"node": "nonsense"}, "'nonsense'"),
        ({"of.explain": "nonsense", **FLOWER}, "nonsense"),
        ({"of.explain": "tree_shap"}, "gives no input"),
        ({"of.explain": "tree_shap", "of.petal_width": "1"}, "gives no sepal_length"),
        ({"of.explain": "tree_shap", **FLOWER, "of.petal_width": "wide"}, "petal_width=wide"),
        ({"of.explain": "tree_shap", **FLOWER, "of.petal_width": "nan"}, "nan"),
        ({"of.explain": "tree_shap", "of.target": "martian", **FLOWER}, "martian"),
    ],
)
def test_nonsense_in_the_url_is_said_and_the_rest_is_there(
    trained_home: Path, open_page: OpenPage, query: dict[str, str], said: str
) -> None:
    page = open_page("lineage.py", {"of": "iris_tree@1", **query})

    assert not page.exception
    complaints = "\n".join(message.value for message in [*page.warning, *page.error]).replace("\\", "")
    assert said in complaints
    assert "version" in boxes(page)
    assert "explanation" not in boxes(page)


def test_an_alias_in_the_url_names_its_version(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("lineage.py", {"of": "iris_tree@champion"})

    assert not page.warning
    assert page.selectbox(key="of").value == "iris_tree@1"


def test_an_empty_store_says_what_to_do_next(home: Path, nothing_shipped: None, open_page: OpenPage) -> None:
    page = open_page("lineage.py")

    assert not page.exception
    assert page.title[0].value == TITLE
    assert "Train one in the catalogue" in page.info[0].value
    assert not page.get("vega_lite_chart")


def test_a_model_that_nobody_thought_of_has_its_lineage(
    trained_home: Path, toy: object, open_page: OpenPage
) -> None:
    query = {"of": "toy_table@1", "of.explain": "decision_path", "of.target": "south", **TOY_ROW}
    page = open_page("lineage.py", query)

    assert not page.exception
    assert not page.error
    assert {"table:toy_rows", "explanation"} <= emphasised(page)
    assert "Nothing is declared about toy_table" in texts(page)
    # What to write into the file stands there ready.
    example = next(code.value for code in page.code if "hive_table_qualified_names" in code.value)
    assert "workspace.toy_rows@local" in example


def test_what_is_declared_wrongly_is_a_mismatch_in_words(
    trained_home: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Declaration(("workspace.daisies@local",), {"query": "SELECT 1", "colour": "blue"}, "lineage.yaml")
    monkeypatch.setattr(declared, "read", lambda folder=None: {"iris_tree": wrong})
    page = open_page("lineage.py", {"of": "iris_tree@1"})

    assert "2 of 3 entries do not fit" in texts(page)
    assert boxes(page)["query"]["below"] == "✕ mismatch"
    assert boxes(page)["query"]["below_color"] == lineage_graph.STATES["bad"][0]
    cells = page.table[-1].value.to_string()
    assert cells.count("mismatch") == 2
    assert "only declared" in cells


def test_a_record_that_was_altered_is_not_shown(trained_home: Path, open_page: OpenPage) -> None:
    alter_record(trained_home, "iris_tree")
    page = open_page("lineage.py", {"of": "iris_tree@1"})

    assert not page.exception
    assert "was altered in the database" in page.error[0].value.replace("\\", "")
    assert not page.get("vega_lite_chart")


def graph_of(tables: int, aliases: int, explained: bool, verified: bool) -> Graph:
    """A graph of the shape that `governance.lineage.of` gives, with as many tables and aliases as asked."""
    names = [f"table:t{i}" for i in range(tables)]
    chain = ["query", "dataset", "split", "transforms", "run", "version"]
    calls = [f"alias:a{i}" for i in range(aliases)]
    edges = [(name, "query") for name in names] + list(itertools.pairwise(chain))
    edges += [("code", "run"), ("environment", "run")] + [("version", name) for name in calls]
    identities = [*names, *chain, "code", "environment", *calls]
    if verified:
        identities.append("verification")
        edges.append(("version", "verification"))
    if explained:
        identities.append("explanation")
        edges += [(name, "explanation") for name in calls or ["version"]]
    metrics = {"metrics": {"accuracy": {"value": 0.9}}}
    nodes = tuple(Node(name, name.partition(":")[0], name, metrics) for name in identities)
    return Graph(nodes, tuple(Edge(source, target, "goes to") for source, target in edges))


SHAPES = list(itertools.product(range(5), range(5), (False, True), (False, True)))


@pytest.mark.parametrize("arrange", [layouts.wide, layouts.tall])
def test_every_node_has_a_place_of_its_own_inside_the_drawing(
    arrange: Callable[[Graph], layouts.Layout],
) -> None:
    for shape in SHAPES:
        check_places(graph_of(*shape), arrange)


def check_places(graph: Graph, arrange: Callable[[Graph], layouts.Layout]) -> None:
    layout = arrange(graph)
    assert set(layout.places) == {node.id for node in graph.nodes}
    places = list(layout.places.values())
    for number, (x, y) in enumerate(places):
        assert 0 <= x <= layout.columns - 1
        assert 0 <= y <= layout.rows - 1
        for other_x, other_y in places[number + 1 :]:
            assert x != other_x or abs(y - other_y) >= 1


@pytest.mark.parametrize("arrange", [layouts.wide, layouts.tall])
def test_a_line_goes_from_border_to_border(arrange: Callable[[Graph], layouts.Layout]) -> None:
    graph = graph_of(2, 2, True, True)
    layout = arrange(graph)
    for edge in graph.edges:
        drawn = layouts.curve(layout, edge)
        for point, name in ((drawn.points[0], edge.source), (drawn.points[-1], edge.target)):
            x, y = layout.places[name]
            across, along = point[0] - x, abs(point[1] - y)
            on_side = across in (0, pytest.approx(layout.box_width)) and along == pytest.approx(0)
            on_end = across == pytest.approx(layout.box_width / 2) and along == pytest.approx(0.39)
            assert on_side or on_end, (edge, point)


def test_states_have_the_theme_s_colours_in_both_looks(trained_home: Path) -> None:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    assert lineage_graph.STATES["good"] == (
        theme["light"]["greenTextColor"],
        theme["dark"]["greenTextColor"],
    )
    assert lineage_graph.STATES["bad"] == (theme["light"]["redTextColor"], theme["dark"]["redTextColor"])

    graph = Graph((*graph_of(1, 1, False, False).nodes[:-1], Node("alias:a0", "alias", "a0", {}, "good")), ())
    for palette, colour in ((LIGHT, theme["light"]), (DARK, theme["dark"])):
        drawn = json.dumps(lineage_graph.lineage_chart(graph, "version", 0, palette))
        assert colour["greenTextColor"] in drawn
        assert palette.accent in drawn


@pytest.mark.parametrize(
    ("level", "words", "colour"),
    [
        ("bit-identical", "✓ holds", lineage_graph.STATES["good"][0]),
        ("within tolerance", "≈ nearly the same", LIGHT.muted),
        ("not comparable", "✕ does not hold", lineage_graph.STATES["bad"][0]),
    ],
)
def test_what_was_made_again_is_judged_in_words(
    trained_home: Path, open_page: OpenPage, level: str, words: str, colour: str
) -> None:
    verify("iris_tree@1", level)
    page = open_page("lineage.py", {"of": "iris_tree@1", "node": "verification"})

    assert boxes(page)["verification"]["below"] == words
    assert boxes(page)["verification"]["below_color"] == colour
    assert "Version **iris_tree@1**, *made again*, came out this way." in texts(page)
    assert f"Made again: {level}" in texts(page)


def test_the_graph_can_be_downloaded_whole(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("lineage.py", {"of": "iris_tree@1"})
    opened = open_store()
    whole = lineage.of(opened, registry.resolve(opened, "iris_tree@1")).to_json()

    assert [button.label for button in page.get("download_button")] == ["Download this graph as JSON"]
    assert {node["id"] for node in whole["nodes"]} == set(boxes(page))
