"""What an image what-if shows, handed to the sections that look closer at it."""

from __future__ import annotations

from dataclasses import dataclass

from ask.image_answer import ImageExplanation
from governance.registry import Version
from models.spec import Model, ModelSpec
from pages.pictures.inputs import Asked


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A picture, what a version answers, and the map on the screen."""

    spec: ModelSpec
    version: Version
    model: Model
    asked: Asked
    explanation: ImageExplanation
