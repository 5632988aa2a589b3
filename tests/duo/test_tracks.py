"""Tracks by the names that DUO gives education types and programmes."""

import pytest

from lwoopro.duo.tracks import Track, enrolment_track, exam_track, is_lwoo, is_pro


@pytest.mark.parametrize(
    ("kind", "programme", "track"),
    [
        ("VMBO BL lj 3-4", "VMBO BB Groen", Track("bb")),
        ("VMBO BL lj 3-4", "LWOO BB ENT Zorg en welzijn", Track("bb")),
        ("VMBO BL lj 3-4", "VMBO BB LWT Groen", Track("bb")),
        ("VMBO BL lj 3-4", "VMBO BB Vakmanschapsroute Techniek Niveau-2", Track("bb")),
        ("VMBO KL lj 3-4", "VMBO KB Groen", Track("kb")),
        ("VMBO GL lj 3-4", "VMBO GL Beroepsroute Landbouw Niveau-4", Track("gl")),
        ("VMBO TL lj 3-4", "MAVO/Theor Lw-Profielloos leerjaar 3", Track("tl")),
        ("VMBO BB leerjaar 3-4", "", Track("bb")),
        # mixed: the programme decides where it can, else the larger track of the group
        ("VMBO BL/KL lj 3-4", "VMBO BB Groen", Track("bb")),
        ("VMBO BL/KL lj 3-4", "VMBO Groen", Track("kb", mixed=True)),
        ("VMBO GL-TL lj 3-4", "VMBO GL-TL", Track("tl", mixed=True)),
        ("VMBO lj 3-4", "MAVO/Theor Lw", Track("tl")),
        # no score depends on these
        ("VMBO uitbest. aan VAVO", "LWOO VMBO-TL naar VAVO", Track("")),
        ("Brugjaar 1-2", "Ljvb op VMBO-Alle Lw", Track("")),
        ("HAVO/VWO lj 3", "HAVO", Track("")),
        ("Engelse Stroom", "", Track("")),
        # the start of the score would be a guess
        ("VMBO KL/GL lj 3-4", "VMBO KB-GL", None),
        ("VMBO lj 3-4", "VMBO Groen", None),
    ],
)
def test_enrolment(kind: str, programme: str, track: Track | None) -> None:
    assert enrolment_track(kind, programme) == track


@pytest.mark.parametrize(
    ("programme", "pathway", "track"),
    [
        ("VMBO B - economie", "", "bb"),
        ("VMBO K - zorg en welzijn", "", "kb"),
        ("VMBO G - intersectoraal", "", "gl"),
        ("VMBO T", "", "tl"),
        ("VMBO T - techniek", "", "tl"),
        ("VMBO LWT - zorg & welzijn", "", "bb"),
        ("", "KL", "kb"),
        ("economie", "TL", "tl"),
        ("VMBO - economie", "", None),
    ],
)
def test_exams(programme: str, pathway: str, track: str | None) -> None:
    assert exam_track(programme, pathway) == track


def test_lwoo_is_a_word_of_the_programme() -> None:
    assert is_lwoo("LWOO Maritiem en techniek Algemeen Leerjaar")
    assert is_lwoo("lj lwoo vb op Bbg Lw")
    assert not is_lwoo("VMBO BB LWT Groen")
    assert not is_lwoo("Lwoord")


def test_pro() -> None:
    assert is_pro("Praktijkonderwijs alle vj")
    assert is_pro("PRO")
    assert not is_pro("Profielloos")
    assert not is_pro("")
