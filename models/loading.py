"""From a stored version to a model that answers."""

from __future__ import annotations

import threading
from functools import lru_cache

from data.failures import CrumbtrailError
from governance import digests, registry
from governance.registry import Version
from governance.store import Store
from models import catalogue
from models.spec import Model

_lock = threading.Lock()


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
        If the arrays in it are not those of the record.
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
    model = definition.restore(content)
    _, found = digests.of_arrays(definition.arrays(model))
    if found != weights_digest:
        raise ArtefactRefused(
            f"The artefact of {reference} holds other arrays than its record says "
            f"({found[:12]}… instead of {weights_digest[:12]}…). It is not used."
        )
    return model
