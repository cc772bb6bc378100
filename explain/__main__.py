"""``python -m explain MODEL[@V] [INPUT] --method NAME --look NAME``: the values that the pages show."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np

from data import bakery
from data.bakery import Scene
from data.datasets import DatasetError, UnknownDataset
from data.failures import UserMistake, ends_clearly
from explain import methods
from explain.attributions import background
from explain.explanation import Explanation, explain_row
from explain.image_explanation import ImageExplanation, explain_image
from explain.looks import catalogue as looks_of
from explain.looks import telling
from explain.looks.base import Asked, Look, Options, of_classes
from explain.picture_words import answer_words
from explain.rows import nearest_flip, ranges
from explain.rows.table_rows import rows_of
from explain.trust import trust_thresholds
from explain.trust.report import TrustReport, assess
from governance import console, registry, setup
from governance.registry import Version
from governance.store import Store, open_store
from models import catalogue, inputs, loading
from models.spec import Definition, Model, ModelSpec


@click.command()
@click.argument("reference", metavar="MODEL[@VERSION|@ALIAS]")
@click.argument("given", metavar="[INPUT]", required=False)
@click.option("--method", "name", help=f"An attribution, one of {', '.join(methods.names())}.")
@click.option(
    "--look",
    "asked",
    multiple=True,
    metavar="NAME",
    help=f"A closer look, as often as you like: {', '.join(looks_of.names())}.",
)
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
@click.option("--lock", "locked", multiple=True, metavar="NAME", help="For flip: what must stay as it is.")
@click.option("--along", multiple=True, metavar="NAME", help="For curve: once for a curve, twice for a map.")
@click.option("--other", metavar="MODEL[@V]", help="For second_opinion: who gives it.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Of what a look draws; the pages' is 0.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@ends_clearly
def explain(
    reference: str,
    given: str | None,
    name: str | None,
    asked: tuple[str, ...],
    target: str | None,
    out: Path | None,
    compared: str | None,
    locked: tuple[str, ...],
    along: tuple[str, ...],
    other: str | None,
    seed: int | None,
    as_json: bool,
) -> None:
    """Explain a version's answer for one input, or a whole model.

    INPUT is a picture, a scene as in muffin,seed=3,bake=30, feature=value,... or a CSV file with one row. It may be
    left out where every look is about the whole model.
    """
    definition = catalogue.definition(registry.split_reference(reference)[0])
    looks = [looks_of.look(one, definition) for one in dict.fromkeys(asked)]
    options = Options(locked, along, other, compared, seed or 0)
    _check(definition.spec, given, name, bool(looks), target, out)
    offered = {"lock": locked, "along": along, "other": other, "seed": seed}
    # An attribution reads these two itself.
    offered |= {} if name is not None else {"target": target, "background": compared}
    looks_of.check_options(
        looks, [key for key, value in offered.items() if value not in (None, ())], bool(given)
    )
    x, scene = _read(definition.spec, given)
    looks_of.check_input(looks, definition, given or "", scene, options)
    store = open_store()
    version = setup.version_for(store, reference, console.ProgressLine())
    question = _Question(store, version, loading.load(store, version), definition, x, scene, target)
    told: dict[str, Any] = {"version": version.reference}
    if name is not None:
        explanation, told, words = _attribution(question, name, compared, out)
        if not as_json:
            _print(definition.spec, explanation, words)
    elif x is not None:
        answer = question.model.predict_proba(x[None])[0]
        words = answer_words(definition.spec, answer, None if scene is None else scene.kind)
        told |= {"input": given, **of_classes(definition.spec, answer), "words": list(words)}
        if not as_json:
            click.echo("\n".join(words))
    if looks:
        told |= {"looks": _look(question, looks, options, as_json)}
    if as_json:
        console.print_json(told)


class _Question(NamedTuple):
    store: Store
    version: Version
    model: Model
    definition: Definition
    x: np.ndarray | None
    scene: Scene | None
    target: str | None


def _read(spec: ModelSpec, given: str | None) -> tuple[np.ndarray | None, Scene | None]:
    if given is None:
        return None, None
    found = inputs.read(spec, [given])
    if len(found.x) != 1:
        raise UserMistake(f"{given} holds {len(found.x)} inputs; an explanation is of one. Give that one.")
    return found.x[0], found.scenes[0] if found.scenes else None


def _look(question: _Question, looks: Sequence[Look], options: Options, as_json: bool) -> dict[str, Any]:
    """Ask the looks and print them, or return them as JSON."""
    store, version, model, definition, x, scene, target = question
    position = None
    if target is not None:
        position = model.spec.classes.index(target)
    elif x is not None:
        position = int(np.argmax(model.predict_proba(x[None])[0]))
    asked = Asked(store, version, model, definition, options, lambda progress: None, x, scene, position)
    found = telling.tell(looks, asked)
    if not as_json:
        for one in looks:
            click.echo("\n".join(telling.as_text(one, found[one.name])))
    return telling.as_json(found)


def _attribution(
    question: _Question, name: str, compared: str | None, out: Path | None
) -> tuple[Explanation | ImageExplanation, dict[str, Any], tuple[str, ...]]:
    """The explanation, its JSON and its sentences; its values are written where that was asked for."""
    written = None if out is None else str(out)
    explanation: Explanation | ImageExplanation
    if question.model.spec.modality == "image":
        explanation, trust = _of_picture(question, name, compared or question.definition.dataset)
        told, words = explanation.to_json(written, trust), (*explanation.words, trust.told)
    else:
        explanation = _of_row(question, name)
        told, words = explanation.to_json(written), explanation.words
    if out is not None:
        _write(explanation.attribution.values, out)
    return explanation, told, words


def _of_row(question: _Question, method: str) -> Explanation:
    model, version, row = question.model, question.version, question.x
    assert row is not None
    outside: Sequence[ranges.Outside] = ()
    try:
        x, _ = rows_of(version.record["data"]).training
        outside = ranges.outside_training(model.spec, row, x.min(axis=0), x.max(axis=0))
    except (DatasetError, UnknownDataset):
        pass  # The rows are gone: as on the page, nothing is said of them.
    return explain_row(
        model,
        row,
        method,
        question.target,
        version=version.reference,
        weights_digest=version.weights_digest,
        flip=None if nearest_flip.unsupported(model.spec) else nearest_flip.nearest_flip(model, row),
        outside=outside,
    )


def _of_picture(question: _Question, name: str, compared: str) -> tuple[ImageExplanation, TrustReport]:
    """The explanation and the checks of its map. Where the object is, is known of a scene alone."""
    model, version, scene, picture = question.model, question.version, question.scene, question.x
    assert picture is not None
    method = methods.image_method(name)
    others = background.of_dataset(compared, model.spec) if method.needs_background else None
    measured = trust_thresholds.stored(question.store, version, model.spec)
    explanation = explain_image(
        model,
        picture,
        name,
        question.target,
        version=version.reference,
        weights_digest=version.weights_digest,
        background=others,
        truth=None if scene is None else scene.kind,
    )
    return explanation, assess(
        model,
        explanation.picture,
        method,
        explanation.attribution,
        background=others,
        mask=None if scene is None else bakery.render(scene, len(picture)).mask != bakery.Part.BACKGROUND,
        thresholds=None if measured is None else measured.body["results"],
    )


def _check(
    spec: ModelSpec, given: str | None, name: str | None, looks: bool, target: str | None, out: Path | None
) -> None:
    """Refuse what cannot be done before anything is trained or loaded for it."""
    if name is None and not looks:
        raise UserMistake(
            f"Say what to explain: --method for an attribution ({', '.join(methods.names())}), or --look for a closer "
            f"look ({', '.join(looks_of.names())})."
        )
    if name is not None:
        reason = methods.method(name).unsupported(spec)
        if reason is not None:
            raise UserMistake(reason)
        if given is None:
            raise UserMistake(f"--method {name} explains one answer. Give INPUT after the model's name.")
    if target is not None and target not in spec.classes:
        raise UserMistake(f"{spec.name} has no class {target!r}. Its classes: {', '.join(spec.classes)}.")
    if out is not None and name is None:
        raise UserMistake("--out writes the values of an attribution. Choose one by --method.")
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
