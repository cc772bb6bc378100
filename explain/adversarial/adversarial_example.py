"""The smallest change of a picture's pixels that changes the answer. It shows how thin an answer is.

It is no explanation: it does not say why the model answers as it does, and what it looks like means
nothing. C. Szegedy et al., "Intriguing properties of neural networks", ICLR 2014, found that networks can
be tipped by changes that nobody sees.

Two kinds are looked for, each the smallest of its kind in L2, as far as the search finds it:

- ``smallest``: any pixel may change. Often no eye sees it.
- ``soft``: only broad shades may be added, made of the 8 × 8 slowest cosine waves of each channel (their
  shortest wave is 2/7 of the picture's side). That is a change that can be seen, as light or a tint can.

The search goes to the border between two answers as DeepFool does (S.-M. Moosavi-Dezfooli, A. Fawzi,
P. Frossard, "DeepFool: a simple and accurate method to fool deep neural networks", CVPR 2016), pulls back
along the straight way to the picture by bisection, turns the way into the border's normal, which is where
the nearest point of a smooth border lies, and begins again, while that shortens the way. For a linear
network the first step is exact. The result is asked about again, as a picture and as an 8-bit file of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np

from explain.attributions.attribution import MethodError
from explain.attributions.image_method import Passes
from explain.cancelling import Cancelled
from explain.levels import lacking
from explain.pictures import as_picture, as_tensor
from models.spec import HasNetwork, Model, ModelSpec

Kind = Literal["smallest", "soft"]
LEVELS = 255
WAVES = 8

# How far beyond the border a step goes, as a share of its length: DeepFool's own.
_OVERSHOOT = 0.02
_STEPS, _ROUNDS, _HALVINGS = 30, 8, 12
# A round that shortens the way by less than this share is the last.
_WORTH_IT = 0.01
# An 8-bit file loses what is below half a level: the change is made stronger by these steps, to 64 times.
_STRONGER = 1.05 ** np.arange(86)


@dataclass(frozen=True, slots=True, eq=False)
class AdversarialExample:
    """A picture that was changed as little as could be found so that the answer is another one.

    Attributes
    ----------
    kind : str
        ``smallest`` or ``soft``.
    picture, changed : ndarray of shape (height, width, 3), float32 in [0, 1]
        Before and after.
    before, after : ndarray of shape (n_classes,), float64
        The model's probabilities for both, asked apart from the search.
    saved : ndarray of shape (height, width, 3), uint8, or None
        The change as it survives in an 8-bit file, made just so much stronger as that needs; None where
        64 times as strong is not enough.
    after_saved : ndarray of shape (n_classes,), float64, or None
        Probabilities for the file.
    passes : Passes
        What the search took, asking again included.
    """

    kind: Kind
    picture: np.ndarray
    changed: np.ndarray
    before: np.ndarray
    after: np.ndarray
    saved: np.ndarray | None
    after_saved: np.ndarray | None
    passes: Passes

    @property
    def difference(self) -> np.ndarray:
        """Nudged less picture, ndarray of shape (height, width, 3), float64."""
        return self.changed.astype(np.float64) - self.picture

    @property
    def l2(self) -> float:
        """Root of the sum of the squared changes; one channel of one pixel from black to full counts 1."""
        return float(np.linalg.norm(self.difference))

    @property
    def largest(self) -> float:
        """The largest change of any pixel in any channel (L∞), in levels of 255."""
        return float(LEVELS * np.abs(self.difference).max())

    @property
    def largest_saved(self) -> int | None:
        """The same in the 8-bit file against the picture's own 8-bit file, a whole number of levels."""
        if self.saved is None:
            return None
        return int(np.abs(self.saved.astype(np.int64) - _as_bytes(self.picture)).max())


def unsupported(spec: ModelSpec) -> str | None:
    """The reason, in one sentence, that a model cannot be asked for one; None where it can."""
    if spec.modality != "image":
        return f"An adversarial example changes pixels, and {spec.title} answers for rows of a table."
    return lacking("An adversarial example", spec, "gradients")


def adversarial_example(
    model: Model, x: np.ndarray, kind: Kind = "smallest", cancelled: Callable[[], bool] | None = None
) -> AdversarialExample | None:
    """Look for the smallest change of a kind that changes the answer to any other class.

    Parameters
    ----------
    model : Model
        Its network is in evaluation mode.
    x : ndarray of shape (height, width, 3)
        The picture, in [0, 1]. It is not changed.
    kind : str
        ``smallest`` or ``soft``.
    cancelled : callable () -> bool, optional
        Asked before every run of the network.

    Returns
    -------
    AdversarialExample or None
        None where none was found, as for a network whose gradient is zero. One that is found flips the
        answer, as asked again; that no smaller one exists is not proven.

    Raises
    ------
    MethodError
        If the model does not fit.
    ValueError
        If `x` does not fit the model.
    Cancelled
        If `cancelled` said so.
    """
    reason = unsupported(model.spec)
    if reason is not None:
        raise MethodError(reason)
    picture = as_picture(model.spec, x)
    search = _Search(model, picture, _slow_waves if kind == "soft" else lambda gradient: gradient, cancelled)
    changed = search.nearest()
    if changed is None:
        return None
    saved = search.survives(changed)
    return AdversarialExample(
        kind=kind,
        picture=picture,
        changed=changed,
        before=search.before,
        after=search.ask(changed),
        saved=saved,
        after_saved=None if saved is None else search.ask(_from_bytes(saved)),
        passes=Passes(search.forward, search.backward),
    )


class _Search:
    """A picture, and the border of its answer around it; counts how often the network is run."""

    def __init__(
        self,
        model: Model,
        picture: np.ndarray,
        allowed: Callable[[np.ndarray], np.ndarray],
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._model, self._picture, self._allowed, self._cancelled = model, picture, allowed, cancelled
        self.forward = self.backward = 0
        self.before = self.ask(picture)
        self._class = int(np.argmax(self.before))
        self._others = [index for index in range(len(self.before)) if index != self._class]

    def nearest(self) -> np.ndarray | None:
        """The nearest picture found with another answer."""
        best: np.ndarray | None = None
        start = self._picture
        for _ in range(_ROUNDS):
            over = self._over_the_border(start)
            if over is None:
                break
            found = self._pulled_back(over)
            if best is not None and self._distance(found) > (1 - _WORTH_IT) * self._distance(best):
                return min(best, found, key=self._distance)
            best = found
            _, normal = self._border(best)
            if not normal.any():
                break
            way = best - self._picture.astype(np.float64)
            start = self._at(normal * ((way * normal).sum() / (normal**2).sum()))
        return best

    def survives(self, changed: np.ndarray) -> np.ndarray | None:
        """The 8-bit file of the weakest of some stronger changes that still changes the answer."""
        way = changed.astype(np.float64) - self._picture
        for strength in _STRONGER:
            file = _as_bytes(self._at(strength * way))
            if self._flips(_from_bytes(file)):
                return file
        return None

    def ask(self, picture: np.ndarray) -> np.ndarray:
        """Probabilities, ndarray of shape (n_classes,)."""
        self._go_on(1)
        return self._model.predict_proba(picture[None])[0]

    def _over_the_border(self, at: np.ndarray) -> np.ndarray | None:
        for _ in range(_STEPS):
            if self._flips(at):
                return at
            lead, normal = self._border(at)
            # What stands at black or full already cannot go on; the others go so much farther.
            free = normal * ~(((at <= 0) & (normal < 0)) | ((at >= 1) & (normal > 0)))
            if not free.any():
                return None
            step = (1 + _OVERSHOOT) * abs(lead) / (free**2).sum() * free
            at = self._at(at.astype(np.float64) - self._picture + step)
        return None

    def _pulled_back(self, over: np.ndarray) -> np.ndarray:
        """The point with another answer that is nearest to the picture on the straight way, by bisection."""
        way, inside, outside = over.astype(np.float64) - self._picture, 0.0, 1.0
        found = over
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            at = self._at(middle * way)
            if self._flips(at):
                outside, found = middle, at
            else:
                inside = middle
        return found

    def _border(self, at: np.ndarray) -> tuple[float, np.ndarray]:
        """The lead in logits over the class that is nearest, and the way to it: where that lead shrinks."""
        import torch

        self._go_on(len(self._others), backward=True)
        network = cast(HasNetwork, self._model).network
        pixels = as_tensor(np.repeat(at[None], len(self._others), axis=0)).requires_grad_()
        with torch.enable_grad():
            logits: Any = network(pixels)
            leads = logits[:, self._class] - logits[range(len(self._others)), self._others]
        (gradients,) = torch.autograd.grad(leads.sum(), pixels)
        ways = [-self._allowed(one.permute(1, 2, 0).double().numpy()) for one in gradients]
        lengths = np.array([np.linalg.norm(way) for way in ways])
        # Where nothing moves a lead, its border is endlessly far.
        far = np.full(len(ways), np.inf)
        np.divide(np.abs(leads.detach().numpy()), lengths, out=far, where=lengths > 0)
        nearest = int(np.argmin(far))
        return float(leads.detach()[nearest]), ways[nearest]

    def _flips(self, picture: np.ndarray) -> bool:
        return int(np.argmax(self.ask(picture))) != self._class

    def _at(self, way: np.ndarray) -> np.ndarray:
        """The picture that a way from the start leads to, as a picture can be."""
        return np.clip(self._picture + way, 0, 1).astype(np.float32)

    def _distance(self, picture: np.ndarray) -> float:
        return float(np.linalg.norm(picture.astype(np.float64) - self._picture))

    def _go_on(self, pictures: int, backward: bool = False) -> None:
        if self._cancelled is not None and self._cancelled():
            raise Cancelled("The search for an adversarial example was cancelled.")
        self.forward += pictures
        self.backward += pictures * backward


def _slow_waves(values: np.ndarray) -> np.ndarray:
    """What is left of an array of shape (height, width, 3) in its slowest waves: an orthogonal projection."""
    from scipy.fft import dctn, idctn

    waves = dctn(values, axes=(0, 1), norm="ortho")
    waves[WAVES:], waves[:, WAVES:] = 0, 0
    return idctn(waves, axes=(0, 1), norm="ortho")


def _as_bytes(picture: np.ndarray) -> np.ndarray:
    return np.rint(LEVELS * picture).astype(np.uint8)


def _from_bytes(file: np.ndarray) -> np.ndarray:
    return file.astype(np.float32) / np.float32(LEVELS)
