"""``GET /api/models`` and ``GET /api/models/{model}``: what can be asked here."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException

from governance import registry
from governance.home import open_store
from governance.record import RecordError
from governance.registry import Version
from models import catalogue
from models.catalogue import UnknownModel
from models.spec import Definition

router = APIRouter(tags=["models"])


@router.get("/models")
def list_models() -> dict[str, Any]:
    """Every model of the catalogue with its champion, null before its first version; and what is left out of it.

    A version whose record is damaged has a ``problem`` in place of its figures.
    """
    store = open_store()
    stored = registry.models(store)
    return {
        "models": [
            _summary(d, registry.resolve(store, d.spec.name) if d.spec.name in stored else None)
            for d in catalogue.definitions()
        ],
        "problems": catalogue.problems(),
    }


@router.get("/models/{model}")
def show_model(model: str) -> dict[str, Any]:
    """One model: what it takes and gives, its card, and all of its versions, newest first."""
    try:
        definition = catalogue.definition(model)
    except UnknownModel as error:
        raise HTTPException(404, str(error)) from error
    store = open_store()
    versions = registry.versions(store, model)
    champion = registry.resolve(store, model) if versions else None
    spec, card = definition.spec, definition.card
    return {
        **_summary(definition, champion),
        "summary": card.summary,
        "intended_use": card.intended_use,
        "limits": list(card.limits),
        "users": list(card.users),
        "image_size": spec.image_size,
        "features": [
            {"name": f.name, "label": f.label, "unit": f.unit, "low": f.low, "high": f.high, "step": f.step}
            for f in spec.features
        ],
        "versions": [_version(version) for version in versions],
    }


def _summary(definition: Definition, champion: Version | None) -> dict[str, Any]:
    spec, card = definition.spec, definition.card
    return {
        "name": spec.name,
        "title": spec.title,
        "question": card.question,
        "modality": spec.modality,
        "classes": list(spec.classes),
        "dataset": definition.dataset,
        "owner": card.owner,
        "tags": list(card.tags),
        "champion": _version(champion) if champion else None,
    }


def _version(version: Version) -> dict[str, Any]:
    told = {
        "version": version.reference,
        "aliases": list(version.aliases),
        "record": version.record_id,
        "created": version.created,
    }
    try:
        results = version.record.results
        figure = results.figure
    except RecordError as error:
        return told | {"problem": str(error)}
    return told | {
        "weights_digest": version.weights_digest,
        results.headline.name: {"value": figure.value, "interval": figure.interval and list(figure.interval)},
    }
