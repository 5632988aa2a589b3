"""Which track a programme belongs to, from the names that DUO gives education types and programmes.

The education type names the track of a row in grades 3-4 ("VMBO BL lj 3-4"); sector groups,
learn-work routes (LWT) and craft routes are programmes inside it. Rows of vavo and of grades 1-2
have no track: they count in `vo` only. lwoo is visible in the programme's name and nowhere else.
"""

import re
from dataclasses import dataclass
from typing import Final

from lwoopro.duo.fields import normalise

__all__ = ["Track", "enrolment_track", "exam_track", "is_lwoo", "is_pro"]

_WORDS: Final = {
    "bb": "bb", "bl": "bb", "bbl": "bb", "bbg": "bb", "b": "bb", "lwt": "bb",
    "kb": "kb", "kl": "kb", "kbl": "kb", "kbg": "kb", "k": "kb",
    "gl": "gl", "gm": "gl", "g": "gl",
    "tl": "tl", "theor": "tl", "th": "tl", "t": "tl", "mavo": "tl",
}  # fmt: skip

_MIXED: Final = {("bb", "kb"): "kb", ("gl", "tl"): "tl"}
"""A row that names both tracks of a group counts as the larger one nationally: the group, which is
what the score asks for (S-1), is right."""


@dataclass(frozen=True, slots=True)
class Track:
    """The track of a programme: its code (``""`` without one), and whether it stands for two."""

    code: str
    mixed: bool = False


def _tracks(text: str) -> tuple[str, ...]:
    return tuple(sorted({_WORDS[word] for word in normalise(text).split() if word in _WORDS}))


def enrolment_track(kind: str, programme: str) -> Track | None:
    """Return the track of a row of the enrolment file; None where it has one that cannot be read.

    Parameters
    ----------
    kind : str
        ONDERWIJSTYPE VO EN LEER- OF VERBLIJFSJAAR.
    programme : str
        OPLEIDINGSNAAM; asked only where `kind` names two tracks or none.

    Examples
    --------
    >>> enrolment_track("VMBO KL lj 3-4", "LWOO KB Groen")
    Track(code='kb', mixed=False)
    >>> enrolment_track("VMBO uitbest. aan VAVO", "VMBO-TL naar VAVO")
    Track(code='', mixed=False)
    >>> enrolment_track("VMBO GL/TL lj 3-4", "VMBO GL Groen").code
    'gl'
    >>> enrolment_track("VMBO GL/TL lj 3-4", "VMBO GL-TL")
    Track(code='tl', mixed=True)
    """
    words = normalise(kind)
    upper = re.search(r"\b(?:lj|leerjaar) (?:3 4|3|4)$", words)
    if not words.startswith("vmbo") or not upper:
        return Track("")
    named = _tracks(words[: upper.start()])
    if len(named) != 1:
        by_programme = _tracks(programme)
        named = by_programme if len(by_programme) == 1 else named or by_programme
    if len(named) == 1:
        return Track(named[0])
    return Track(_MIXED[named], mixed=True) if named in _MIXED else None


def exam_track(programme: str, pathway: str = "") -> str | None:
    """Return the track of a vmbo row of the exam file; None where it cannot be read.

    Parameters
    ----------
    programme : str
        OPLEIDINGSNAAM: "VMBO B - economie", "VMBO LWT - techniek" (a route inside bb), "VMBO T".
    pathway : str
        LEERWEG VMBO, where the file has it.

    Examples
    --------
    >>> exam_track("VMBO LWT - zorg & welzijn"), exam_track("VMBO T"), exam_track("", "GL")
    ('bb', 'tl', 'gl')
    """
    named = _tracks(pathway)
    if len(named) != 1:
        named = _tracks(re.split(r"\s-\s", programme)[0])
    return named[0] if len(named) == 1 else None


def is_lwoo(programme: str) -> bool:
    """Tell whether a programme's name says lwoo.

    Examples
    --------
    >>> is_lwoo("Lj LWOO vb op Alle Lw"), is_lwoo("LWOO/Theor Lw-Profiel Economie")
    (True, True)
    """
    return "lwoo" in normalise(programme).split()


def is_pro(kind: str) -> bool:
    """Tell whether an education type is pro (praktijkonderwijs)."""
    return normalise(kind).split()[:1] in (["praktijkonderwijs"], ["pro"])
