"""``python -m data list | bake | refill``."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from data import datasets, refilling, terminal, workspace
from data.failures import UserMistake, ends_clearly
from data.numerals import WholeNumber

_SHOWN = 10


@click.group()
def cli() -> None:
    """List the datasets, render scenes, and fill a table again from its file."""


@cli.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@ends_clearly
def list_datasets(as_json: bool) -> None:
    """List the datasets with their counts, fingerprints and cards."""
    entries = []
    for name in datasets.names():
        dataset = datasets.load(name)
        card = dataset.card
        entries.append(
            {
                "name": name,
                "title": card.title,
                "rows": len(dataset.y),
                "counts": dataset.counts(),
                "fingerprint": dataset.fingerprint,
                "source": card.source,
                "licence": card.licence,
                "licence_certainty": card.licence_certainty,
                "classification": card.classification,
                "owner_role": card.owner_role,
                "known_biases": list(card.known_biases),
            }
        )
    for sentence in datasets.problems():
        click.echo(f"Left out: {sentence}", err=True)
    if as_json:
        click.echo(json.dumps({"datasets": entries}, indent=2, ensure_ascii=False))
        return
    for entry in entries:
        click.echo(f"{entry['name']}: {entry['title']}, {entry['rows']} rows, {entry['classification']}")
        click.echo(f"  fingerprint {entry['fingerprint']}")
        click.echo(f"  licence ({entry['licence_certainty']}): {entry['licence']}")


@cli.command("bake")
@click.option("--n", type=WholeNumber(1, 1_000_000), required=True, help="How many scenes.")
@click.option(
    "--seed",
    type=WholeNumber(0, 2**53 - 1),
    default=0,
    show_default=True,
    help="Decides which scenes are drawn.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="A new or empty folder, or one that the same bake made.",
)
@ends_clearly
def bake_scenes(n: int, seed: int, out: Path) -> None:
    """Render N scenes: images, part masks, and scenes.json with the parameters of each."""
    from data import bakery

    def show(done: int, total: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{done} of {total} scenes", err=True, nl=done == total)

    try:
        baked = bakery.bake(n, seed, out, progress=show)
    except FileExistsError as error:
        raise UserMistake(str(error)) from error
    except OSError as error:
        raise UserMistake(f"{out} cannot be written ({error.strerror}). Choose another folder.") from error
    click.echo(f"{baked.n} scenes in {out}, {baked.rendered} of them rendered now.")
    click.echo(f"identity {baked.identity}")


@cli.command("refill")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Write it; without this, what would change is only shown.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@ends_clearly
def refill_table(name: str, yes: bool, as_json: bool) -> None:
    """Fill the table of dataset NAME again from its file, which was changed.

    Versions that learned from the old rows stay as they are; their lineage says that the table changed since.
    """
    change = refilling.refill(workspace.engine(), datasets.filed_table(name), write=yes)
    if as_json:
        click.echo(json.dumps({**asdict(change), "written": yes}, indent=2, ensure_ascii=False))
        return
    click.echo(
        f"Table {change.table} from {change.file}: {len(change.added)} rows added, {len(change.removed)} removed, "
        f"{len(change.changed)} changed."
    )
    for word, keys in (("added", change.added), ("removed", change.removed), ("changed", change.changed)):
        if keys:
            more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
            click.echo(f"  {word}: {', '.join(map(str, keys[:_SHOWN]))}{more}")
    click.echo(f"  fingerprint before {change.before}")
    click.echo(f"  fingerprint after  {change.after}")
    click.echo("It is written." if yes else "Nothing was written; --yes writes it.")


if __name__ == "__main__":
    terminal.main(cli, "python -m data")
