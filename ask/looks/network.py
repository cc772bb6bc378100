"""Looks at how a network came to its answer: the temperature it was given, and the copies kept while it learned."""

from __future__ import annotations

from ask.answer import Answer, of_classes
from ask.asking import instead
from ask.looks.base import Finding, Look, Table, always
from ask.picture_answer import copies
from explain.numbers import percent
from models import calibration
from models.spec import Progress, Report

NOT_CALIBRATED = (
    "This model's probabilities were not calibrated by a temperature, so there is none to change."
)


def _calibration(asked: Answer, report: Report) -> Finding:
    metrics = asked.version.record.results.metrics
    if "temperature" not in metrics:
        return Finding((NOT_CALIBRATED,), {"temperature": None})
    chosen = float(metrics["temperature"])
    before = calibration.tempered(asked.probabilities[None], 1 / chosen)[0]
    rows = metrics["by_source"]
    top = asked.predicted
    return Finding(
        words=(
            f"The scores are divided by the temperature {chosen:.3g}, chosen on pictures kept back. With it the "
            f"answer is {asked.spec.classes[top]} with {percent(asked.probabilities[top])}, without it "
            f"{percent(before[top])}.",
        ),
        values={
            "temperature": chosen,
            "uncalibrated": of_classes(asked.spec, before),
            "by_source": {
                name: {key: one[key] for key in ("ece_before", "ece", "brier_before", "brier")}
                for name, one in rows.items()
            },
        },
        table=Table(
            ("Test pictures", "Calibration error before", "after", "Brier score before", "after"),
            [
                (
                    name,
                    percent(one["ece_before"]),
                    percent(one["ece"]),
                    f"{one['brier_before']:.3f}",
                    f"{one['brier']:.3f}",
                )
                for name, one in rows.items()
            ],
        ),
    )


def no_copies(asked: Answer) -> str:
    """Why there is nothing to show of a version without copies of its network."""
    return (
        f"{asked.version.reference} was stored without copies of the network on its way: a training of one epoch "
        "has none, and versions that come with Crumbtrail leave them out for their size. Train a new version over "
        "several epochs, and it has them."
    )


def epochs_of(asked: Answer) -> tuple[int, ...]:
    """The epochs of which a copy was kept, ascending, and the last one, which is the version; empty without copies."""
    found = copies(asked.store, asked.version, asked.cache)
    last = len(asked.version.record.results.curve)
    return (*(one.epoch for one in found), last) if found else ()


def after(asked: Answer, epoch: int) -> Answer:
    """The same question to the network as it was after an epoch; the last one is the version itself."""
    last = len(asked.version.record.results.curve)
    target = asked.spec.classes[asked.target]
    return instead(asked, epoch=None if epoch == last else epoch, target=target)


def _training(asked: Answer, report: Report) -> Finding:
    epochs = epochs_of(asked)
    if not epochs:
        return Finding((no_copies(asked),), {"epochs": []})
    name = asked.spec.classes[asked.target]
    said = []
    for number, epoch in enumerate(epochs):
        report(Progress("Asking the copies of the network", number, len(epochs)))
        said.append(after(asked, epoch))
    shares = [float(one.probabilities[asked.target]) for one in said]
    return Finding(
        words=(
            f"After epoch {epochs[0]} the network says {name} with {percent(shares[0])}; at the end with "
            f"{percent(shares[-1])}.",
        ),
        values={
            "target": name,
            "epochs": list(epochs),
            "probabilities": [one.prediction()["probabilities"] for one in said],
        },
        table=Table(("Epoch", name), [(str(e), percent(p)) for e, p in zip(epochs, shares, strict=True)]),
    )


LOOKS = (
    Look("calibration", "Calibration", "How sure is it, and may it be?", "picture", always, _calibration),
    Look(
        "training",
        "Training checkpoints",
        "What did it say while it was learning?",
        "picture",
        always,
        _training,
        takes=("target",),
    ),
)
