"""Looks at a whole model for rows: what it leans on, and what another model or seed would say."""

from __future__ import annotations

from typing import Any

import numpy as np

from ask.answer import Answer, named, of_classes
from ask.looks.base import Finding, Look, Table, always
from ask.looks.row import rows_for
from ask.question import Question
from data.failures import UserMistake
from explain.attributions import tree_shap
from explain.numbers import percent
from explain.overall import disagreement as opinions
from explain.overall import importance, many_seeds, trial
from explain.overall import interactions as together
from explain.targets import ClassTarget
from governance import console, registry, setup
from governance.registry import Version
from models import catalogue, loading
from models.spec import Definition, Model, Progress, Report


def _no_trees(definition: Definition) -> str | None:
    return tree_shap.METHOD.unsupported(definition.spec)


def _importance(asked: Answer, report: Report) -> Finding:
    rows, spec = rows_for(asked), asked.spec
    found = importance.measures(asked.model, rows, asked.question.seed)
    reliance, measures = found.reliance, found.named
    names = [feature.name for feature in spec.features]
    values: dict[str, Any] = {
        "accuracy": reliance.accuracy,
        "rows": reliance.rows,
        "permutation": {
            name: {"value": float(value), "low": float(low), "high": float(high)}
            for name, value, low, high in zip(
                names, reliance.values, reliance.low, reliance.high, strict=True
            )
        },
    }
    if found.shap_values is not None:
        values["mean_absolute_shap"] = named(names, measures["TreeSHAP"])
        values["mean_absolute_shap_by_class"] = {
            one: named(names, importance.mean_size(found.shap_values, index))
            for index, one in enumerate(spec.classes)
        }
    if found.impurity is not None:
        values["impurity"] = named(names, found.impurity)
    words = (importance.agreement(spec, measures), *([found.lacking] if found.lacking else []))
    return Finding(words, values, _importance_table(asked, found))


def _importance_table(asked: Answer, found: importance.Measures) -> Table:
    """A column for each measure that there is."""
    reliance, measures = found.reliance, found.named
    cells = {
        "permutation": [
            f"{100 * value:.1f} ({100 * low:.1f} to {100 * high:.1f})"
            for value, low, high in zip(reliance.values, reliance.low, reliance.high, strict=True)
        ],
        "TreeSHAP": [f"{100 * value:.1f}" for value in measures.get("TreeSHAP", ())],
        "impurity": [percent(value) for value in measures.get("impurity", ())],
    }
    heads = {
        "permutation": "Points of accuracy lost (95 %)",
        "TreeSHAP": "Mean |SHAP|, points",
        "impurity": "Impurity removed",
    }
    rows = [
        (asked.spec.features[i].label, *(cells[name][i] for name in measures))
        for i in importance.common_order(measures)
    ]
    return Table(("Feature", *(heads[name] for name in measures)), rows)


def _alone(definition: Definition) -> str | None:
    if len(definition.spec.features) < 2:
        return f"{definition.spec.title} has one feature only, which acts together with no other."
    return _no_trees(definition)


def _interactions(asked: Answer, report: Report) -> Finding:
    spec = asked.spec
    # As on the page: the first class, where neither a class nor an input is given.
    target = asked.target if asked.question.target or asked.question.input else 0
    found = together.interactions(asked.model, rows_for(asked).x, seed=asked.question.seed)
    strengths = found.strengths(target)
    names = [feature.name for feature in spec.features]
    pair = together.strongest_pair(strengths)
    rows = [
        (spec.features[i].label, *(f"{100 * value:.1f}" for value in strengths[i])) for i in range(len(names))
    ]
    return Finding(
        words=together.finding(spec, strengths, target),
        values={
            "target": spec.classes[target],
            "rows": len(found.x),
            "share_together": together.share_together(strengths),
            "strongest_pair": [names[index] for index in pair],
            "strengths": {name: named(names, strengths[i]) for i, name in enumerate(names)},
        },
        table=Table(("Points of probability", *(feature.label for feature in spec.features)), rows),
    )


def _cannot_train(definition: Definition) -> str | None:
    return _no_trees(definition) or trial.unsupported(definition)


def _seeds(asked: Answer, report: Report) -> Finding:
    rows, definition = rows_for(asked), asked.definition
    settings = trial.starting_settings(definition, asked.version)
    seeds = range(asked.question.seed, asked.question.seed + many_seeds.SEEDS)
    x, y = rows.held_out
    accuracy = float(np.mean(asked.model.predict_proba(x).argmax(axis=1) == y))
    words: list[str] = []
    values: dict[str, Any] = {"accuracy": accuracy, "tolerance": definition.tolerance, "seeds": list(seeds)}
    table: Table | None = None
    for number, (name, what, resample) in enumerate(_TRAININGS):
        report(Progress(f"Training {len(seeds)} models: {what}", number, len(_TRAININGS)))
        models = many_seeds.train_seeds(definition, settings, seeds, *rows.training, resample)
        found = many_seeds.many_seeds(models, x, y)
        equal = found.as_accurate_as(accuracy, definition.tolerance)
        said = many_seeds.finding(found, equal, asked.version.reference, accuracy, definition.tolerance)
        words.append(f"{what}: {' '.join(said)}")
        values[name] = _training_values(asked, found, equal)
        if not equal.any():
            words.append(
                "None of them is as accurate as the stored version, so there is nothing to compare it with."
            )
            continue
        words.append(many_seeds.asked_first(found, equal, asked.model))
        if asked.question.input is not None:
            kept = [model for model, good in zip(models, equal, strict=True) if good]
            values[name]["input"], sentence = _for_the_input(asked, kept)
            words.append(sentence)
        table = table or _ranges(
            asked, found.reliances[equal], importance.permutation(asked.model, x, y).values
        )
    return Finding(tuple(words), values, table)


_TRAININGS = (
    ("same_rows", "Same rows, another seed", False),
    ("resampled_rows", "Resampled rows", True),
)


def _training_values(asked: Answer, found: many_seeds.ManySeeds, equal: np.ndarray) -> dict[str, Any]:
    names = [feature.name for feature in asked.spec.features]
    return {
        "accuracies": found.accuracies.tolist(),
        "as_accurate": [bool(one) for one in equal],
        "structures": list(found.structures),
        "first_questions": list(found.first_questions),
        "permutation": {name: found.reliances[:, i].tolist() for i, name in enumerate(names)},
    }


def _for_the_input(asked: Answer, models: list[Model]) -> tuple[dict[str, Any], str]:
    """What equally accurate models answer for the input, and why; and a sentence."""
    spec = asked.spec
    probabilities, attributions = many_seeds.explained_by_each(models, asked.input)
    values = attributions[..., asked.target]
    told = {
        "target": spec.classes[asked.target],
        "answers": [of_classes(spec, one) for one in probabilities],
        "tree_shap": {f.name: values[:, i].tolist() for i, f in enumerate(spec.features)},
    }
    return told, many_seeds.most_answer(spec, probabilities)


def _ranges(asked: Answer, reliances: np.ndarray, own: np.ndarray) -> Table:
    rows = [
        (
            feature.label,
            f"{100 * own[i]:.1f}",
            f"{100 * reliances[:, i].min():.1f} to {100 * reliances[:, i].max():.1f}",
        )
        for i, feature in enumerate(asked.spec.features)
    ]
    return Table(("Points of accuracy lost", "Stored version", "Same rows, other seeds"), rows)


def _refuse_opinion(definition: Definition, question: Question) -> str | None:
    if question.other is None:
        return "A second opinion needs somebody to give it: name another version by --other MODEL[@V]."
    other = catalogue.definition(registry.split_reference(question.other)[0])
    if (other.spec.classes, other.spec.features) != (definition.spec.classes, definition.spec.features):
        return (
            f"{other.spec.name} does not answer the same question as {definition.spec.name}. Name a model of the same "
            "classes and features by --other."
        )
    return _no_trees(other)


def _opinion(asked: Answer, report: Report) -> Finding:
    assert asked.question.other is not None
    rival = setup.version_for(asked.store, asked.question.other, console.ProgressLine())
    if rival.record_id == asked.version.record_id:
        raise UserMistake(
            f"--other {asked.question.other} is {rival.reference} itself. Name another version."
        )
    models = (asked.model, loading.load(asked.store, rival))
    names = (asked.version.reference, rival.reference)
    values: dict[str, Any] = {"versions": list(names)}
    words: list[str] = []
    if asked.question.input is not None:
        values["input"], sentence = _of_the_input(asked, names, models)
        words.append(sentence)
    table = None
    if not _same_rows_kept_back(asked.version, rival):
        words.append(
            "They kept other rows back, so no row is new to both, and a comparison would not be fair."
        )
    else:
        values["test_rows"], said, table = _on_test_rows(asked, names, models)
        words += said
    return Finding(tuple(words), values, table)


def _same_rows_kept_back(version: Version, rival: Version) -> bool:
    mine, other = version.record.data, rival.record.data
    return (mine.fingerprint, mine.test_digest) == (other.fingerprint, other.test_digest)


def _of_the_input(
    asked: Answer, names: tuple[str, str], models: tuple[Model, Model]
) -> tuple[dict[str, Any], str]:
    """Both answers and both TreeSHAP attributions for the input; and a sentence."""
    spec, target = asked.spec, asked.target
    features = [feature.name for feature in spec.features]
    told: dict[str, Any] = {"target": spec.classes[target]}
    for name, model in zip(names, models, strict=True):
        why = tree_shap.METHOD.attribute(model, asked.input, ClassTarget(target))
        told[name] = {
            **of_classes(spec, model.predict_proba(asked.input[None])[0]),
            "base_value": why.base_value,
            "tree_shap": named(features, why.values),
        }
    return told, opinions.on_one_input(told[names[0]]["class"], told[names[1]]["class"])


def _on_test_rows(
    asked: Answer, names: tuple[str, str], models: tuple[Model, Model]
) -> tuple[dict[str, Any], list[str], Table | None]:
    rows, classes = rows_for(asked), asked.spec.classes
    x, y = rows.held_out
    found, ids = opinions.disagreement(*models, x, y), [rows.ids[i] for i in rows.test]
    differ = [(ids[i], classes[y[i]], classes[found.first[i]], classes[found.second[i]]) for i in found.rows]
    values = {
        "rows": found.n_rows,
        "both_right": found.both_right,
        "only_first_right": found.only_first,
        "only_second_right": found.only_second,
        "both_wrong": found.both_wrong,
        "p_value": found.p_value,
        "different": [
            {"row": row, "truth": truth, names[0]: one, names[1]: other} for row, truth, one, other in differ
        ],
        "distances": dict(zip(ids, found.distances.tolist(), strict=True)),
    }
    words = [*opinions.finding(found, names), opinions.farthest(found, ids)]
    return values, words, Table(("Row", "Truth", *names), differ) if differ else None


LOOKS = (
    Look(
        "importance",
        "Global importance",
        "What matters to the model overall?",
        "model",
        always,
        _importance,
        takes=("seed",),
    ),
    Look(
        "interactions",
        "Interactions",
        "Which features act together?",
        "model",
        _alone,
        _interactions,
        takes=("target", "seed"),
    ),
    Look(
        "seeds",
        "Seed variance",
        "Does the same training with another seed say the same?",
        "model",
        _cannot_train,
        _seeds,
        takes=("target", "seed"),
    ),
    Look(
        "second_opinion",
        "Model comparison",
        "Does another model say the same?",
        "model",
        _no_trees,
        _opinion,
        takes=("other", "target"),
        refuse=_refuse_opinion,
    ),
)
