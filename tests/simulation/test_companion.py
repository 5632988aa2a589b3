"""When a run leaves room for another process of ours."""

from pathlib import Path

import pytest

from lwoopro.simulation import companion
from lwoopro.simulation.companion import room_for
from lwoopro.study import load_study


@pytest.mark.parametrize(
    ("compute", "given", "cores", "expected"),
    [
        ("", (None, None), 2, True),
        ("", (None, None), 1, False),
        ("", (2, None), 2, False),
        ("", (None, "tcp://127.0.0.1:1"), 2, False),
        ("threads = 1", (None, None), 2, False),
        ("threads = 2", (None, None), 2, True),
        ('memory = "1 GB"', (None, None), 2, False),
    ],
)
def test_where_there_is_room(
    small_study: Path,
    monkeypatch: pytest.MonkeyPatch,
    compute: str,
    given: tuple[int | None, str | None],
    cores: int,
    expected: bool,
) -> None:
    text = small_study.read_text("utf-8") + f"\n[compute]\n{compute}\n"
    small_study.write_text(text, "utf-8")
    monkeypatch.setattr(companion, "_cores", lambda: cores)
    assert room_for(load_study(small_study), *given) is expected


def test_cores_are_counted_where_nothing_says_which_are_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    assert companion._cores() == 3
