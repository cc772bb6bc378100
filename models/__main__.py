"""``python -m models list | train | predict``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from data import datasets
from data.failures import UserMistake, ends_clearly
from governance import child, console, jobs, numerics, registry, reproduce, sessions, setup, worker
from governance.home import open_store
from models import catalogue


@click.group()
def cli() -> None:
    """List, train and ask models."""


@cli.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@ends_clearly
def list_models(as_json: bool) -> None:
    """List the models of the catalogue and their versions."""
    store = open_store()
    entries: list[dict[str, Any]] = []
    for definition in catalogue.definitions():
        name = definition.spec.name
        found = registry.versions(store, name)
        entries.append(
            {
                "name": name,
                "title": definition.spec.title,
                "question": definition.card.question,
                "modality": definition.spec.modality,
                "classes": list(definition.spec.classes),
                "dataset": definition.dataset,
                "settings": {setting.name: setting.default for setting in definition.settings},
                "owner": definition.card.owner,
                "versions": [
                    {"version": v.reference, "aliases": list(v.aliases), "created": v.created} for v in found
                ],
            }
        )
    if as_json:
        console.print_json({"models": entries})
        return
    for entry in entries:
        versions = [
            v["version"] + "".join(f" ({alias})" for alias in v["aliases"]) for v in entry["versions"]
        ]
        click.echo(f"{entry['name']:<14} {entry['question']}  {', '.join(versions) or 'no version yet'}")


@cli.command()
@click.argument("model")
@click.option(
    "--data",
    metavar="NAME|DIR",
    help="A dataset, or a folder of photos with a folder for each class; the model's own by default.",
)
@click.option(
    "--seed",
    type=click.IntRange(*reproduce.RUN_NUMBERS["seed"]),
    default=0,
    show_default=True,
    help="Decides every random draw.",
)
@click.option(
    "--threads",
    type=click.IntRange(*reproduce.RUN_NUMBERS["threads"]),
    default=numerics.DEFAULT_THREADS,
    hidden=True,
)
@click.option(
    "--set",
    "pairs",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting of the training, as often as you like; `python -m models list --json` names each model's.",
)
@click.option("--into", type=click.Path(path_type=Path), hidden=True)
@click.option("--expect", hidden=True)
@ends_clearly
def train(
    model: str,
    data: str | None,
    seed: int,
    threads: int,
    pairs: tuple[str, ...],
    into: Path | None,
    expect: str | None,
) -> None:
    """Train MODEL and store it as a new version.

    \b
    python -m models train iris_tree --set max_depth=3 --seed 1
    python -m models train muffin_cnn --data scenes
    """
    from models import training

    if data is not None and not data.strip():
        raise UserMistake("--data is empty. Name a dataset or a folder of photos, or leave it out.")
    # With --into the training happens in this process, in a folder, and is not stored: that is what the queue
    # and a reproduction run in a child.
    if into is not None:
        training.observe.watch_files()
    definition = catalogue.definition(model)
    given = console.settings(pairs)
    reproduce.check_overrides(given)
    seed, threads = int(given.pop("seed", seed)), int(given.pop("threads", threads))
    settings = training.changed_settings(definition, given)
    if into is not None:
        tell_parent = child.report_to_parent("--into")
        training.run(definition, settings, seed, threads, into, tell_parent, data, expect)
        return
    store = open_store()
    if data and not datasets.is_folder(data):
        datasets.card(data)  # an unknown name is said at once, and not by the queue
    asked = worker.request(settings, seed, threads, datasets.located(data) if data else None)
    job, _ = jobs.submit(store, "train", model, asked, sessions.start(store, "cli"))
    done = worker.wait_for(store, job, console.ProgressLine())
    version = registry.resolve(store, (done.result or {})["version"])
    results = version.record.results
    told = f"{results.headline.title.lower()} {results.headline.told_with_interval(results.figure)}"
    click.echo(f"{version.reference}: {told}, record {version.record_id[:12]}")


@cli.command()
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
    from models import inputs, loading

    definition = catalogue.definition(registry.split_reference(reference)[0])
    rows = inputs.read(definition.spec, given)
    for sentence in rows.left_out:
        click.echo(f"Left out: {sentence}", err=True)
    store = open_store()
    version = setup.version_for(store, reference, console.ProgressLine())
    probabilities = loading.load(store, version).predict_proba(rows.x)
    classes = definition.spec.classes
    answers: list[dict[str, Any]] = [
        {
            "input": name,
            "class": classes[int(p.argmax())],
            "probabilities": dict(zip(classes, map(float, p), strict=True)),
            "version": version.reference,
        }
        for name, p in zip(rows.names, probabilities, strict=True)
    ]
    if as_json:
        console.print_json({"predictions": answers})
        return
    for answer in answers:
        shares = ", ".join(f"{name} {p:.2f}" for name, p in answer["probabilities"].items())
        click.echo(f"{answer['input']}: {answer['class']} ({shares}) by {answer['version']}")


if __name__ == "__main__":
    cli(prog_name="python -m models")
