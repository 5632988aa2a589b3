"""A source of uncertainty stands in several lists; this names the one that lacks it (Q-1)."""

from pathlib import Path

from lwoopro.kernels import philox
from lwoopro.plot.words import LANGUAGES as OF_FIGURES
from lwoopro.plot.words import table
from lwoopro.report.language import LANGUAGES, strings
from lwoopro.simulation import sobol
from lwoopro.study.sections import UncertaintySection

README = Path(__file__).parents[2] / "README.md"
SOURCES = list(UncertaintySection.model_fields)

NOT_TAKEN_APART = {"suppressed"}
"""A population that is made anew has one family of draws: `study/decomposition.py` refuses it."""


def test_every_source_is_known_everywhere() -> None:
    readme = README.read_text("utf-8")
    places = {
        "kernels/philox.py": [name for name in SOURCES if hasattr(philox, name.upper())],
        "_OTHER_FAMILY in simulation/sobol.py": [
            name for name in SOURCES if name in {*sobol._OTHER_FAMILY, *NOT_TAKEN_APART}
        ],
        "report/strings.toml": [
            name for name in SOURCES if set(strings().get(f"source.{name}", {})) == set(LANGUAGES)
        ],
        "plot/words.toml": [
            name for name in SOURCES if set(table().get(f"source_{name}", {})) == set(OF_FIGURES)
        ],
        "README.md, where the uncertainty comes from": [
            name for name in SOURCES if f"\n| `{name}` |" in readme
        ],
        "docstring of UncertaintySection": [
            name for name in SOURCES if name in (UncertaintySection.__doc__ or "")
        ],
    }
    for place, names in places.items():
        assert names == SOURCES, place


def test_no_two_sources_share_a_number() -> None:
    numbers = [getattr(philox, name.upper()) for name in SOURCES]
    assert len(set(numbers)) == len(numbers)
    # seven bits of the counter word
    assert all(0 < number < 128 for number in numbers)
