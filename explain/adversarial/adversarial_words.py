"""What an adversarial example shows, in plain sentences made from its values."""

from __future__ import annotations

import numpy as np

from explain.adversarial.adversarial_example import LEVELS, AdversarialExample, Kind
from explain.numbers import percent, plural
from models.spec import ModelSpec

# What may change, as it stands inside a sentence.
_WHAT: dict[Kind, str] = {"smallest": "any pixel may change", "soft": "only soft shades are added"}
# Factors by which a difference is enlarged for the eye.
_ROUND = sorted(step * 10**power for power in range(5) for step in (1, 2, 5))


def adversarial_finding(spec: ModelSpec, found: AdversarialExample | None, kind: Kind) -> tuple[str, ...]:
    """Say what was found, how large it is, whether it survives in a file, and what it is not.

    Parameters
    ----------
    spec : ModelSpec
        Names the classes.
    found : AdversarialExample or None
        What was found, of a kind.
    kind : str
        What was looked for.
    """
    if found is None:
        return (f"No adversarial example was found where {_WHAT[kind]}. There may be one still.",)
    before, after = (spec.classes[int(np.argmax(answer))] for answer in (found.before, found.after))
    said = (
        f"The answer changes from {before} ({percent(found.before.max())}) to {after} "
        f"({percent(found.after.max())}) where {_WHAT[kind]}, and no value by more than "
        f"{found.largest:.1f} of {LEVELS} levels."
    )
    return said, _as_a_file(spec, found), "This does not explain the answer. It shows how thin it is."


def adversarial_size(found: AdversarialExample) -> str:
    """Say how large an adversarial example is, and what looking for it took."""
    return (
        f"Size of the change: {found.l2:.2f} in L2, where one channel of one pixel from none to full counts 1. "
        f"Looking took {found.passes.forward:,} passes forward and {found.passes.backward:,} back."
    )


def magnification(found: AdversarialExample) -> int:
    """By what round number the difference can be multiplied, at most, and still fit into the range of a picture."""
    most = 0.5 * LEVELS / found.largest
    return max((factor for factor in _ROUND if factor <= most), default=1)


def magnified(found: AdversarialExample) -> np.ndarray:
    """The difference times `magnification` around middle grey, ndarray of shape (height, width, 3) in [0, 1]."""
    return np.clip(0.5 + magnification(found) * found.difference, 0, 1)


def _as_a_file(spec: ModelSpec, found: AdversarialExample) -> str:
    if found.saved is None or found.after_saved is None or found.largest_saved is None:
        return "It is lost in a file of 8 bits a channel, even at 64 times its strength."
    answer = spec.classes[int(np.argmax(found.after_saved))]
    return (
        f"Saved as a file, where a level is the smallest step, and made as strong as that needs, no value "
        f"changes by more than {plural(found.largest_saved, 'level')}, and the model says {answer} "
        f"({percent(found.after_saved.max())})."
    )
