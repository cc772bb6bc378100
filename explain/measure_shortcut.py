"""``python -m explain.measure_shortcut PLANTED CLEAN``: which methods would have told of a planted shortcut."""

from __future__ import annotations

from typing import Any

import click

from data import terminal
from data.failures import UserMistake, ends_clearly
from data.numerals import WholeNumber
from explain.measure import Line
from explain.truth import shortcut, shortcut_pair
from governance import child, console, measurements, registry, sessions
from governance.home import open_store
from governance.registry import Version
from models import catalogue, loading


@click.command()
@click.argument("planted", metavar="PLANTED")
@click.argument("clean", metavar="CLEAN")
@click.option(
    "--n",
    type=WholeNumber(min=2),
    default=shortcut.SCENES,
    show_default=True,
    help="Scenes of each kind that methods are asked about.",
)
@click.option("--seed", type=WholeNumber(0, 2**32 - 1), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--session", "queued_by", hidden=True)
@ends_clearly
def measure(planted: str, clean: str, n: int, seed: int, as_json: bool, queued_by: str | None) -> None:
    """Ask every method about two versions: one trained where the shortcut is planted, one without.

    What comes of it is kept with the first, and the page of the planted shortcut shows it.
    """
    # With --session this is the queue's child, and tells its parent how far it is.
    tell = None if queued_by is None else child.report_to_parent("--session")
    store = open_store()
    versions = [registry.resolve(store, reference) for reference in (planted, clean)]
    for version in versions:
        reason = shortcut.unsupported(catalogue.definition(version.model).spec)
        if reason is not None:
            raise UserMistake(reason)
    differing = _differing(versions[0], versions[1])
    line = Line(shortcut.NAME, tell)
    first, second = (loading.load(store, version) for version in versions)
    found = shortcut.compare(first, second, n, seed, line)
    line.end()
    asked = {"n": n, "seed": seed, "clean": versions[1].record_id, "differing": differing}
    session = queued_by or sessions.start(store, "cli")
    record = measurements.keep(store, versions[0], shortcut.NAME, asked, found, session)
    if as_json:
        console.print_json({"version": versions[0].reference, "record": record.id, "results": found})
        return
    if tell is not None:
        return
    _print(found)
    click.echo(f"kept with {versions[0].reference} as record {record.id[:12]}")


def _differing(planted: Version, clean: Version) -> list[str]:
    """In what the two differ besides the tint; said where it is anything."""
    if not shortcut_pair.is_planted(planted.record):
        click.echo(f"{planted.reference} did not learn from pictures with this tint.", err=True)
    differing = shortcut_pair.differences(planted.record, clean.record)
    if differing:
        click.echo(f"The two differ in more than the tint: {', '.join(differing)}.", err=True)
    return differing


def _print(found: dict[str, Any]) -> None:
    for told in found["answers"]:
        for name in ("planted", "clean"):
            plain, tinted = told[name]["plain"]["called"], told[name]["tinted"]["called"]
            click.echo(
                f"{told['kind']}, {name:<8} called {found['target']}: {plain} of {told['pictures']}, with the tint "
                f"{tinted}; the tint moves the logit by {told[name]['effect']['value']:+.2f}"
            )
    for asked in found["asked"]:
        click.echo(f"\nAsked about a {asked['kind']} with the tint: on the background, planted and clean")
        for line in asked["lines"]:
            shares = f"{line['planted']['value']:.2f} {line['clean']['value']:.2f}"
            click.echo(f"{line['title']:<24} {shares} {line['verdict']}")


if __name__ == "__main__":
    terminal.main(measure, "python -m explain.measure_shortcut")
