"""What a version answers for a picture: a scene that was rendered, or a photo."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ask.answer import Answer, of_classes, typicality_told
from ask.cache import Cache
from ask.question import PictureInput, SceneInput, picture_digest
from data.failures import UserMistake
from explain import methods
from explain.attributions.attribution import Attribution
from explain.attributions.image_method import ImageMethod
from explain.concepts import perturbations
from explain.picture_words import picture_answer_words, picture_finding
from explain.pictures import as_picture
from explain.trust.checks.pixel_removal import PixelRemoval
from explain.trust.report import TrustReport, assess
from explain.typicality import feature_typicality
from explain.typicality.typicality import Typicality
from governance import digests, registry
from governance.registry import Version
from governance.store import Store
from models import catalogue, loading
from models.spec import Model, Report

if TYPE_CHECKING:
    from data.bakery import Rendering, Scene
    from models.checkpoints import Checkpoint


class PictureAnswer(Answer):
    """An answered picture; see `ask.answer.Answer`."""

    @cached_property
    def input(self) -> np.ndarray:
        """The picture with every change, ndarray of shape (image_size, image_size, 3), float32 in [0, 1].

        Raises ValueError for a picture of another size, and ChangeMistake for a change that cannot be.
        """
        changed = perturbations.apply(self.unchanged, self.question.changes)
        return as_picture(self.spec, changed)

    @cached_property
    def unchanged(self) -> np.ndarray:
        """The picture before its pixels are changed, as `input`."""
        given = self.question.input
        if isinstance(given, SceneInput):
            return self.rendering(given.scene).image
        assert isinstance(given, PictureInput)
        return as_picture(self.spec, given.pixels)

    @property
    def picture(self) -> np.ndarray:
        """The same as `input`."""
        return self.input

    @cached_property
    def input_digest(self) -> str:
        """See `ask.question.picture_digest`."""
        return picture_digest(self.input)

    @property
    def method(self) -> ImageMethod:
        """What makes the map; raises MethodError for a name that is unknown or not for pictures."""
        assert self.question.method is not None
        return methods.image_method(self.question.method)

    @property
    def compared_with(self) -> str:
        """Name of the dataset whose pictures a method compares with."""
        return self.question.background or self.definition.dataset

    @property
    def attribution(self) -> Attribution:
        """See `ask.answer.Answer.attribution`; `explain` gives it in stages."""
        return self.explain()

    @property
    def attribution_known(self) -> Attribution | None:
        """The map if it was made already, else None."""
        found: Attribution | None = self.known("attribution", *self._map())
        return found

    def explain(
        self,
        coming: Callable[[Attribution], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Attribution:
        """The map, in stages for whoever wants to see something soon.

        Parameters
        ----------
        coming : callable (Attribution), optional
            Told of every map on the way, from coarse to fine, the last one too; not where the map is known.
        cancelled : callable () -> bool, optional
            Asked between two runs of the network.

        Raises
        ------
        Cancelled
            If `cancelled` said so.
        MethodError
            If the method is unknown, does not fit the model, or lacks its background.
        """
        return self.kept("attribution", self._map(), lambda: self._explained(coming, cancelled))

    @property
    def trust_known(self) -> TrustReport | None:
        """The checks of the map if they were made already, else None; the map is known then too."""
        found = None if self.attribution_known is None else self.known("trust", self.receipt_id)
        return found

    def trust(self, report: Report = lambda progress: None) -> TrustReport:
        """The checks of the map.

        Parameters
        ----------
        report : callable (Progress)
            Told after each map that is made for them; what it raises ends the work.
        """
        return self.kept("trust", (self.receipt_id,), lambda: self._assessed(report))

    @cached_property
    def typicality(self) -> Typicality | None:
        """How usual the picture is: a scene as it is drawn against the prior, exactly; else by the examples."""
        among = feature_typicality.among
        changed = bool(self.question.changes)
        if self.scene is not None and not changed:
            return among(None, self.model, self.input, self.scene, changed)
        found = self.evidence.examples()
        if found is None:
            return among(None, self.model, self.input, self.scene, changed)
        return self.kept(
            "typicality",
            (None if self.scene is None else self.scene.digest, self._examples_id()),
            lambda: among(found, self.model, self.input, self.scene, changed),
        )

    @cached_property
    def words(self) -> tuple[str, ...]:
        """See `ask.answer.Answer.words`."""
        if self.question.method is None:
            return picture_answer_words(self.spec, self.probabilities, self.truth, self.unknown)
        return picture_finding(
            self.spec, self.probabilities, self.attribution, self.method.signed, self.truth, self.unknown
        )

    def rendering(self, scene: Scene) -> Rendering:
        """A scene's picture at the model's size and its part mask, kept by the scene's digest."""
        return rendering(self.cache, scene, self.spec.image_size or 1)

    def document(self, out: str | None = None) -> dict[str, Any]:
        """See `ask.answer.Answer.document`; with `out` the values stand in that file alone."""
        attribution, changes = self.attribution, self.question.changes
        values = {"values": attribution.values.tolist()} if out is None else {"out": out}
        gap = {"completeness_gap": attribution.completeness_gap} if self.complete else {}
        return {
            "method": attribution.method,
            "target": attribution.target.name(self.spec),
            "version": self.version.reference,
            **({} if self.question.epoch is None else {"epoch": self.question.epoch}),
            **({"changes": changes} if changes else {}),
            **of_classes(self.spec, self.probabilities),
            **values,
            "shape": list(attribution.values.shape),
            "base_value": attribution.base_value,
            "output": attribution.output,
            "units": attribution.units,
            "baseline": attribution.baseline,
            "normalisation": attribution.normalisation,
            "passes": {"forward": attribution.passes, "backward": attribution.backward_passes},
            "trust": gap | self.trust().to_json(),
            "typicality": typicality_told(self.typicality),
            "words": list(self.words),
            "receipt": {"id": self.receipt_id, **self.receipt},
        }

    def _map(self) -> tuple[Any, ...]:
        """What decides the map besides model and picture."""
        method = self.method
        others = self.compared_with if method.needs_background else None
        return method.name, self.question.settings, self.explained, others

    def _background(self) -> np.ndarray | None:
        return self.evidence.background(self.compared_with) if self.method.needs_background else None

    def _explained(
        self, coming: Callable[[Attribution], None] | None, cancelled: Callable[[], bool] | None
    ) -> Attribution:
        method, chosen = self.method, dict(self.question.settings)
        if method.needs_background:
            chosen["background"] = self._background()
        if coming is None:
            return method.attribute_unless(cancelled, self.model, self.input, self.explained, **chosen)
        for found in method.stages(self.model, self.input, self.explained, cancelled, **chosen):
            coming(found)
        return found

    def _assessed(self, report: Report) -> TrustReport:
        limits = self._limits()
        target = self.attribution.target
        return assess(
            self.model,
            self.input,
            self.method,
            self.attribution,
            background=self._background(),
            mask=self._object(),
            thresholds=None if limits is None else limits.measurement.results,
            # The curves of a picture and a target are shared by all methods.
            removal=self.kept("removal", (target,), lambda: PixelRemoval(self.model, self.input, target)),
            report=report,
        )

    def _object(self) -> np.ndarray | None:
        """Where the object is; of a photo nobody knows."""
        if self.scene is None:
            return None
        from data.bakery import Part

        return self.rendering(self.scene).mask != Part.BACKGROUND

    def _limits(self) -> Any:
        # What was measured is of the version, and a copy of its network on the way is none.
        return None if self.question.epoch is not None else self.evidence.limits()

    def _input_told(self) -> dict[str, Any]:
        return {"digest": self.input_digest, "shape": list(self.input.shape)}

    def _held_against(self) -> dict[str, Any]:
        limits = self._limits()
        return {
            "scene": None if self.scene is None else self.scene.digest,
            "changes": self.question.changes or None,
            "epoch": self.question.epoch,
            "limits": None if limits is None else limits.id,
            "examples": self._examples_id(),
        }

    def _examples_id(self) -> str | None:
        """The record of the examples that typicality is judged by, where it is."""
        if self.scene is not None and not self.question.changes:
            return None
        return self.evidence.examples_id()


def rendering(cache: Cache, scene: Scene, size: int) -> Rendering:
    """A scene at a size, kept by its digest."""
    from data import bakery

    return cache.kept("rendering", (scene.digest, size), lambda: bakery.render(scene, size), "process")


def copies(store: Store, version: Version, cache: Cache) -> tuple[Checkpoint, ...]:
    """The copies of a network that were kept while it was trained, the first epoch first; empty where none were."""
    from data.workspace import home
    from models import checkpoints

    kept = version.record.results.digest_of(checkpoints.FILE)
    if kept is None:
        return ()

    def read() -> tuple[Checkpoint, ...]:
        content = store.blobs.get(kept)
        spec, artefact = catalogue.definition(version.model).spec, registry.artefact(store, version)
        try:
            return checkpoints.read(spec, content, artefact)
        except Exception as error:
            raise loading.refused(version.reference, error, f"file {checkpoints.FILE}") from error

    # Asked for by the record's digest, so another version's copies can never be shown in their place.
    return cache.kept("copies", (version.record_id, str(home())), read, "process")


def copy_after(store: Store, version: Version, epoch: int, cache: Cache) -> tuple[Model, str]:
    """The copy of a network after an epoch, and the digest of its weights, which are its identity.

    Raises
    ------
    UserMistake
        If no copy of that epoch was kept; it names those that were.
    """
    found = {one.epoch: one.model for one in copies(store, version, cache)}
    if epoch not in found:
        there = f"There are: {', '.join(map(str, found))}." if found else "It has none."
        raise UserMistake(f"{version.reference} keeps no copy of the network after epoch {epoch}. {there}")
    arrays = catalogue.definition(version.model).arrays(found[epoch])
    return found[epoch], digests.of_arrays(arrays)[1]
