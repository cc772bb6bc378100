"""``python -m models list | train | predict | check``."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import click

from data import datasets, terminal
from data.failures import UserMistake, ends_clearly
from data.numerals import WholeNumber
from governance import child, console, jobs, numerics, registry, reproduce, sessions, worker
from governance.home import open_store
from models import catalogue


class _Commands(click.Group):
    """The commands below, and ``predict``, which is a front end and stands above this room.

    It is loaded by its name when it is asked for, so that no import leads upwards.
    """

    def list_commands(self, context: click.Context) -> list[str]:
        return [*super().list_commands(context), "predict"]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name != "predict":
            return super().get_command(context, name)
        command: click.Command = importlib.import_module("ask.predict_command").predict
        return command


@click.group(cls=_Commands)
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
    for sentence in catalogue.problems():
        click.echo(f"Left out: {sentence}", err=True)
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
    type=WholeNumber(*reproduce.RUN_NUMBERS["seed"]),
    default=0,
    show_default=True,
    help="Decides every random draw.",
)
@click.option(
    "--threads",
    type=WholeNumber(*reproduce.RUN_NUMBERS["threads"]),
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
    if "cards" in (done.result or {}):
        click.echo(f"{(done.result or {})['cards']}: read what it says of the data now.")


@cli.command()
@click.argument("reference", metavar="MODEL[@VERSION|@ALIAS]")
@ends_clearly
def check(reference: str) -> None:
    """Load a version, hold it against its record, and ask it something."""
    from models import loading

    store = open_store()
    version = registry.resolve(store, reference)
    loading.load(store, version)
    click.echo(f"{version.reference} is what its record says, and answers.")


if __name__ == "__main__":
    terminal.main(cli, "python -m models")
