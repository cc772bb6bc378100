"""The live figures by the names that the guides call them."""

from __future__ import annotations

from collections.abc import Callable

from pages.learn import checks, gradients, network, overview, parts, removal, trees

FIGURES: dict[str, Callable[[], None]] = {
    "tree_depth": trees.tree_depth,
    "forest_trees": trees.forest_trees,
    "tree_path": trees.tree_path,
    "coalitions": trees.coalitions,
    "convolution": network.convolution_filter,
    "grad_cam_steps": network.grad_cam_steps,
    "path": gradients.gathering,
    "window": network.window,
    "smoothing": gradients.smoothed,
    "samples": gradients.sampled,
    "segments": network.patches,
    "wobble_saliency": checks.saliency_noise,
    "wobble_stability": checks.stability_noise,
    "cascade": checks.cascade,
    "deletion": removal.deletion,
    "localisation": parts.located,
    "truth": parts.truth,
    "shuffling": overview.shuffling,
    "individual_curves": overview.individual_curves,
    "sobol": overview.sobol,
}
