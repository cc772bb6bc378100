"""How far a picture lies from the training pictures, in the network's own features.

The distance is that to the nearest training picture, both with features of length 1 (Y. Sun et al.,
"Out-of-distribution detection with deep nearest neighbors", ICML 2022, with the first neighbour). It is
compared with the same distance of pictures that are like those of the training and decided no weight: a
photo with photos, a rendered scene with scenes, for each source lies at distances of its own.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from data import scenes
from explain.neighbours import features
from explain.neighbours.examples import PICTURES, Examples, examples, to_nearest
from explain.neighbours.features import penultimate
from explain.neighbours.learned import Learned
from explain.numbers import percent
from explain.typicality.typicality import Typicality, level_of, of_scene, worst
from governance import measurements
from governance.registry import Version
from governance.store import Store
from models.spec import Model, ModelSpec, Report

if TYPE_CHECKING:
    from data.bakery import Scene

NAME = "typicality"
UNKNOWN = (
    "How usual it is cannot be said: the version learned from photos too, and they are not on this machine. "
    "To be far from every scene is nothing unusual for a photo."
)
DEFAULT_N = PICTURES
# Two bytes a feature: rows have length 1, so the error of a distance is below 0.001, and a row of 80
# takes 216 characters, where three decimals, which are less exact, would take 480.
_STORED = "<f2"
_DIGITS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What a picture is compared with.

    Attributes
    ----------
    known : ndarray of shape (n, d)
        Features of training pictures.
    usual : ndarray of shape (m,)
        Distances of pictures that were kept back to the nearest of `known`; at least one.
    what : str
        What was compared, for a sentence.
    """

    known: np.ndarray
    usual: np.ndarray
    what: str


def unsupported(spec: ModelSpec) -> str | None:
    """The reason, in one sentence, that `measure` cannot be run on a model; None where it can."""
    return features.unsupported(spec)


def reference_for(found: Examples, rendered: bool) -> Reference | None:
    """What a picture is fairly compared with; None where nothing among the examples is.

    Parameters
    ----------
    found : Examples
    rendered : bool
        Whether the picture is a scene, be it with changed pixels; else it is a photo. To a version that
        learned from both, a photo may be usual and still far from every scene, so scenes do not stand in
        for its photos. One that learned from a single source is asked about everything by that.
    """
    own = [i for i, name in enumerate(found.sources) if (name in scenes.SOURCES) == rendered]
    if not own and (found.instead or len(found.sources) > 1):
        return None
    index = own[0] if own else 0
    if not len(found.apart[index]):
        return None
    known = found.features[found.source == index]
    return Reference(known, found.apart[index], f"{found.counted(index)} of the training")


def of_picture(model: Model, picture: np.ndarray, reference: Reference) -> Typicality:
    """Where a picture lies.

    Parameters
    ----------
    model : Model
        The one whose features the reference holds.
    picture : ndarray of shape (height, width, 3), float32 in [0, 1]
    """
    distance = float(to_nearest(penultimate(model, picture[None]), reference.known)[0])
    # Stored distances are rounded, and a network's features depend on the batch in their last bits.
    share = float(np.mean(reference.usual >= distance - 10.0**-_DIGITS))
    further = "none" if share == 0 else percent(share)
    return Typicality(
        level_of(share),
        share,
        f"In the network's features it lies {distance:.2f} from the nearest of {reference.what} (0: the same, 1.41: "
        f"nothing in common); of {len(reference.usual)} pictures of that kind that were kept back, {further} lie that "
        "far or further.",
    )


def among(
    found: Examples | None, model: Model, picture: np.ndarray, scene: Scene | None, changed: bool
) -> Typicality | None:
    """Where a picture lies, by all that is known about it; None where nothing is.

    Parameters
    ----------
    found : Examples or None
        Those of the version.
    picture : ndarray of shape (height, width, 3), float32 in [0, 1]
    scene : Scene or None
        What it was rendered from, which is compared with the prior.
    changed : bool
        Whether the pixels of that scene were changed since, so that the prior does not say everything.
    """
    levels = [] if scene is None else [of_scene(scene)]
    if found is not None and (changed or scene is None):
        reference = reference_for(found, rendered=scene is not None)
        if reference is not None:
            levels.append(of_picture(model, picture, reference))
    return worst(*levels) if levels else None


def measure(model: Model, n: int, seed: int, report: Report, learned: Learned) -> dict[str, Any]:
    """Measure what is usual for each source that a version learned from, to be kept with it.

    Parameters
    ----------
    n, seed : int
        See `explain.neighbours.examples.examples`.
    learned : Learned
        The version's pictures.

    Returns
    -------
    dict
        JSON values: ``sources``, each with ``name``, ``examples`` (``name``, ``label``, ``digest`` and
        ``features``, float16 as Base64) and ``apart`` (distances, ascending); ``instead``.

    Raises
    ------
    ValueError
        If the model does not fit; see `unsupported`.
    """
    reason = unsupported(model.spec)
    if reason is not None:
        raise ValueError(reason)
    found = examples(model, learned, report, n, seed)
    sources = [
        {
            "name": name,
            "examples": [
                _stored_example(found, row) for row in range(len(found.names)) if found.source[row] == index
            ],
            "apart": np.round(found.apart[index], _DIGITS).tolist(),
        }
        for index, name in enumerate(found.sources)
    ]
    return {"sources": sources, "instead": found.instead}


def _stored_example(found: Examples, row: int) -> dict[str, Any]:
    return {
        "name": found.names[row],
        "label": int(found.labels[row]),
        "digest": found.digests[row],
        "features": base64.b64encode(found.features[row].astype(_STORED).tobytes()).decode("ascii"),
    }


def from_results(results: Mapping[str, Any]) -> Examples | None:
    """The examples that `measure` stored; None for a measurement from before it kept their names and classes."""
    if "sources" not in results:
        return None
    of = [one["examples"] for one in results["sources"]]
    rows = [row for part in of for row in part]
    coded = b"".join(base64.b64decode(row["features"]) for row in rows)
    return Examples(
        features=np.frombuffer(coded, _STORED).reshape(len(rows), -1).astype(np.float64),
        labels=np.array([row["label"] for row in rows], dtype=np.int64),
        names=tuple(row["name"] for row in rows),
        digests=tuple(row["digest"] for row in rows),
        source=np.repeat(np.arange(len(of)), [len(part) for part in of]),
        sources=tuple(one["name"] for one in results["sources"]),
        apart=tuple(np.array(one["apart"], dtype=np.float64) for one in results["sources"]),
        instead=results["instead"],
    )


def stored(store: Store, version: Version) -> Examples | None:
    """The examples that were measured with a version; None where none were, or by an older measurement."""
    found = measurements.newest(store, version, NAME)
    return None if found is None else from_results(found.measurement.results)
