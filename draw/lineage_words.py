"""What is said about the things in a lineage graph."""

from __future__ import annotations

from draw.markdown import plain
from governance.lineage import Graph, Node

_KINDS = {"verification": "Made again"}
_MEANING = {
    "file": "What the table was filled from, once. The digest is that of the file then.",
    "table": "Where the data were kept when the training read them.",
    "query": "The question that was put to the tables, as the training asked it.",
    "scenes": "The parameters of every picture, drawn at random from a seed.",
    "renderer": "The program that draws a picture from its parameters, with its version and files.",
    "photos": "Photos as they were found in a folder; what could not be used is named.",
    "dataset": "What the training was given. The fingerprint changes when a single value does.",
    "split": "Which rows were learned from, and which were kept back to judge the model.",
    "transforms": "What was done to the rows before the training, in this order.",
    "code": "Every file of the repository that the training loaded, each with its digest.",
    "environment": "The machine, the libraries and the numeric settings of the training.",
    "run": "The training itself, with the parameters it was given.",
    "version": "What the training made: a model that never changes again.",
    "verification": "The newest try to make the version again in a fresh process.",
    "alias": "A name that points to the version now and may be moved to another.",
    "explanation": "The answer that you followed here. Its receipt says what decides every value in it.",
}


def kind_words(node: Node) -> str:
    """What kind of thing a node is."""
    return _KINDS.get(node.kind, node.kind.capitalize())


def meaning(node: Node) -> str:
    """What this kind of thing is, for somebody who never saw one."""
    return _MEANING.get(node.kind, "")


def title(node: Node) -> str:
    """A node's title without the word that its kind says already."""
    if node.kind == "query":
        return " ".join(str(node.facts.get("sql", "")).split()) or node.title
    return node.title.removeprefix(f"{node.kind.capitalize()} ")


def short_title(node: Node) -> str:
    """A title that fits into a line of text."""
    words = title(node)
    return words if len(words) <= 40 else f"{words[:38].rstrip()}…"


def state_words(node: Node) -> str:
    """What was found when the node was checked, with a sign that does not need colour."""
    if node.kind == "verification":
        return {"good": "✓ holds", "bad": "✕ does not hold"}.get(node.state, "≈ nearly the same")
    if node.kind in ("file", "dataset", "code") and node.state == "bad":
        return "✕ changed since"
    if node.kind == "file":
        return {"good": "✓ as it was"}.get(node.state, "")
    return {"good": "✓ as declared", "bad": "✕ mismatch"}.get(node.state, "")


def detail(node: Node) -> str:
    """One fact that tells a node from others of its kind; empty where there is none so short."""
    facts = node.facts
    if node.kind == "dataset":
        # A dataset of pictures has no columns.
        return f"{facts.get('rows')} {'rows' if facts.get('features') else 'pictures'}"
    if node.kind == "run":
        return f"seed {facts.get('parameters', {}).get('seed')}"
    if node.kind == "version":
        return f"accuracy {facts['metrics']['accuracy']['value']:.3f}"
    if node.kind == "environment":
        return f"{len(facts.get('distributions', {}))} libraries"
    if node.kind == "alias":
        return "a movable name"
    if node.kind == "explanation":
        return f"for {facts.get('target')}"
    return ""


def option(identity: str) -> str:
    """How a node is called in the list of steps and in the URL: ``table iris`` for ``table:iris``."""
    return identity.replace(":", " ")


def beside(graph: Graph, node: Node) -> str:
    """What a node was made from and what was made from it, as sentences in Markdown."""
    names = {n.id: f"{kind_words(n).lower()} **{plain(short_title(n))}**" for n in graph.nodes}
    names |= {n.id: f"**{plain(short_title(n))}**" for n in graph.nodes if n.kind == "verification"}
    here = {"transforms": "these transforms", "verification": "this way"}
    words = here.get(node.kind, f"this {kind_words(node).lower()}")
    before = [_clause(names[e.source], e.verb, words) for e in graph.edges if e.target == node.id]
    after = [_clause(words, e.verb, names[e.target]) for e in graph.edges if e.source == node.id]
    sentences = [" and ".join(before), " and ".join(after)]
    return " ".join(f"{sentence[:1].upper()}{sentence[1:]}." for sentence in sentences if sentence)


def _clause(source: str, verb: str, target: str) -> str:
    # The one verb of the graph that is none: a version does not make again, it is.
    if verb == "made again":
        return f"{source}, *made again*, came out {target}"
    return f"{source} *{verb}* {target}"
