"""``python -m explain.measure_shortcut PLANTED CLEAN``: which methods would have told of a planted shortcut."""

from __future__ import annotations

import click

from data.failures import UserMistake, ends_clearly
from explain.measure import Line
from explain.truth import shortcut
from governance import console, measurements, registry, sessions
from governance.store import open_store
from models import catalogue, loading


@click.command()
@click.argument("planted", metavar="PLANTED")
@click.argument("clean", metavar="CLEAN")
@click.option("--n", type=click.IntRange(min=2), default=shortcut.SCENES, show_default=True, help="Scenes.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@ends_clearly
def measure(planted: str, clean: str, n: int, seed: int, as_json: bool) -> None:
    """Ask every method about two versions: one trained where the shortcut is planted, one without.

    What comes of it is kept with the first, and the page of the planted shortcut shows it.
    """
    store = open_store()
    versions = [registry.resolve(store, reference) for reference in (planted, clean)]
    for version in versions:
        reason = shortcut.unsupported(catalogue.definition(version.model).spec)
        if reason is not None:
            raise UserMistake(reason)
    line = Line(shortcut.NAME)
    first, second = (loading.load(store, version) for version in versions)
    found = shortcut.compare(first, second, n, seed, line)
    line.end()
    asked = {"n": n, "seed": seed, "clean": versions[1].record_id}
    session = sessions.start(store, "cli")
    record = measurements.keep(store, versions[0], shortcut.NAME, asked, found, session)
    if as_json:
        console.print_json({"version": versions[0].reference, "record": record.id, "results": found})
        return
    for name, one in found["truth"].items():
        click.echo(f"{'truth, ' + name:<24} {one['value']:+.2f} logits")
    for told in found["lines"]:
        click.echo(
            f"{told['title']:<24} {told['planted']['value']:.2f} {told['clean']['value']:.2f} {told['verdict']}"
        )
    click.echo(f"kept with {versions[0].reference} as record {record.id[:12]}")


if __name__ == "__main__":
    measure(prog_name="python -m explain.measure_shortcut")
