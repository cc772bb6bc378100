"""Everything about one picture, put together the same way for the page and for the command line."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ask.row_answer import named, receipt_id, receipt_of
from explain import methods
from explain.attributions.attribution import Attribution
from explain.picture_words import picture_finding
from explain.pictures import as_picture
from explain.targets import ClassTarget, parse
from explain.trust.report import TrustReport
from models.spec import Model, ModelSpec


@dataclass(frozen=True, slots=True, eq=False)
class ImageExplanation:
    """An explained picture.

    Attributes
    ----------
    spec : ModelSpec
    version : str
        For instance ``muffin_cnn@1``.
    picture : ndarray of shape (height, width, 3), float32 in [0, 1]
    probabilities : ndarray of shape (n_classes,)
    predicted : int
        Position of the predicted class.
    attribution : Attribution
        For the target, which need not be the predicted class.
    complete : bool
        Whether the method promises that base and values add up to the output.
    words : tuple of str
        See `explain.picture_words.picture_finding`.
    receipt : mapping
        What decides the values, as JSON; without times, so that the same question has the same receipt.
    receipt_id : str
        SHA-256 of the receipt's canonical JSON (RFC 8785), in hexadecimal.
    """

    spec: ModelSpec
    version: str
    picture: np.ndarray
    probabilities: np.ndarray
    predicted: int
    attribution: Attribution
    complete: bool
    words: tuple[str, ...]
    receipt: Mapping[str, Any]
    receipt_id: str

    def to_json(
        self,
        out: str | None = None,
        trust: TrustReport | None = None,
        changes: Mapping[str, float] | None = None,
    ) -> dict[str, Any]:
        """What ``python -m explain --json`` prints, JSON values only.

        Parameters
        ----------
        out : str, optional
            Path of the file that holds the values; it then stands in their place.
        trust : TrustReport, optional
            What the checks of this map found.
        changes : mapping, optional
            What was changed about the pixels that were given, by the names of
            `explain.concepts.perturbations`: told, but no part of the receipt, which knows the picture as it
            was asked about.
        """
        attribution = self.attribution
        values = {"values": attribution.values.tolist()} if out is None else {"out": out}
        gap = {"completeness_gap": attribution.completeness_gap} if self.complete else {}
        return {
            "method": attribution.method,
            "target": attribution.target.name(self.spec),
            "version": self.version,
            **({"changes": dict(changes)} if changes else {}),
            "class": self.spec.classes[self.predicted],
            "probabilities": named(self.spec.classes, self.probabilities),
            **values,
            "shape": list(attribution.values.shape),
            "base_value": attribution.base_value,
            "output": attribution.output,
            "units": attribution.units,
            "baseline": attribution.baseline,
            "normalisation": attribution.normalisation,
            "passes": {"forward": attribution.passes, "backward": attribution.backward_passes},
            "trust": gap | ({} if trust is None else trust.to_json()),
            "words": list(self.words),
            "receipt": {"id": self.receipt_id, **self.receipt},
        }


def explain_image(
    model: Model,
    image: np.ndarray,
    method_name: str,
    target: str | None = None,
    *,
    version: str,
    weights_digest: str,
    background: np.ndarray | None = None,
    settings: Mapping[str, Any] | None = None,
    truth: str | None = None,
    coming: Callable[[Attribution], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> ImageExplanation:
    """Explain a model's answer for a picture.

    Parameters
    ----------
    model : Model
        The loaded version.
    image : ndarray of shape (height, width, 3)
        The picture in question, in [0, 1].
    method_name : str
        A name in `explain.methods`.
    target : str, optional
        What to explain, as `explain.targets.parse` reads it; the predicted class by default.
    version, weights_digest : str
        Which version answers, and the digest of its weights, for the receipt.
    background : ndarray of shape (n, height, width, 3), optional
        Real pictures in [0, 1], for a method that needs them; others do without.
    settings : mapping, optional
        Of the method.
    truth : str, optional
        The class that is really shown, where it is known: a wrong answer is called wrong.
    coming : callable (Attribution), optional
        Told of every map on the way, from coarse to fine, the last one too; see `ImageMethod.stages`.
    cancelled : callable () -> bool, optional
        Asked between two runs of the network.

    Raises
    ------
    Cancelled
        If `cancelled` said so.
    MethodError
        If the method is unknown, does not fit the model, or lacks its background.
    ValueError
        If the picture or the target do not fit the model.
    """
    spec, method = model.spec, methods.image_method(method_name)
    picture = as_picture(spec, image)
    probabilities = model.predict_proba(picture[None])[0]
    predicted = int(np.argmax(probabilities))
    wanted = ClassTarget(predicted) if target is None else parse(spec, target)
    more: dict[str, Any] = {"background": background} if method.needs_background else {}
    chosen = {**(settings or {}), **more}
    if coming is None:
        attribution = method.attribute_unless(cancelled, model, picture, wanted, **chosen)
    else:
        for attribution in method.stages(model, picture, wanted, cancelled, **chosen):
            coming(attribution)
    told = {"digest": picture_digest(picture), "shape": list(picture.shape)}
    receipt = receipt_of(spec, told, attribution, version, weights_digest)
    return ImageExplanation(
        spec=spec,
        version=version,
        picture=picture,
        probabilities=probabilities,
        predicted=predicted,
        attribution=attribution,
        complete=method.complete,
        words=picture_finding(spec, probabilities, attribution, method.signed, truth),
        receipt=receipt,
        receipt_id=receipt_id(receipt),
    )


def picture_digest(picture: np.ndarray) -> str:
    """SHA-256 of a picture, in hexadecimal.

    Of height, width and channels as little-endian 32-bit integers, followed by the values as
    little-endian float32 in C order.
    """
    content = struct.pack("<3I", *picture.shape) + np.ascontiguousarray(picture, dtype="<f4").tobytes()
    return hashlib.sha256(content).hexdigest()
