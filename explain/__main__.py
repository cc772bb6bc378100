"""``python -m explain MODEL[@V] INPUT --method NAME``: the values that the page shows."""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np

from data.failures import UserMistake, ends_clearly
from explain import background, methods, nearest_flip
from explain.explanation import Explanation, explain_row
from explain.image_explanation import ImageExplanation, explain_image
from governance import console, registry, setup
from governance.registry import Version
from governance.store import open_store
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
    explanation = (
        _of_picture(asked, compared or definition.dataset) if spec.modality == "image" else _of_row(asked)
    )
    if out is not None:
        _write(explanation.attribution.values, out)
    if as_json:
        console.print_json(explanation.to_json(None if out is None else str(out)))
    else:
        _print(spec, explanation)


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


def _of_picture(asked: _Asked, compared: str) -> ImageExplanation:
    model, picture, method, target, version = asked
    needed = methods.image_method(method).needs_background
    return explain_image(
        model,
        picture,
        method,
        target,
        version=version.reference,
        weights_digest=version.weights_digest,
        background=background.of_dataset(compared, model.spec) if needed else None,
    )


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


def _print(spec: ModelSpec, explanation: Explanation | ImageExplanation) -> None:
    for sentence in explanation.words:
        click.echo(sentence)
    attribution = explanation.attribution
    click.echo(f"{'base':<24} {attribution.base_value:+.4f}")
    for feature, value in zip(spec.features, attribution.values, strict=False):
        click.echo(f"{feature.name:<24} {value:+.4f}")
    click.echo(f"{spec.classes[attribution.target]:<24} {attribution.output:+.4f} {attribution.units}")
    click.echo(f"receipt {explanation.receipt_id}")


if __name__ == "__main__":
    explain(prog_name="python -m explain")
