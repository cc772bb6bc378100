"""``python -m data list``."""

from __future__ import annotations

import json

import click

from data import datasets
from data.failures import ends_clearly


@click.group()
def cli() -> None:
    """List the datasets."""


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
    if as_json:
        click.echo(json.dumps({"datasets": entries}, indent=2, ensure_ascii=False))
        return
    for entry in entries:
        click.echo(f"{entry['name']}: {entry['title']}, {entry['rows']} rows, {entry['classification']}")
        click.echo(f"  fingerprint {entry['fingerprint']}")
        click.echo(f"  licence ({entry['licence_certainty']}): {entry['licence']}")


if __name__ == "__main__":
    cli(prog_name="python -m data")
