"""The live figures by the names that the guides call them."""

from __future__ import annotations

from collections.abc import Callable

from pages import (
    _figures_checks,
    _figures_gradients,
    _figures_network,
    _figures_overview,
    _figures_parts,
    _figures_removal,
    _figures_trees,
)

FIGURES: dict[str, Callable[[], None]] = {
    "tree_depth": _figures_trees.tree_depth,
    "forest_trees": _figures_trees.forest_trees,
    "tree_path": _figures_trees.tree_path,
    "coalitions": _figures_trees.coalitions,
    "convolution": _figures_network.convolution_filter,
    "grad_cam_steps": _figures_network.grad_cam_steps,
    "path": _figures_gradients.gathering,
    "window": _figures_network.window,
    "smoothing": _figures_gradients.smoothed,
    "samples": _figures_gradients.sampled,
    "segments": _figures_network.patches,
    "wobble_saliency": _figures_checks.saliency_noise,
    "wobble_stability": _figures_checks.stability_noise,
    "cascade": _figures_checks.cascade,
    "deletion": _figures_removal.deletion,
    "localisation": _figures_parts.located,
    "truth": _figures_parts.truth,
    "shuffling": _figures_overview.shuffling,
    "individual_curves": _figures_overview.individual_curves,
    "sobol": _figures_overview.sobol,
}
