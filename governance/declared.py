"""What ``lineage.yaml`` declares about a model, held against what is really there.

The file is Cloudera Machine Learning's: a map from a model's name to ``hive_table_qualified_names``
(``database.table@cluster``) and ``metadata`` (``query``, ``training_file`` and free entries). It is
a statement of its author; each table, query and file that it names is looked up here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data import declared_queries, workspace, yaml_files
from data import tables as sql_tables
from data.failures import CrumbtrailError
from governance import digests, tables
from governance.record import Record

NAMES = ("lineage.yaml", "lineage.yml")
# The one database and cluster of this workspace, as a qualified name writes them.
DATABASE, CLUSTER = "workspace", "local"
_QUALIFIED = re.compile(r"(?P<database>[^.@\s]+)\.(?P<table>[^.@\s]+)@(?P<cluster>[^.@\s]+)")


class DeclarationError(CrumbtrailError):
    """The declaration cannot be read; the message names the file and the entry."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is declared for one model.

    Attributes
    ----------
    tables : tuple of str
        Qualified names.
    metadata : dict
        ``query``, ``training_file`` and whatever else the author wrote.
    file : str
        Name of the file that it stands in.
    """

    tables: tuple[str, ...]
    metadata: dict[str, Any]
    file: str


@dataclass(frozen=True, slots=True)
class Check:
    """One declared thing and what was found of it.

    ``state`` is ``"observed"`` (found, and as the record says), ``"mismatch"`` (found otherwise, or
    not at all) or ``"declared"`` (nothing here can confirm or contradict it).
    """

    kind: str
    declared: str
    state: str
    found: str


def read(folder: Path | None = None) -> dict[str, Declaration]:
    """The declarations in ``lineage.yaml`` (or ``lineage.yml``), by model; empty without a file.

    The file may be a map of models, or a list of maps with one model each; both occur in the wild.

    Raises
    ------
    DeclarationError
        If both spellings of the file exist, or the content has another form.
    """
    folder = folder or workspace.ROOT
    present = [name for name in NAMES if (folder / name).is_file()]
    if not present:
        return {}
    if len(present) > 1:
        raise DeclarationError(
            f"Both {NAMES[0]} and {NAMES[1]} exist; keep one, so that one thing is declared."
        )
    file = present[0]
    try:
        raw = yaml_files.read(folder / file)
    except yaml_files.YamlError as error:
        raise DeclarationError(f"{file} cannot be read: {error}. Mend it, or take it away.") from error
    found: dict[str, Declaration] = {}
    for entry in raw if isinstance(raw, list) else [raw or {}]:
        if not isinstance(entry, Mapping):
            raise DeclarationError(f"{file} must be a map from model names, or a list of such maps.")
        for model, body in entry.items():
            if model in found:
                raise DeclarationError(f"{file} declares {model} twice.")
            found[str(model)] = _declaration(str(model), body, file)
    return found


def _declaration(model: str, body: Any, file: str) -> Declaration:
    if not isinstance(body, Mapping):
        raise DeclarationError(f"{file}: {model} must be a map with hive_table_qualified_names and metadata.")
    names, metadata = body.get("hive_table_qualified_names") or [], body.get("metadata") or {}
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DeclarationError(f"{file}: {model}: hive_table_qualified_names must be a list of names.")
    if not isinstance(metadata, Mapping):
        raise DeclarationError(f"{file}: {model}: metadata must be a map.")
    return Declaration(tuple(names), dict(metadata), file)


def check(declaration: Declaration, record: Record) -> list[Check]:
    """Look up every table, query and file that is declared, and compare it with a run's record."""
    there = sql_tables.names(workspace.engine()) if declaration.tables else []
    checks = [_check_table(name, there, record) for name in declaration.tables]
    for name, value in declaration.metadata.items():
        if name == "query":
            checks.append(_check_query(str(value), _may_be_read(declaration, record), record))
        elif name == "training_file":
            checks.append(_check_file(str(value), record))
        else:
            checks.append(Check(name, str(value), "declared", "A free entry; nothing here can confirm it."))
    return checks


def _check_table(name: str, there: Collection[str], record: Record) -> Check:
    parts = _QUALIFIED.fullmatch(name)
    if parts is None:
        return Check("table", name, "mismatch", "Not a qualified name, which is database.table@cluster.")
    if (parts["database"], parts["cluster"]) != (DATABASE, CLUSTER):
        return Check("table", name, "declared", "Lies outside this workspace, so it cannot be looked up.")
    if parts["table"] not in there:
        return Check("table", name, "mismatch", f"The workspace has no table {parts['table']}.")
    if parts["table"] not in record.data.tables:
        return Check("table", name, "mismatch", "The table exists, but the training read another.")
    return Check("table", name, "observed", "The training read this table.")


def _may_be_read(declaration: Declaration, record: Record) -> set[str]:
    """Tables that the declared query may read: those declared beside it and those the training read.

    Never the store's own, whoever declares them: they hold who trained on which host.
    """
    parts = [_QUALIFIED.fullmatch(name) for name in declaration.tables]
    own = {
        part["table"] for part in parts if part and (part["database"], part["cluster"]) == (DATABASE, CLUSTER)
    }
    return (own | set(record.data.tables)) - {*tables.metadata.tables, "alembic_version"}


def _check_query(sql: str, may_be_read: Collection[str], record: Record) -> Check:
    try:
        found = declared_queries.read(workspace.engine(), sql, may_be_read).fingerprint()
    except sql_tables.TableError as error:
        return Check("query", sql, "mismatch", str(error))
    recorded = record.data.fingerprint
    if found != recorded:
        return Check(
            "query", sql, "mismatch", f"It now gives data {found[:12]}…; recorded is {recorded[:12]}…."
        )
    return Check("query", sql, "observed", f"It gives exactly the recorded data, {found[:12]}….")


def _check_file(name: str, record: Record) -> Check:
    try:
        path = (workspace.ROOT / name).resolve()
        there = path.is_relative_to(workspace.ROOT) and path.is_file()
    except (OSError, ValueError):
        # A name that no file can have: too long, or with a NUL.
        there = False
    if not there:
        return Check("training_file", name, "mismatch", "The repository has no such file.")
    recorded = record.code.files.get(path.relative_to(workspace.ROOT).as_posix())
    if recorded is None:
        return Check("training_file", name, "mismatch", "The file exists, but the training did not load it.")
    if digests.of_file(path) != recorded:
        return Check("training_file", name, "mismatch", "The file was changed since the training.")
    return Check(
        "training_file", name, "observed", f"The training loaded exactly this file, {recorded[:12]}…."
    )
