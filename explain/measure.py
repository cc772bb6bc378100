"""``python -m explain.measure MODEL[@V] [NAME...]``: measure a version once, and keep it with its record."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from data import terminal
from data.failures import UserMistake, ends_clearly
from data.numerals import WholeNumber
from explain import measurement_catalogue as catalogue_of
from explain.neighbours.learned import learned_from
from governance import child, console, measurements, registry, sessions, setup
from governance.home import open_store
from models import catalogue, loading
from models.spec import Progress, Report


@click.command()
@click.argument("reference", metavar="MODEL[@VERSION|@ALIAS]")
@click.argument("asked", nargs=-1, metavar="[NAME]...")
@click.option("--n", type=WholeNumber(min=1), help="How many inputs; each measurement has its own default.")
@click.option("--seed", type=WholeNumber(0, 2**32 - 1), default=0, show_default=True)
@click.option(
    "--data",
    metavar="DIR",
    help="Folder of the photos that it learned from, where it is not found by its name.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--session", "queued_by", hidden=True)
@ends_clearly
def measure(
    reference: str,
    asked: tuple[str, ...],
    n: int | None,
    seed: int,
    data: str | None,
    as_json: bool,
    queued_by: str | None,
) -> None:
    """Measure something about a version over many inputs; all that fits it, unless names are given.

    Each measurement is stored as a record about the version's, and the pages read it there.
    """
    # With --session this is the queue's child, and tells its parent how far it is.
    tell = None if queued_by is None else child.report_to_parent("--session")
    definition = catalogue.definition(registry.split_reference(reference)[0])
    spec = definition.spec
    wanted = [catalogue_of.measurement(name) for name in asked or catalogue_of.names()]
    reasons = {one.name: one.unsupported(spec) for one in wanted}
    if asked and (lacking := [reason for reason in reasons.values() if reason]):
        raise UserMistake(lacking[0])
    fitting = [one for one in wanted if reasons[one.name] is None]
    if not fitting:
        raise UserMistake(f"Nothing can be measured on {spec.name}. {next(iter(reasons.values()))}")
    store = open_store()
    version = setup.version_for(store, reference, console.ProgressLine())
    model, kept = loading.load(store, version), {}
    for one in fitting:
        line = Line(one.name, tell)
        count = one.n if n is None else n
        more = {}
        if one.of_training(spec):
            learned = more["learned"] = learned_from(definition, version.record, data)
            if learned.instead:
                click.echo(f"{one.name}: {learned.instead}", err=True)
        found = one.measure(model, count, seed, line, **more)
        line.end()
        session = queued_by or sessions.start(store, "cli")
        record = measurements.keep(store, version, one.name, {"n": count, "seed": seed}, found, session)
        kept[one.name] = {"record": record.id, "results": found}
        if not as_json and tell is None:
            click.echo(f"{one.name}: kept with {version.reference} as record {record.id[:12]}")
    if as_json:
        console.print_json({"version": version.reference, "measurements": kept})


class Line:
    """Shows on standard error how a measurement goes: renewed on a terminal, else a line for each step.

    Parameters
    ----------
    name : str
        Of the measurement.
    tell : Report, optional
        Who is told instead.
    """

    def __init__(self, name: str, tell: Report | None = None) -> None:
        self._name = name
        self._tell = tell
        self._terminal = sys.stderr.isatty()
        self._step = ""

    def __call__(self, progress: Progress) -> None:
        if self._tell is not None:
            step = f"{self._name.replace('_', ' ')}, {progress.step}"
            self._tell(replace(progress, step=step))
        elif self._terminal:
            words = f"{self._name}: {progress.step} {progress.done}/{progress.total}"
            click.echo(f"\r\033[K{words}", err=True, nl=False)
        elif progress.step != self._step:
            self._step = progress.step
            click.echo(f"{self._name}: {progress.step}", err=True)

    def end(self) -> None:
        """Leave the line empty for what is printed next."""
        if self._terminal:
            click.echo("\r\033[K", err=True, nl=False)


if __name__ == "__main__":
    terminal.main(measure, "python -m explain.measure")
