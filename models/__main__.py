"""``python -m models list | train | predict``."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from data import datasets
from data.failures import UserMistake, ends_clearly
from governance import console, jobs, numerics, registry, reproduce, sessions, setup, worker
from governance.store import open_store
from models import catalogue
from models.spec import Progress


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
@click.option("--data", help="A dataset, or a folder of photos; the model's own by default.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True)
@click.option(
    "--threads", type=click.IntRange(1, 64), default=numerics.DEFAULT_THREADS, show_default=True, hidden=True
)
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A setting of the training.")
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

    With --into the training happens in this process, in a folder, and is not stored: that is what
    the queue and a reproduction run in a child.
    """
    from models import training

    if into is not None:
        training.observe.watch_files()
    definition = catalogue.definition(model)
    given = console.settings(pairs)
    reproduce.check_overrides(given)
    seed, threads = int(given.pop("seed", seed)), int(given.pop("threads", threads))
    settings = training.changed_settings(definition, given)
    if into is not None:
        _end_with_parent()
        training.run(definition, settings, seed, threads, into, _tell_parent, data, expect)
        return
    store = open_store()
    if data and not datasets.is_folder(data):
        datasets.card(data)  # an unknown name is said at once, and not by the queue
    asked = worker.request(settings, seed, threads, datasets.located(data) if data else None)
    job, _ = jobs.submit(store, "train", model, asked, sessions.start(store, "cli"))
    done = worker.wait_for(store, job, console.ProgressLine())
    version = registry.resolve(store, (done.result or {})["version"])
    accuracy = version.record["results"]["metrics"]["accuracy"]
    low, high = accuracy["interval"]
    click.echo(
        f"{version.reference}: accuracy {accuracy['value']:.3f} (95 % interval {low:.3f} to {high:.3f}), "
        f"record {version.record_id[:12]}"
    )


@cli.command()
@click.argument("reference", metavar="MODEL[@VERSION|@ALIAS]")
@click.argument("given", metavar="INPUT...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@ends_clearly
def predict(reference: str, given: tuple[str, ...], as_json: bool) -> None:
    """Ask a version about rows (feature=value,... or a CSV file), or about pictures and folders of them."""
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


def _tell_parent(progress: Progress) -> None:
    print(json.dumps(asdict(progress)), flush=True)


def _end_with_parent() -> None:
    if sys.stdin is None or sys.stdin.isatty():
        raise UserMistake("--into is for the queue, which holds this process's standard input open.")

    def watch() -> None:
        sys.stdin.read()
        if os.getpgrp() == os.getpid():
            # Whoever started this process made it the first of a group; its helpers end with it.
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    cli(prog_name="python -m models")
