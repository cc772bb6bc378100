"""From a stored version to a model that answers."""

from __future__ import annotations

import threading
from functools import lru_cache

import numpy as np

from data.failures import CrumbtrailError
from governance import digests, registry
from governance.registry import Version
from governance.store import Store
from models import catalogue
from models.spec import Definition, Model

_lock = threading.Lock()
# So many characters of what a library says of a file are repeated in a sentence.
_MOST_SAID = 200


class ArtefactRefused(CrumbtrailError):
    """An artefact does not hold the model that its record describes."""


def load(store: Store, version: Version) -> Model:
    """The model of a version, kept for the next caller in this process.

    The file's digest is compared before it is opened, and the digest of the arrays inside after.

    Raises
    ------
    BlobMissing, BlobAltered
        If the stored file is gone or was altered.
    ArtefactRefused
        If it holds no model that answers as the catalogue says, or the arrays in it are not those of the record.
    UnknownModel
        If the catalogue no longer has the model.
    """
    # The content is read and compared every time, so that an altered file is refused also when the
    # model is still in memory; it is a few kilobytes to a few megabytes.
    content = registry.artefact(store, version)
    with _lock:
        return _restore(version.model, version.reference, content, version.weights_digest)


@lru_cache(maxsize=16)
def _restore(name: str, reference: str, content: bytes, weights_digest: str) -> Model:
    definition = catalogue.definition(name)
    try:
        model = definition.restore(content)
        _check_answer(definition, model)
        _, found = digests.of_arrays(definition.arrays(model))
    except Exception as error:
        # Whatever a library raises for a file that somebody made to fail, it means the same here.
        raise refused(reference, error) from error
    if found != weights_digest:
        raise ArtefactRefused(
            f"The artefact of {reference} holds other arrays than its record says "
            f"({found[:12]}… instead of {weights_digest[:12]}…). It is not used."
        )
    return model


def refused(reference: str, error: Exception, what: str = "artefact") -> ArtefactRefused:
    """The sentence for a stored file of a version that could not be read, with what the error says of it."""
    said = " ".join(str(error).split())[:_MOST_SAID].rstrip(".") or type(error).__name__
    return ArtefactRefused(
        f"The {what} of {reference} cannot be read as its model: {said}. It is not used. "
        f"Restore it from a backup, ask another version, or train a new one."
    )


def _check_answer(definition: Definition, model: Model) -> None:
    """Raise `ValueError` unless the model gives a probability for each class of its spec.

    Whatever the model is, and whoever wrote it: arrays of other shapes may still give some answer.
    """
    spec = definition.spec
    batch = np.array([[feature.default for feature in spec.features]])
    if spec.image_size is not None:
        batch = np.full((1, spec.image_size, spec.image_size, 3), 0.5, dtype=np.float32)
    answer = np.asarray(model.predict_proba(batch))
    if answer.shape != (1, len(spec.classes)):
        raise ValueError(f"it answers with shape {answer.shape} for {len(spec.classes)} classes")
    if not (np.all(answer >= 0) and np.isclose(answer.sum(), 1, atol=1e-3)):
        raise ValueError("its answers are no probabilities")
