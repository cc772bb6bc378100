"""``python -m explain MODEL[@V] [INPUT] --method NAME --look NAME``: the values that the pages show."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from ask.answer import Answer
from ask.asking import answer
from ask.codecs import command_codec
from ask.looks import catalogue as looks_of
from ask.looks import documents
from ask.looks.base import Look, names_wrong
from ask.picture_answer import PictureAnswer
from ask.question import Question
from data import terminal
from data.failures import UserMistake, ends_clearly
from data.numerals import WholeNumber
from explain import methods
from explain.concepts import perturbations
from explain.rows import nearest_flip
from explain.targets import MarginTarget, Target, parse
from governance import console, registry, setup
from governance.home import open_store
from models import catalogue
from models.spec import Definition, ModelSpec

_CHANGES = ", ".join(
    f"{one.name} ({one.low:g} to {one.high:g}{f' {one.unit}' if one.unit else ''})"
    for one in perturbations.PERTURBATIONS
)


@click.command()
@click.argument("reference", metavar="MODEL[@VERSION|@ALIAS]")
@click.argument("given", metavar="[INPUT]", required=False)
@click.option(
    "--method", "name", metavar="NAME", help=f"An attribution, one of {', '.join(methods.names())}."
)
@click.option(
    "--look",
    "wanted",
    multiple=True,
    metavar="NAME",
    help=f"A closer look, as often as you like; docs/looks.md describes each: {', '.join(looks_of.names())}.",
)
@click.option(
    "--target", metavar="CLASS", help="What to explain: a class, or one as in 'muffin over chihuahua'."
)
@click.option(
    "--change",
    "changed",
    multiple=True,
    metavar="NAME=VALUE",
    help=f"Change the pixels of a picture or scene first, as often as you like: {_CHANGES}.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the attribution's values to this file, as NumPy's .npy.",
)
@click.option(
    "--background",
    "compared",
    metavar="DATA",
    help="For gradient_shap: a dataset or folder of photos to compare with; the model's own by default.",
)
@click.option(
    "--lock",
    "locked",
    multiple=True,
    metavar="NAME",
    help="For flip, and for the flip in a row's attribution: a feature or concept that must stay as it is.",
)
@click.option(
    "--along",
    multiple=True,
    metavar="NAME",
    help="For curve: a feature, concept or change of the pixels; once for a curve, twice for a map.",
)
@click.option("--other", metavar="MODEL[@V]", help="For second_opinion: the version that gives it.")
@click.option(
    "--seed",
    type=WholeNumber(0, 2**31 - 1),
    help="For looks that draw rows or train; 0, as on the pages, by default.",
)
@click.option(
    "--set",
    "chosen",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting of the attribution, as often as you like; docs/add-a-method.md says which there are.",
)
@click.option(
    "--epoch",
    type=WholeNumber(min=1),
    help="Ask the copy of the network that was kept after this epoch of its training.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@ends_clearly
def explain(
    reference: str,
    given: str | None,
    name: str | None,
    wanted: tuple[str, ...],
    target: str | None,
    changed: tuple[str, ...],
    out: Path | None,
    compared: str | None,
    locked: tuple[str, ...],
    along: tuple[str, ...],
    other: str | None,
    seed: int | None,
    chosen: tuple[str, ...],
    epoch: int | None,
    as_json: bool,
) -> None:
    """Explain a version's answer for one input, or a whole model.

    INPUT is a row as in feature=value,... or a CSV file with one row; for an image model a picture's file, or a
    scene: muffin, or muffin-2 as the pages call it, and what differs, as in muffin-2,bake=30. It may be left out
    where every look is about the whole model. A bare MODEL means its champion, else its newest version.

    \b
    python -m explain muffin_cnn photo.jpg --method grad_cam --json
    python -m explain muffin_cnn muffin-2,bake=30 --change noise=0.1 --look parts
    python -m explain iris_tree --look importance
    """
    definition = catalogue.definition(registry.split_reference(reference)[0])
    spec = definition.spec
    looks = [looks_of.look(one, definition) for one in dict.fromkeys(wanted)]
    _check(definition, given, name, bool(looks), target, out)
    offered = {"lock": locked, "along": along, "other": other, "seed": seed}
    offered |= {"target": target, "background": compared}
    read = _read_by(spec, name, locked)
    left = [key for key, value in offered.items() if value not in (None, ()) and key not in read]
    settings = command_codec.settings_of(spec, name, dict(console.settings(chosen)))
    changes = command_codec.changes_of(spec, changed)
    looks_of.check_options(looks, left, bool(given))
    question = Question(
        version=reference,
        input=command_codec.input_of(spec, given, changes),
        method=name,
        target=target,
        settings=settings,
        locked=tuple(sorted(locked)),
        background=compared,
        epoch=epoch,
        looks=tuple(one.name for one in looks),
        along=along,
        other=other,
        seed=seed or 0,
    )
    looks_of.check_question(looks, definition, question, given or "")
    store = open_store()
    setup.version_for(store, reference, console.ProgressLine())
    asked = answer(store, question)
    told: dict[str, Any] = {"version": asked.version.reference}
    if question.changes and not as_json:
        click.echo(perturbations.words(question.changes))
    if name is not None:
        told = _attribution(asked, out, as_json)
    elif given is not None:
        told |= _answer(asked, given, as_json)
    if looks:
        told |= {"looks": _look(asked, looks, as_json)}
    if as_json:
        console.print_json(told)


def _check(
    definition: Definition,
    given: str | None,
    name: str | None,
    looks: bool,
    target: str | None,
    out: Path | None,
) -> None:
    """Refuse what cannot be done before anything is trained or loaded for it."""
    spec = definition.spec
    if name is None and not looks:
        fits = [fit.method.name for fit in methods.for_spec(spec) if fit.reason is None]
        raise UserMistake(
            f"Say what to explain: --method for an attribution ({', '.join(fits)}), or --look for a closer look "
            f"({', '.join(dict.fromkeys(one.name for one in looks_of.looks_at(definition)))})."
        )
    if name is not None:
        reason = methods.method(name).unsupported(spec)
        if reason is not None:
            raise UserMistake(reason)
        if given is None:
            raise UserMistake(f"--method {name} explains one answer. Give INPUT after the model's name.")
    if target is not None and isinstance(_target(spec, target), MarginTarget) and looks:
        raise UserMistake(
            f"--target {target!r} is what an attribution explains, and a look is about one class. Ask them apart."
        )
    if out is not None and name is None:
        raise UserMistake("--out writes the values of an attribution. Choose one by --method.")
    if out is not None and not out.resolve().parent.is_dir():
        raise UserMistake(f"There is no folder {out.parent} for {out.name}.")


def _target(spec: ModelSpec, text: str) -> Target:
    try:
        return parse(spec, text)
    except ValueError as error:
        raise UserMistake(str(error)) from error


def _read_by(spec: ModelSpec, name: str | None, locked: Sequence[str]) -> set[str]:
    """The options that an attribution reads itself; names to lock that do not fit are refused."""
    if name is None:
        return set()
    read = {"target"}
    if spec.modality == "image":
        # A row is compared with rows of the training alone.
        return read | ({"background"} if methods.method(name).needs_background else set())
    if nearest_flip.unsupported(spec) is not None:
        return read
    wrong = names_wrong(locked, spec.features, "--lock")
    if wrong is not None:
        raise UserMistake(wrong)
    return read | {"lock"}


def _attribution(asked: Answer, out: Path | None, as_json: bool) -> dict[str, Any]:
    """Ask a method; its values are written, and its sentences printed, where that was asked for."""
    told = asked.document(None if out is None else str(out))
    if out is not None:
        _write(asked.attribution.values, out)
    if not as_json:
        _print(asked)
    return told


def _answer(asked: Answer, given: str, as_json: bool) -> dict[str, Any]:
    """The answer alone, where no method is asked."""
    if not as_json:
        click.echo("\n".join(asked.words))
    changes = {"changes": asked.question.changes} if asked.question.changes else {}
    return {"input": given, **changes, **asked.prediction(), "words": list(asked.words)}


def _look(asked: Answer, looks: Sequence[Look], as_json: bool) -> dict[str, Any]:
    """Ask the looks and print them, or return them as JSON."""
    found = documents.find(looks, asked)
    if not as_json:
        for one in looks:
            click.echo("\n".join(documents.as_text(one, found[one.name])))
    return documents.as_json(found)


def _write(values: np.ndarray, out: Path) -> None:
    content = io.BytesIO()
    np.save(content, values, allow_pickle=False)
    try:
        out.write_bytes(content.getvalue())
    except OSError as error:
        raise UserMistake(f"{out} cannot be written ({error.strerror}). Choose another file.") from error


def _print(asked: Answer) -> None:
    for sentence in asked.words:
        click.echo(sentence)
    if isinstance(asked, PictureAnswer):
        click.echo(asked.trust().told)
    if asked.typicality is not None:
        click.echo(asked.typicality.sentence)
    attribution, spec = asked.attribution, asked.spec
    click.echo(f"{'base':<24} {attribution.base_value:+.4f}")
    for feature, value in zip(spec.features, attribution.values, strict=False):
        click.echo(f"{feature.name:<24} {value:+.4f}")
    click.echo(f"{attribution.target.name(spec):<24} {attribution.output:+.4f} {attribution.units}")
    click.echo(f"receipt {asked.receipt_id}")


if __name__ == "__main__":
    terminal.main(explain, "python -m explain")
