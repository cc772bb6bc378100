"""``python -m explain MODEL[@V] INPUT --method NAME``: the values that the page shows."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np

from data.failures import UserMistake, ends_clearly
from explain import methods
from explain.attributions import background
from explain.explanation import Explanation, explain_row
from explain.image_explanation import ImageExplanation, explain_image
from explain.rows import nearest_flip
from explain.trust import trust_thresholds
from explain.trust.report import TrustReport, assess
from governance import console, measurements, registry, setup
from governance.registry import Version
from governance.store import Store, open_store
from models import catalogue, inputs, loading
from models.spec import Model, ModelSpec


@click.command()
@click.argument("reference", metavar="MODEL[@VERSION|@ALIAS]")
@click.argument("given", metavar="INPUT")
@click.option("--method", "name", required=True, help=f"One of {', '.join(methods.names())}.")
@click.option("--target", metavar="CLASS", help="The class to explain; the predicted one by default.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the values as a .npy file."
)
@click.option(
    "--background",
    "compared",
    metavar="DATA",
    help="For gradient_shap: a dataset or folder of photos to compare with; the model's own by default.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@ends_clearly
def explain(
    reference: str,
    given: str,
    name: str,
    target: str | None,
    out: Path | None,
    compared: str | None,
    as_json: bool,
) -> None:
    """Explain a version's answer for one input: a picture, feature=value,... or a CSV file with one row."""
    definition = catalogue.definition(registry.split_reference(reference)[0])
    spec = definition.spec
    _check(spec, name, target, out)
    found = inputs.read(spec, [given])
    if len(found.x) != 1:
        raise UserMistake(f"{given} holds {len(found.x)} inputs; an explanation is of one. Give that one.")
    store = open_store()
    version = setup.version_for(store, reference, console.ProgressLine())
    asked = _Asked(loading.load(store, version), found.x[0], name, target, version)
    written = None if out is None else str(out)
    explanation: Explanation | ImageExplanation
    if spec.modality == "image":
        explanation, trust = _of_picture(store, asked, compared or definition.dataset)
        told, words = explanation.to_json(written, trust), (*explanation.words, trust.told)
    else:
        explanation = _of_row(asked)
        told, words = explanation.to_json(written), explanation.words
    if out is not None:
        _write(explanation.attribution.values, out)
    if as_json:
        console.print_json(told)
    else:
        _print(spec, explanation, words)


class _Asked(NamedTuple):
    model: Model
    x: np.ndarray
    method: str
    target: str | None
    version: Version


def _of_row(asked: _Asked) -> Explanation:
    model, row, method, target, version = asked
    return explain_row(
        model,
        row,
        method,
        target,
        version=version.reference,
        weights_digest=version.weights_digest,
        flip=None if nearest_flip.unsupported(model.spec) else nearest_flip.nearest_flip(model, row),
    )


def _of_picture(store: Store, asked: _Asked, compared: str) -> tuple[ImageExplanation, TrustReport]:
    """The explanation and the checks of its map. Of a file nobody knows where the object is."""
    model, picture, name, target, version = asked
    method = methods.image_method(name)
    others = background.of_dataset(compared, model.spec) if method.needs_background else None
    explanation = explain_image(
        model,
        picture,
        name,
        target,
        version=version.reference,
        weights_digest=version.weights_digest,
        background=others,
    )
    return explanation, assess(
        model,
        explanation.picture,
        method,
        explanation.attribution,
        background=others,
        thresholds=_thresholds(store, version, model.spec),
    )


def _thresholds(store: Store, version: Version, spec: ModelSpec) -> Mapping[str, Any] | None:
    if trust_thresholds.unsupported(spec) is not None:
        return None
    kept = measurements.newest(store, version, trust_thresholds.NAME)
    return None if kept is None else kept.body["results"]


def _check(spec: ModelSpec, name: str, target: str | None, out: Path | None) -> None:
    """Refuse what cannot be done before anything is trained or loaded for it."""
    reason = methods.method(name).unsupported(spec)
    if reason is not None:
        raise UserMistake(reason)
    if target is not None and target not in spec.classes:
        raise UserMistake(f"{spec.name} has no class {target!r}. Its classes: {', '.join(spec.classes)}.")
    if out is not None and not out.resolve().parent.is_dir():
        raise UserMistake(f"There is no folder {out.parent} for {out.name}.")


def _write(values: np.ndarray, out: Path) -> None:
    content = io.BytesIO()
    np.save(content, values, allow_pickle=False)
    out.write_bytes(content.getvalue())


def _print(spec: ModelSpec, explanation: Explanation | ImageExplanation, words: Sequence[str]) -> None:
    for sentence in words:
        click.echo(sentence)
    attribution = explanation.attribution
    click.echo(f"{'base':<24} {attribution.base_value:+.4f}")
    for feature, value in zip(spec.features, attribution.values, strict=False):
        click.echo(f"{feature.name:<24} {value:+.4f}")
    click.echo(f"{spec.classes[attribution.target]:<24} {attribution.output:+.4f} {attribution.units}")
    click.echo(f"receipt {explanation.receipt_id}")


if __name__ == "__main__":
    explain(prog_name="python -m explain")
