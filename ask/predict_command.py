"""``python -m models predict MODEL[@V] INPUT...``: what a version answers for rows, pictures and scenes."""

from __future__ import annotations

import click

from ask.answer import typicality_told
from ask.asking import answers
from ask.codecs import command_codec
from ask.question import Question
from data.failures import ends_clearly
from explain.numbers import share
from governance import console, registry, setup
from governance.home import open_store
from models import catalogue, inputs


@click.command()
@click.argument("reference", metavar="MODEL[@VERSION|@ALIAS]")
@click.argument("given", metavar="INPUT...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@ends_clearly
def predict(reference: str, given: tuple[str, ...], as_json: bool) -> None:
    """Ask a version about inputs; a bare MODEL means its champion, else its newest version.

    INPUT is a row as in feature=value,... or a CSV file; for an image model a picture, a folder of pictures, or a
    scene: muffin, or muffin-2 as the pages call it, and what differs, as in muffin-2,bake=30.

    \b
    python -m models predict iris_tree flowers.csv --json
    python -m models predict muffin_cnn photo.jpg muffin-2,bake=30
    """
    spec = catalogue.definition(registry.split_reference(reference)[0]).spec
    found = inputs.read(spec, given)
    for sentence in found.left_out:
        click.echo(f"Left out: {sentence}", err=True)
    store = open_store()
    version = setup.version_for(store, reference, console.ProgressLine())
    asked = answers(store, [Question(version.reference, one) for one in command_codec.inputs_of(spec, found)])
    told = [
        {
            "input": name,
            **one.prediction(),
            "version": version.reference,
            "typicality": typicality_told(one.typicality),
        }
        for name, one in zip(found.names, asked, strict=True)
    ]
    if as_json:
        console.print_json({"predictions": told})
        return
    for name, one in zip(found.names, asked, strict=True):
        shares = ", ".join(
            f"{of} {share(p)}" for of, p in zip(one.spec.classes, one.probabilities, strict=True)
        )
        doubt = "".join(f"{sentence} It would say " for sentence in one.unknown)
        click.echo(f"{name}: {doubt}{one.spec.classes[one.predicted]} ({shares}) by {version.reference}")
