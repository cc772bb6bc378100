"""The bakery: pictures of muffins and chihuahuas, rendered from parameters, with exact part masks."""

from data.bakery.bake import Baked, bake
from data.bakery.batch import Batch, dataset_identity, load_or_render, pixel_digest, to_bytes
from data.bakery.interventions import INTERVENTIONS, Intervention
from data.bakery.named import named_scenes
from data.bakery.parts import PARTS_OF, Part
from data.bakery.render import RENDERER_VERSION, Rendering, render
from data.bakery.sample import PRIOR, TRAIT_WEIGHTS, Range, off_prior, sample_scenes
from data.bakery.scene import CONCEPTS, KINDS, TRAITS, Scene

__all__ = [
    "CONCEPTS",
    "INTERVENTIONS",
    "KINDS",
    "PARTS_OF",
    "PRIOR",
    "RENDERER_VERSION",
    "TRAITS",
    "TRAIT_WEIGHTS",
    "Baked",
    "Batch",
    "Intervention",
    "Part",
    "Range",
    "Rendering",
    "Scene",
    "bake",
    "dataset_identity",
    "load_or_render",
    "named_scenes",
    "off_prior",
    "pixel_digest",
    "render",
    "sample_scenes",
    "to_bytes",
]
