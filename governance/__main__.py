"""``python -m governance show | reproduce | lineage | audit | promote | doctor``."""

from __future__ import annotations

import sys
from typing import Any

import click

from data import terminal, workspace
from data.failures import ends_clearly
from governance import (
    aliases,
    console,
    declared,
    doctor,
    jobs,
    registry,
    reproduce,
    sessions,
    setup,
    stored_records,
    worker,
)
from governance import audit as audit_log
from governance import lineage as lineage_graph
from governance.home import open_store, open_to_read
from governance.registry import Version

_reference = click.argument("reference", metavar="MODEL[@VERSION|@ALIAS]")
_as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
_BULK = ("repeated", "schema", "kind", "session", "headline")
_NEVER_GREEN = ("different", "not comparable")


@click.group()
def cli() -> None:
    """Show records, make versions again, follow lineage, verify the log, move aliases."""


@cli.command()
@_reference
@_as_json
@ends_clearly
def show(reference: str, as_json: bool) -> None:
    """Show the record of a version: its data, settings, code, weights and results.

    A bare MODEL means its champion, else its newest version.
    """
    store = open_store()
    version = setup.version_for(store, reference, console.ProgressLine())
    checked = [
        {"record": v.id, "created": v.created, "level": v.verification.level}
        for v in stored_records.verifications(store, version.record_id)
    ]
    if as_json:
        console.print_json(
            {
                "version": version.reference,
                "aliases": list(version.aliases),
                "record_id": version.record_id,
                "record": version.record.body,
                "verifications": checked,
            }
        )
        return
    for name, value in _summary(version).items():
        click.echo(f"{name:<14} {value}")
    for entry in checked:
        click.echo(f"{'made again':<14} {entry['level']} ({entry['created']}, record {entry['record'][:12]})")


def _summary(version: Version) -> dict[str, Any]:
    record = version.record
    results, parameters, data, code = record.results, record.parameters, record.data, record.code
    headline, figure = results.headline, results.figure
    interval = headline.told_interval(figure)
    return {
        "version": version.reference + "".join(f" ({alias})" for alias in version.aliases),
        "record": version.record_id,
        "trained": f"{record.created}, {results.duration_s:.1f} s",
        "data": f"{data.name}, {data.rows} rows, {data.fingerprint}",
        "settings": ", ".join(f"{k}={v}" for k, v in parameters.chosen.items()),
        "seed, threads": f"{parameters.seed}, {parameters.threads}",
        "code": f"{len(code.files)} files"
        + (
            f", commit {code.commit[:12]}{' and changes' if code.dirty else ''}"
            if code.commit
            else ", no git"
        ),
        "weights": results.weights_digest,
        headline.title.lower(): headline.told(figure.value) + (f" ({interval})" if interval else ""),
    }


@cli.command("reproduce")
@_reference
@click.option(
    "--set",
    "pairs",
    multiple=True,
    metavar="KEY=VALUE",
    help="Replace a recorded setting, as in seed=3 or threads=1.",
)
@_as_json
@ends_clearly
def reproduce_version(reference: str, pairs: tuple[str, ...], as_json: bool) -> None:
    """Train a version again in a fresh process and compare.

    The level is bit-identical, prediction-identical (the same class for every probe input, whatever the
    probabilities), within tolerance, different or not comparable; for the last two the exit code is 1.
    """
    overrides = console.settings(pairs)
    reproduce.check_overrides(overrides)
    store = open_store()
    say = console.ProgressLine()
    version = setup.version_for(store, reference, say)
    job, _ = jobs.submit(
        store,
        "reproduce",
        version.model,
        reproduce.job_request(version, overrides),
        sessions.start(store, "cli"),
    )
    done = worker.wait_for(store, job, say)
    verdict = stored_records.get_record(store, (done.result or {})["record"])
    found = verdict.verification
    if as_json:
        console.print_json({"version": version.reference, "record": verdict.id} | _without_bulk(verdict.body))
    else:
        click.echo(f"{version.reference}: {found.level}" + (f". {found.reason}" if found.reason else ""))
        for difference in found.differences:
            before, after = _short(difference["recorded"]), _short(difference["found"])
            click.echo(f"  {difference['fact']}: {before} → {after}")
    sys.exit(1 if found.level in _NEVER_GREEN else 0)


def _short(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _without_bulk(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in _BULK}


@cli.command()
@_reference
@_as_json
@ends_clearly
def lineage(reference: str, as_json: bool) -> None:
    """Follow a version back to its data, and check what lineage.yaml declares about it."""
    store = open_store()
    version = setup.version_for(store, reference, console.ProgressLine())
    graph = lineage_graph.of(store, version)
    declaration = declared.read().get(version.model)
    checks = declared.check(declaration, version.record) if declaration else []
    if as_json:
        stated = [
            {"kind": c.kind, "declared": c.declared, "state": c.state, "found": c.found} for c in checks
        ]
        console.print_json({"version": version.reference, **graph.to_json(), "declared": stated})
        return
    titles = {node.id: f"{node.kind} {node.title}" for node in graph.nodes}
    for edge in graph.edges:
        click.echo(f"{titles[edge.source]} — {edge.verb} → {titles[edge.target]}")
    for check in checks:
        click.echo(f"{check.state:<9} {check.kind}: {' '.join(check.declared.split())}. {check.found}")


@cli.command()
@_as_json
@ends_clearly
def audit(as_json: bool) -> None:
    """Verify the audit log, every record and every stored file; exit code 1 if something does not hold.

    Nothing is changed, so a read-only archive of a home can be audited too.
    """
    result = audit_log.verify(open_to_read())
    if as_json:
        console.print_json(
            {
                "ok": not result.problems,
                "entries": result.entries,
                "records": result.records,
                "files": result.files,
                "head": result.head,
                "problems": list(result.problems),
            }
        )
    else:
        for problem in result.problems:
            click.echo(problem)
        if not result.problems:
            click.echo(
                f"{result.entries} entries, {result.records} records and {result.files} files hold. "
                f"Head {result.head}: note it elsewhere, since entries cut off at the end leave no trace here."
            )
    sys.exit(1 if result.problems else 0)


@cli.command()
@click.argument("reference", metavar="MODEL@VERSION")
@click.argument("alias")
@click.option("--reason", default="", help="Why, for the audit log; it must say something.")
@ends_clearly
def promote(reference: str, alias: str, reason: str) -> None:
    """Let ALIAS, as in champion or candidate, point to a version, once it was loaded and has answered."""
    store = open_store()
    wanted = setup.version_for(store, reference, console.ProgressLine())
    aliases.check(wanted.reference, alias, reason)
    setup.check_answers(wanted)
    version = registry.promote(store, reference, alias, sessions.start(store, "cli"), reason)
    click.echo(f"{alias} of {version.model} is now {version.reference}.")


@cli.command("doctor")
@click.option("--mend", is_flag=True, help="Remove left-over files, and mark jobs that were broken off.")
@ends_clearly
def doctor_command(mend: bool) -> None:
    """Say what is wrong with this home and how to mend it, a line each; exit code 1 if something is.

    Without --mend nothing is changed.
    """
    wrong = 0
    for finding in doctor.examine():
        if mend and finding.mend is not None:
            finding.mend()
            click.echo(f"Mended: {finding.said}")
        else:
            wrong += 1
            click.echo(finding.said)
    if not wrong:
        click.echo(f"{workspace.place()} is well.")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    terminal.main(cli, "python -m governance")
