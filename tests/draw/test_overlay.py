"""The colour contract, worked out by hand."""

import numpy as np
import pytest

from draw.overlay import MOST_OPAQUE, blend, legend, overlay
from draw.palette import DARK, LIGHT

VALUES = np.array([[-2.0, -1.0], [0.0, 4.0]])


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_colours_tell_the_sign_and_opacity_the_size(palette):
    got = overlay(VALUES, palette)
    orange, blue = (tuple(bytes.fromhex(tone[1:])) for tone in (palette.positive, palette.negative))
    assert [tuple(pixel[:3]) for pixel in got.rgba.reshape(4, 4).tolist()] == [blue, blue, (0, 0, 0), orange]
    full = 255 * MOST_OPAQUE
    assert got.rgba[..., 3].tolist() == [[round(full / 2), round(full / 4)], [0, round(full)]]
    assert (got.rgba.dtype, got.scale, got.beyond) == (np.uint8, 4.0, 0.0)


def test_the_scale_is_symmetric_and_opacity_grows_with_size():
    values = np.linspace(-1, 3, 200)[None]
    alpha = overlay(values, LIGHT).rgba[0, :, 3].astype(int)
    order = np.argsort(np.abs(values[0]), kind="stable")
    assert (np.diff(alpha[order]) >= 0).all()
    assert np.array_equal(overlay(-values, LIGHT).rgba[0, :, 3], alpha)


def test_a_given_scale_is_kept_and_what_lies_beyond_is_counted():
    got = overlay(VALUES, LIGHT, scale=1.0)
    assert (got.scale, got.beyond) == (1.0, 0.5)
    assert len(set(got.rgba[[0, 0, 1], [0, 1, 1], 3].tolist())) == 1
    assert overlay(VALUES, LIGHT, scale=8.0).rgba[1, 1, 3] == round(255 * MOST_OPAQUE / 2)


def test_an_empty_map_is_transparent():
    got = overlay(np.zeros((3, 2)), LIGHT)
    assert not got.rgba[..., 3].any() and got.scale == 0
    assert not overlay(np.zeros((3, 2)), LIGHT, scale=2.0).rgba[..., 3].any()


def test_refuses_what_has_no_colour():
    with pytest.raises(ValueError, match="not finite"):
        overlay(np.array([[np.nan]]), LIGHT)
    for scale in (0.0, -1.0, np.nan):
        with pytest.raises(ValueError, match="must be positive"):
            overlay(VALUES, LIGHT, scale=scale)


def test_blend_lays_colour_over_grey():
    image = np.array([[[1.0, 0, 0], [0.5, 0.5, 0.5]], [[1, 1, 1], [0, 0, 0]]])
    clear = np.zeros((2, 2, 4), np.uint8)
    got = blend(image, clear)
    # Brightness 0.299 of red, and three quarters of the contrast around 0.5.
    assert got[0, 0].tolist() == [round(255 * (0.5 + 0.75 * (0.299 - 0.5)))] * 3
    assert got[1].tolist() == [[round(255 * 0.875)] * 3, [round(255 * 0.125)] * 3]
    solid = np.full((2, 2, 4), (10, 200, 30, 255), np.uint8)
    assert (blend(image, solid) == (10, 200, 30)).all()
    half = np.full((2, 2, 4), (255, 0, 0, 51), np.uint8)  # a fifth
    assert blend(image, half)[0, 1].tolist() == [round(0.2 * 255 + 0.8 * 127.5), 102, 102]


def test_the_legend_shows_what_the_overlay_draws():
    ticks = legend(4.0, True, LIGHT)
    assert [tick.value for tick in ticks] == [-4, -2, 0, 2, 4]
    drawn = overlay(np.array([[tick.value for tick in ticks]]), LIGHT)
    assert [tick.rgba for tick in ticks] == [tuple(pixel) for pixel in drawn.rgba[0].tolist()]
    assert [tick.value for tick in legend(4.0, False, LIGHT)] == [0, 2, 4]
    assert all(tick.rgba[3] == 0 for tick in legend(0.0, True, LIGHT))
