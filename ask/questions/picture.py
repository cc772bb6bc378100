"""Looks at any picture, photo or scene: all methods' maps, nudges, and regions that are covered."""

from __future__ import annotations

from typing import Any

import numpy as np

from ask.questions.base import Asked, Look, Table, Told, always, of_classes
from explain import methods
from explain.adversarial import adversarial_example
from explain.adversarial.adversarial_example import AdversarialExample, Kind
from explain.adversarial.adversarial_words import adversarial_finding, adversarial_size
from explain.attributions import background
from explain.attributions.attribution import Attribution
from explain.attributions.superpixels import superpixels
from explain.concepts.regions import FILLS, REGIONS, RegionEffects, region_effects
from explain.concepts.regions import finding as regions_finding
from explain.numbers import percent, signed
from explain.targets import ClassTarget
from explain.truth.agreement import agreement
from explain.truth.agreement import finding as agreement_finding
from models.spec import Definition, Progress

_KINDS: tuple[Kind, ...] = ("smallest", "soft")
# So many regions are printed; all of them stand in the JSON.
_PRINTED = 8


def maps_of(asked: Asked) -> dict[str, Attribution]:
    """The map of every method that fits, by its name; each is made once."""
    fits = [
        methods.image_method(one.method.name) for one in methods.for_spec(asked.spec) if one.reason is None
    ]
    for number, method in enumerate(fits):
        if method.name not in asked.maps:
            asked.report(Progress(method.title, number, len(fits)))
            more = {}
            if method.needs_background:
                more["background"] = background.of_dataset(asked.compared_with, asked.spec)
            asked.maps[method.name] = method.attribute(
                asked.model, asked.input, ClassTarget(asked.target_of_input), **more
            )
    return asked.maps


def _too_few(definition: Definition) -> str | None:
    fits = [fit for fit in methods.for_spec(definition.spec) if fit.reason is None]
    if len(fits) > 1:
        return None
    return f"Fewer than two methods fit {definition.spec.title}, so there is nothing to compare."


def _methods(asked: Asked) -> Told:
    maps = maps_of(asked)
    titles = {name: methods.method(name).title for name in maps}
    found = agreement({name: one.values for name, one in maps.items()})
    pairs = [
        {"one": p.one, "other": p.other, "rank": p.rank, "overlap": p.overlap, "disagree": p.disagree}
        for p in found.pairs
    ]
    used = {
        name: {"title": titles[name], "passes": {"forward": one.passes, "backward": one.backward_passes}}
        for name, one in maps.items()
    }
    rows = [
        (
            f"{titles[p.one]} · {titles[p.other]}",
            signed(p.rank, 2),
            percent(p.overlap),
            "yes" if p.disagree else "",
        )
        for p in found.pairs
    ]
    return Told(
        words=(agreement_finding(found, titles),),
        values={"target": asked.spec.classes[asked.target_of_input], "methods": used, "pairs": pairs},
        table=Table(("Methods", "Rank correlation", "Strongest 20 % in common", "Disagree"), rows),
    )


def _nudge(asked: Asked) -> Told:
    words: list[str] = []
    values: dict[str, Any] = {}
    for number, kind in enumerate(_KINDS):
        asked.report(Progress(f"Looking for a nudge ({kind})", number, len(_KINDS)))
        found = adversarial_example.adversarial_example(asked.model, asked.input, kind)
        sentences = adversarial_finding(asked.spec, found, kind)
        words += [one for one in sentences if one not in words]
        words += [] if found is None else [adversarial_size(found)]
        values[kind] = {"found": False} if found is None else _nudge_values(asked, found)
    return Told(tuple(words), values)


def _nudge_values(asked: Asked, found: AdversarialExample) -> dict[str, Any]:
    saved = None
    if found.after_saved is not None:
        saved = {"largest_levels": found.largest_saved, **of_classes(asked.spec, found.after_saved)}
    return {
        "found": True,
        "before": of_classes(asked.spec, found.before),
        "after": of_classes(asked.spec, found.after),
        "l2": found.l2,
        "largest_levels": found.largest,
        "saved": saved,
        "passes": {"forward": found.passes.forward, "backward": found.passes.backward},
    }


def _regions(asked: Asked) -> Told:
    labels = superpixels(asked.input, REGIONS)
    found: dict[str, RegionEffects] = {}
    for number, fill in enumerate(FILLS):
        asked.report(Progress(f"Covering regions ({fill})", number, len(FILLS)))
        found[fill] = region_effects(asked.model, asked.input, labels, asked.target_of_input, fill)
    first = found[FILLS[0]]
    strongest = np.argsort(-np.abs(first.weight), kind="stable")[:_PRINTED]
    rows = [
        (
            str(region + 1),
            _place(labels == region),
            *(signed(one.weight[region], 2) for one in found.values()),
        )
        for region in strongest
    ]
    return Told(
        words=tuple(
            f"Covered by {_FILLED[fill]}: {regions_finding(asked.spec, one)}" for fill, one in found.items()
        ),
        values={
            "target": asked.spec.classes[asked.target_of_input],
            "regions": [_where(labels == region, region) for region in range(len(first.weight))],
            "fills": {fill: _region_values(asked, one) for fill, one in found.items()},
        },
        table=Table(("Region", "Middle (x, y)", *(f"Logits, {_FILLED[fill]}" for fill in found)), rows),
    )


_FILLED = {"mean": "its mean colour", "blurred": "a blur"}


def _region_values(asked: Asked, found: RegionEffects) -> dict[str, Any]:
    return {
        "weights": found.weight.tolist(),
        "without": [of_classes(asked.spec, answer) for answer in found.without],
    }


def _where(mask: np.ndarray, region: int) -> dict[str, Any]:
    """A region's number, as on the page, its size and its box in pixels, the ends excluded."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]
    return {"region": region + 1, "pixels": int(mask.sum()), "box": box}


def _place(mask: np.ndarray) -> str:
    y, x = (round(float(axis.mean())) for axis in np.nonzero(mask))
    return f"{x}, {y}"


LOOKS = (
    Look("methods", "Do the methods agree?", "picture", _too_few, _methods, takes=("target", "background")),
    Look(
        "nudge",
        "How thin is this answer?",
        "picture",
        lambda definition: adversarial_example.unsupported(definition.spec),
        _nudge,
    ),
    Look("regions", "Which regions the answer hangs on", "picture", always, _regions, takes=("target",)),
)
