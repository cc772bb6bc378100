"""What an explanation needs of a model, in levels: answers alone, or more and more of what is inside.

A model that only answers can still be asked what happens when its input changes; gradients, maps of layers and
trees are more than that. Each method names the lowest level that it can do with, and the sentence why it does
not fit a model follows from the level.
"""

from __future__ import annotations

from typing import Literal

from models.spec import Capability, ModelSpec

Level = Literal["probabilities", "logits", "gradients", "layers", "trees", "tree"]

# A network gives its logits along with their gradients (`models.spec.HasNetwork`); every model gives probabilities.
_OFFERED_BY: dict[Level, frozenset[Capability]] = {
    "logits": frozenset({"gradients"}),
    "gradients": frozenset({"gradients"}),
    "layers": frozenset({"layers"}),
    "trees": frozenset({"tree", "trees"}),
    "tree": frozenset({"tree"}),
}
_IN_WORDS: dict[Level, str] = {
    "logits": "a network that gives logits",
    "gradients": "a network whose gradients can be taken",
    "layers": "a network with a convolution whose maps can be read",
    "trees": "a model made of decision trees",
    "tree": "a model that is one readable tree",
}
_LACKED: dict[Level, str] = {"trees": "is not", "tree": "is not"}


def offers(spec: ModelSpec, level: Level) -> bool:
    """Whether a model can be asked at a level."""
    return level == "probabilities" or bool(_OFFERED_BY[level] & spec.capabilities)


def lacking(asked: str, spec: ModelSpec, level: Level) -> str | None:
    """The reason, in one sentence, that something cannot be asked of a model; None where it can.

    Parameters
    ----------
    asked : str
        What is asked, as the sentence begins.
    """
    if offers(spec, level):
        return None
    return f"{asked} needs {_IN_WORDS[level]}, and {spec.title} {_LACKED.get(level, 'offers none')}."
