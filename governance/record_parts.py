"""The parts of a run's record, read by names instead of by keys.

Each part is a view: it holds nothing but the ``facts`` that were written, and gives what every record has by an
attribute. What older records wrote otherwise, or not at all, is said where it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance import digests
from governance.metrics import ACCURACY, Figure, Metric

Facts = Mapping[str, Any]


def headline_of(facts: Facts) -> Metric:
    """The metric that results or a verification name as theirs; the accuracy where they are too old to name one."""
    named = facts.get("headline")
    return ACCURACY if named is None else Metric(**named)


@dataclass(frozen=True, slots=True)
class Code:
    """By which code a run was made."""

    facts: Facts

    @property
    def files(self) -> Mapping[str, str]:
        """SHA-256 of every file that took part, by its path in the repository."""
        return self.facts["files"]

    @property
    def commit(self) -> str | None:
        """Of git; None where there was none."""
        git = self.facts["git"]
        return None if git is None else git["commit"]

    @property
    def dirty(self) -> bool:
        """Whether there were changes that the commit does not hold."""
        git = self.facts["git"]
        return git is not None and bool(git["dirty"])


@dataclass(frozen=True, slots=True)
class SplitFacts:
    """How many rows the parts have, and which rows exactly.

    Attributes
    ----------
    train, test : int
        Numbers of rows.
    digest : str
        SHA-256 of ``{"test": [...], "train": [...]}`` in canonical JSON, the positions of the rows; a stored file
        has this digest, unless `inline` is given.
    inline : mapping or None
        The positions themselves, where the record holds them, as those of schema 1 do.
    """

    train: int
    test: int
    digest: str
    inline: Mapping[str, list[int]] | None

    @classmethod
    def of(cls, facts: Facts) -> SplitFacts:
        """From what either schema wrote."""
        if "digest" in facts:
            return cls(facts["train"], facts["test"], facts["digest"], None)
        return cls(len(facts["train"]), len(facts["test"]), digests.of_json(dict(facts)), facts)

    def to_json(self) -> dict[str, Any]:
        """As a record of the newest schema keeps it."""
        return {"train": self.train, "test": self.test, "digest": self.digest}


@dataclass(frozen=True, slots=True)
class Data:
    """What a run learned from."""

    facts: Facts

    @property
    def name(self) -> str:
        return self.facts["name"]

    @property
    def fingerprint(self) -> str:
        return self.facts["fingerprint"]

    @property
    def rows(self) -> int:
        return self.facts["rows"]

    @property
    def counts(self) -> Mapping[str, int]:
        """Rows of each class."""
        return self.facts["counts"]

    @property
    def features(self) -> list[str]:
        return self.facts["features"]

    @property
    def card(self) -> Facts:
        """What the dataset's card said: ``title``, ``source``, ``licence`` and so on."""
        return self.facts["card"]

    @property
    def origin(self) -> Facts:
        """Where it was read: ``tables`` and ``query``, or ``scenes``, ``photos``."""
        return self.facts["origin"]

    @property
    def tables(self) -> list[str]:
        """The workspace's tables that were read; empty for pictures."""
        return self.origin.get("tables", [])

    @property
    def sources(self) -> Mapping[str, Facts]:
        """``file`` and ``digest`` of what each table was filled from; empty where an early record does not say."""
        return self.origin.get("sources", {})

    @property
    def test_digest(self) -> str | None:
        """Which rows judged the model; None where an early record does not say."""
        return self.facts.get("test_digest")

    @property
    def transforms(self) -> list[Facts]:
        return self.facts["transforms"]

    @property
    def split(self) -> SplitFacts:
        return SplitFacts.of(self.facts["split"])


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a run was asked for."""

    facts: Facts

    @property
    def settings(self) -> Facts:
        """All settings, after defaults."""
        return self.facts["settings"]

    @property
    def chosen(self) -> Facts:
        """Settings as they were used, after ``auto`` was decided."""
        return self.facts["chosen"]

    @property
    def seed(self) -> int:
        return self.facts["seed"]

    @property
    def threads(self) -> int:
        return self.facts["threads"]


@dataclass(frozen=True, slots=True)
class Numerics:
    """What decided the last bits."""

    facts: Facts

    @property
    def environment_variables(self) -> Mapping[str, str]:
        return self.facts["environment_variables"]

    @property
    def thread_pools(self) -> list[Facts]:
        return self.facts["thread_pools"]


@dataclass(frozen=True, slots=True)
class Environment:
    """On what a run was made."""

    facts: Facts

    @property
    def python(self) -> str:
        return self.facts["python"]

    @property
    def os(self) -> str:
        return self.facts["os"]

    @property
    def cpu(self) -> str:
        return self.facts["cpu"]

    @property
    def distributions(self) -> Mapping[str, str]:
        """Version of every installed library, by its name."""
        return self.facts["distributions"]


@dataclass(frozen=True, slots=True)
class Results:
    """What came of a run."""

    facts: Facts

    @property
    def weights_digest(self) -> str:
        """Canonical digest of everything that decides an answer."""
        return self.facts["weights_digest"]

    @property
    def tensors(self) -> Mapping[str, str]:
        """Digest of each array, by its name."""
        return self.facts["tensors"]

    @property
    def files(self) -> Mapping[str, Facts]:
        """``digest`` and ``bytes`` of every stored file, by its name."""
        return self.facts["files"]

    def digest_of(self, file: str) -> str | None:
        """Digest of a stored file; None where the run left none of this name."""
        entry = self.files.get(file)
        return None if entry is None else entry["digest"]

    @property
    def artefact(self) -> str:
        """Name of the file from which the model is made again."""
        return self.facts["artefact"]

    @property
    def metrics(self) -> Facts:
        """Every figure, by its name."""
        return self.facts["metrics"]

    @property
    def headline(self) -> Metric:
        """The metric that the model is judged by. Schema 1 named none, and meant the accuracy."""
        return headline_of(self.facts)

    @property
    def figure(self) -> Figure:
        """The headline's value."""
        return Figure.of(self.metrics[self.headline.name])

    @property
    def curve(self) -> list[Facts]:
        """One entry a step of the training; empty where there are no steps."""
        return self.facts["curve"]

    @property
    def tolerance(self) -> float:
        """Largest difference of the headline's value that still counts as the same model."""
        return self.facts["tolerance"]

    @property
    def duration_s(self) -> float:
        return self.facts["duration_s"]
