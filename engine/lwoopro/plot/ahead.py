"""What of a report's figures can be done before there are results, by a process that waits."""

from typing import Final

import matplotlib

from lwoopro.plot.inline import svg
from lwoopro.plot.maps import tile_map
from lwoopro.plot.measured import learn
from lwoopro.plot.places import label, tiles
from lwoopro.plot.style import LOOK, SIZE, SMALL, stock
from lwoopro.plot.words import table

__all__ = ["prepare"]

_FIGURES: Final = 20
"""Of a report, about."""

_LONG: Final = 60
"""Letters of a sentence, which no figure has."""


def prepare() -> None:
    """Draw a first figure, which fills the library's caches; stock empty ones; measure names."""
    codes = list(tiles())
    svg(tile_map(values={codes[0]: 0.0}))
    stock(_FIGURES)
    with matplotlib.rc_context(LOOK):
        learn(map(label, codes), SMALL)
        learn((code.removeprefix("VO") for code in codes), SMALL + 0.5)
        # which language will be asked for is not known yet
        texts = (text for words in table().values() for text in words.values())
        learn((text for text in texts if _is_whole(text)), SIZE, laid_out=True)


def _is_whole(text: str) -> bool:
    """Say whether a text stands on a figure as it is: no sentence, nothing to be filled in."""
    return len(text) < _LONG and "{" not in text
