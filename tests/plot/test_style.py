"""Colours that everybody can tell apart, and ink that can be read on them."""

import numpy as np
import pytest
from matplotlib.colors import Colormap, to_rgb

from lwoopro.plot.style import DIVERGING, GAIN, INK, LOSS, PALETTE, SEQUENTIAL, text_on

# Machado, Oliveira and Fernandes (2009), severity 1: linear RGB as protanopes, deuteranopes and
# tritanopes see it
BLINDNESS = {
    "protan": """0.152286 1.052583 -0.204868  0.114503 0.786281 0.099216
        -0.003882 -0.048116 1.051998""",
    "deutan": """0.367322 0.860646 -0.227968  0.280085 0.672501 0.047413
        -0.011820 0.042940 0.968881""",
    "tritan": """1.255528 -0.076749 -0.178779  -0.078411 0.930809 0.147602
        0.004733 0.691367 0.303900""",
}


def linear(colour: object) -> np.ndarray:
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear sRGB."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one: object, other: object, blindness: str) -> float:
    matrix = np.array(BLINDNESS[blindness].split(), float).reshape(3, 3)
    return float(np.linalg.norm(lab(matrix @ linear(one)) - lab(matrix @ linear(other))))


def lightness(cmap: Colormap) -> np.ndarray:
    return np.array([lab(linear(cmap(at)))[0] for at in np.linspace(0, 1, 41)])


def test_lightness_falls_evenly() -> None:
    assert (np.diff(lightness(SEQUENTIAL)) < 0).all()
    both = lightness(DIVERGING)
    assert (np.diff(both[:21]) > 0).all() and (np.diff(both[20:]) < 0).all()
    # what loses so much is as dark as what gains so much
    assert np.abs(both - both[::-1]).max() < 12
    assert both[20] > 94


@pytest.mark.parametrize("blindness", list(BLINDNESS))
def test_gain_and_loss_can_be_told_apart(blindness: str) -> None:
    assert apart(GAIN, LOSS, blindness) > 35
    for at in (0.1, 0.25, 0.4):
        assert apart(DIVERGING(0.5 - at), DIVERGING(0.5 + at), blindness) > 12
    for k, one in enumerate(PALETTE[:5]):
        for other in PALETTE[:k]:
            assert apart(one, other, blindness) > 10


def contrast(one: object, other: object) -> float:
    weights = np.array([0.2126, 0.7152, 0.0722])
    a, b = (float(weights @ linear(colour)) for colour in (one, other))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


def test_ink_can_be_read_on_every_colour() -> None:
    for cmap in (SEQUENTIAL, DIVERGING):
        for at in np.linspace(0, 1, 101):
            colour = cmap(at)
            # WCAG 2.2, AA
            assert contrast(text_on(colour), colour) >= 4.5
    assert contrast(INK, "white") > 15


def test_marks_stand_out_on_light_and_dark_pages() -> None:
    for colour in (GAIN, LOSS):
        assert contrast(colour, "#ffffff") >= 3 and contrast(colour, "#1b1b1f") >= 3
