"""What an attribution of a picture costs, beside captum's or SHAP's own call and the bare passes.

On the network of ``muffin_cnn`` with random weights: time does not depend on what it has learned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from benchmarks.measure import Row, compare
from explain import methods, pictures
from explain.attributions.attribution import Attribution
from explain.attributions.occlusion import OcclusionMethod
from explain.attributions.superpixels import superpixels
from explain.targets import ClassTarget
from models import muffin_cnn

# Milliseconds are measured often, seconds less so.
_OFTEN, _SELDOM = 41, 7
# What captum puts in the place of absent pixels if it is not told.
_BLACK = {"baseline": "black"}


def saliency() -> Row:
    """Against captum's own call."""
    from captum.attr import Saliency

    peer = Saliency(_model().network)
    return _alike(
        "saliency",
        {},
        "captum Saliency",
        lambda: peer.attribute(_pixels().requires_grad_(), target=1)[0].amax(0).numpy(),
        _OFTEN,
    )


def grad_cam() -> Row:
    """Against captum's own call."""
    from captum.attr import LayerAttribution, LayerGradCam

    network = _model().network
    peer = LayerGradCam(network, network.get_submodule(_model().last_conv))

    def theirs() -> Any:
        coarse = peer.attribute(_pixels().requires_grad_(), target=1, relu_attributions=True)
        return LayerAttribution.interpolate(coarse, (_side(), _side()), "bilinear")[0, 0].detach().numpy()

    return _alike("grad_cam", {}, "captum LayerGradCam", theirs, _OFTEN)


def smooth_grad() -> Row:
    """Against captum's own call with as many copies at once. Each draws noise of its own."""
    from captum.attr import NoiseTunnel, Saliency

    peer = NoiseTunnel(Saliency(_model().network))

    def theirs() -> Any:
        found = peer.attribute(
            _pixels(), nt_samples=50, nt_samples_batch_size=_batch(), stdevs=0.15, target=1, abs=False
        )
        return found[0].abs().amax(0).numpy()

    return compare("smooth_grad", _ours("smooth_grad"), "captum NoiseTunnel, batched", theirs, _SELDOM)


def integrated_gradients() -> Row:
    """Against captum's own call with as many steps, all in one batch."""
    from captum.attr import IntegratedGradients

    peer = IntegratedGradients(_model().network)

    def theirs() -> Any:
        return peer.attribute(_pixels(), _pixels() * 0, target=1, n_steps=50)[0].sum(0).detach().numpy()

    return _alike("integrated_gradients", _BLACK, "captum IntegratedGradients", theirs, _SELDOM)


def integrated_gradients_bare() -> Row:
    """Against the bare passes that it needs: 50 forward and back, and 2 forward."""
    import torch

    network = _model().network

    def bare() -> None:
        for size in _sizes(50):
            points = _pixels(size).requires_grad_()
            torch.autograd.grad(network(points)[:, 1].sum(), points)
        with torch.no_grad():
            network(_pixels(2))

    return compare("integrated_gradients", _ours("integrated_gradients"), "its bare passes", bare, _SELDOM)


def occlusion() -> Row:
    """Against captum's own call with as many windows at once."""
    return _alike("occlusion", _BLACK, "captum Occlusion, batched", _captums(_batch()), _SELDOM)


def occlusion_default() -> Row:
    """Against captum's own call as it comes: one window after the other."""
    return _alike("occlusion", _BLACK, "captum Occlusion, default", _captums(1), _SELDOM)


def occlusion_bare() -> Row:
    """Against the bare passes over as many whole pictures, of which it computes parts."""
    import torch

    needed = methods.image_method("occlusion").passes(_model().spec).forward

    def bare() -> None:
        with torch.no_grad():
            for size in _sizes(needed):
                _model().network(_pixels(size))

    return compare("occlusion", _ours("occlusion"), "bare passes, whole", bare, _SELDOM)


def occlusion_coarse() -> Row:
    """The first of its stages against the whole."""
    method = methods.image_method("occlusion")
    assert isinstance(method, OcclusionMethod)

    def first() -> object:
        return next(method.stages(_model(), _picture(), ClassTarget(1)))

    return compare("occlusion, first stage", first, "occlusion", _ours("occlusion"), _SELDOM)


def gradient_shap() -> Row:
    """Against SHAP's own call, which answers for every class at once."""
    import shap

    background = np.random.default_rng(1).random((24, _side(), _side(), 3), dtype=np.float32)

    def theirs() -> Any:
        explainer = shap.GradientExplainer(_model().network, pictures.as_tensor(background))
        return explainer.shap_values(_pixels(), nsamples=100, rseed=0)[0, ..., 1].sum(0)

    return _alike("gradient_shap", {"background": background}, "shap GradientExplainer", theirs, _SELDOM)


def superpixel_shap() -> Row:
    """Against captum's KernelSHAP on the same superpixels. Each draws coalitions of its own."""
    import torch
    from captum.attr import KernelShap

    peer = KernelShap(_model().network)

    def theirs() -> Any:
        patches = torch.from_numpy(superpixels(_picture(), 24))[None, None]
        found = peer.attribute(
            _pixels(), target=1, feature_mask=patches, n_samples=500, perturbations_per_eval=_batch()
        )
        return found[0, 0].numpy()

    return compare("superpixel_shap", _ours("superpixel_shap"), "captum KernelShap, batched", theirs, _SELDOM)


@cache
def _model() -> Any:
    import torch

    from models import networks

    torch.manual_seed(0)
    width = next(one.default for one in muffin_cnn.DEFINITION.settings if one.name == "width")
    return networks.NetworkModel(
        muffin_cnn.SPEC, networks.ResidualNetwork(len(muffin_cnn.SPEC.classes), int(width))
    )


def _side() -> int:
    return _model().spec.image_size


@cache
def _picture() -> np.ndarray:
    return np.random.default_rng(0).random((_side(), _side(), 3), dtype=np.float32)


def _pixels(n: int = 1) -> Any:
    return pictures.as_tensor(np.repeat(_picture()[None], n, axis=0))


def _batch() -> int:
    return pictures.pictures_a_pass(_picture())


def _sizes(n: int) -> list[int]:
    """How many pictures go through at once, pass after pass."""
    full, rest = divmod(n, _batch())
    return [_batch()] * full + [rest] * (rest > 0)


def _alike(name: str, settings: Mapping[str, Any], peer: str, theirs: Callable[[], Any], rounds: int) -> Row:
    """Compare times, once it is seen that both give the same map."""
    ours = _ours(name, **settings)
    np.testing.assert_allclose(ours().values, theirs(), rtol=1e-3, atol=1e-6)
    return compare(name, ours, peer, theirs, rounds)


def _ours(name: str, **settings: Any) -> Callable[[], Attribution]:
    method = methods.image_method(name)
    method.attribute(
        _model(), _picture(), ClassTarget(1), **settings
    )  # what is imported and made once is not counted
    return lambda: method.attribute(_model(), _picture(), ClassTarget(1), **settings)


def _captums(at_once: int) -> Callable[[], Any]:
    from captum.attr import Occlusion

    chosen = {one.name: one.default for one in methods.image_method("occlusion").choices(_model().spec)}
    peer = Occlusion(_model().network)
    return lambda: (
        peer.attribute(
            _pixels(),
            sliding_window_shapes=(3, chosen["window"], chosen["window"]),
            strides=(3, chosen["stride"], chosen["stride"]),
            target=1,
            perturbations_per_eval=at_once,
        )[0, 0]
        .double()
        .numpy()
    )
