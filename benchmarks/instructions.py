"""Instructions of the kernels that a pass calls, counted in the machine code that runs here.

Counted is what the compiler wrote, not what the processor went through: a loop counts once,
whether it runs a million rounds or, as the rest of a vectorised loop, none. Numba keeps no assembly
of kernels from its cache, so a process with an empty cache compiles them, shows their code, and
makes the passes that are timed with that very code. Where `perf` counts, the instructions of a pass
that the processor went through are told as well.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PASSES = 2
"""Passes of 64 draws that are timed together."""
ROUNDS = 40

_LABEL = re.compile(r'^("[^"]+"|[\w.$]+):')
_WIDE = re.compile(r"%[yz]mm\d")
_TARGET = re.compile(r"^j\w+\s+(\.L\w+)$")


@dataclass(frozen=True)
class Code:
    """Instructions of a function.

    Attributes
    ----------
    whole : int
    loops : int
        Innermost loops: from a label to the last jump back to it, with no other such label inside.
    inner : int
        Instructions of these.
    wide : int
        Those of them that use registers of 256 or 512 bits.
    """

    whole: int = 0
    loops: int = 0
    inner: int = 0
    wide: int = 0

    def __add__(self, other: "Code") -> "Code":
        return Code(*(a + b for a, b in zip(*map(_numbers, (self, other)), strict=True)))


def _numbers(code: Code) -> list[int]:
    return list(asdict(code).values())


def code_of(assembly: str) -> dict[str, Code]:
    """Count the functions of a kernel's assembly; its entry from Python is left out.

    Two functions of one name, compiled for different arguments, are added up.
    """
    found: dict[str, Code] = {}
    for symbol, lines in _functions(assembly).items():
        # the entry from Python, and the counting of references: no work of the kernel
        if symbol.startswith(("_ZN7cpython", "NRT_")):
            continue
        name = _plain(symbol)
        found[name] = found.get(name, Code()) + _count(lines)
    return found


def _functions(assembly: str) -> dict[str, list[str]]:
    symbols = set(re.findall(r"^\s+\.type\s+(\S+),@function", assembly, re.M))
    found: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for line in assembly.splitlines():
        label = _LABEL.match(line)
        if label and label[1] in symbols:
            lines = found.setdefault(label[1], [])
        elif label and label[1].startswith(".Lfunc_end"):
            lines = None
        elif lines is not None:
            lines.append(line.partition("#")[0].strip())
    return found


def _plain(symbol: str) -> str:
    """Give the last name of a mangled symbol: ``_ZN3abc2deB...`` is ``de``."""
    name, rest = symbol, symbol.removeprefix("_ZN")
    while part := re.match(r"\d+", rest):
        end = part.end() + int(part[0])
        name, rest = rest[part.end() : end], rest[end:]
    return name


def _count(lines: list[str]) -> Code:
    place: dict[str, int] = {}
    code: list[str] = []
    for line in lines:
        if label := _LABEL.match(line):
            place[label[1]] = len(code)
        elif line and not line.startswith("."):
            code.append(line)
    ends: dict[int, int] = {}
    for number, line in enumerate(code):
        jump = _TARGET.match(line)
        if jump and place.get(jump[1], number + 1) <= number:
            ends[place[jump[1]]] = number
    inner = [
        code[first : last + 1]
        for first, last in ends.items()
        if not any(first < other <= last for other in ends)
    ]
    together = [line for loop in inner for line in loop]
    wide = sum(bool(_WIDE.search(line)) for line in together)
    return Code(len(code), len(inner), len(together), wide)


def _passes(study_file: str) -> Callable[[int], None]:
    from lwoopro.simulation.block import simulate_block
    from lwoopro.simulation.inputs import load_inputs
    from lwoopro.simulation.prepare import prepare
    from lwoopro.study import load_study

    study = load_study(study_file)
    prepared = prepare(study, load_inputs(study))[0]

    def make(passes: int) -> None:
        simulate_block(prepared, range(64 * passes))

    return make


def _timed(times: dict[str, float]) -> dict[str, Any]:
    """Let every kernel that the engine calls from Python add its time up; give the kernels."""
    modules = [module for name, module in sys.modules.items() if name.startswith("lwoopro.")]
    kernels: dict[int, tuple[Any, Any]] = {}

    def wrap(function: Any) -> Any:
        name = function.py_func.__name__

        def call(*given: Any) -> Any:
            start = time.thread_time()
            answer = function(*given)
            times[name] = times.get(name, 0.0) + time.thread_time() - start
            return answer

        return call

    for module in modules:
        for name, value in list(vars(module).items()):
            if hasattr(value, "inspect_asm"):
                _, timed = kernels.setdefault(id(value), (value, wrap(value)))
                setattr(module, name, timed)
    return {value.py_func.__name__: value for value, _ in kernels.values()}


def serve(study_file: str) -> None:
    """Write the code of the kernels, then, for every line read, the seconds of a pass and each."""
    make = _passes(study_file)
    make(PASSES)
    times: dict[str, float] = {}
    kernels = _timed(times)
    make(PASSES)
    shown: dict[str, dict[str, list[int]]] = {}
    for name in times:
        called = kernels[name]
        for signature in called.signatures:
            for part, code in code_of(called.inspect_asm(signature)).items():
                kept = shown.setdefault(name, {})
                kept[part] = _numbers(Code(*kept.get(part, ())) + code)
    print(json.dumps(shown), flush=True)
    for _ in sys.stdin:
        times.clear()
        start = time.thread_time()
        make(PASSES)
        whole = time.thread_time() - start
        every = {"whole pass": whole, **times}
        print(json.dumps({name: some / PASSES for name, some in every.items()}), flush=True)


def _command(*given: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.instructions", *given]


def _environment(root: Path, cache: Path) -> dict[str, str]:
    own = {"PYTHONPATH": str(root / "engine"), "NUMBA_CACHE_DIR": str(cache)}
    return {**os.environ, **own, "PYTHONHASHSEED": "0"}


def went_through(root: Path, study: Path, cache: Path) -> float | None:
    """Instructions of a pass as the processor counts them; None where `perf` does not count.

    The difference between runs of 20 and 40 passes: the start falls out.
    """
    found = []
    for passes in (20, 40):
        counted = perf(_command(str(study), str(passes)), _environment(root, cache))
        if counted is None:
            return None
        found.append(counted)
    return (found[1] - found[0]) / 20


def perf(command: list[str], environment: Mapping[str, str]) -> int | None:
    """Instructions of a process; None where they are not counted."""
    line = ["perf", "stat", "-x", ",", "-e", "instructions:u", "--"]
    try:
        # a short look first: no passes are made for nothing
        for some in (["true"], command):
            run = subprocess.run(
                line + some,
                cwd=ROOT,
                env=environment,
                stderr=subprocess.PIPE,
                text=True,
                check=True,
            )
            counted = re.search(r"^(\d+),[^,]*,instructions", run.stderr, re.M)
            if counted is None:
                return None
    except (OSError, subprocess.CalledProcessError):
        return None
    return int(counted[1])


def compare(roots: Mapping[str, Path], study: Path, scratch: Path) -> None:
    """Print least time and code of every kernel of a pass, of checkouts that take turns."""
    children = {}
    for title, root in roots.items():
        children[title] = subprocess.Popen(
            _command(str(study)),
            cwd=ROOT,
            env=_environment(root, scratch / title),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    codes = {title: json.loads(_line(child)) for title, child in children.items()}
    least: dict[str, dict[str, float]] = {title: {} for title in children}
    for _ in range(ROUNDS):
        for title, child in children.items():
            assert child.stdin is not None
            child.stdin.write("\n")
            child.stdin.flush()
            for name, seconds in json.loads(_line(child)).items():
                least[title][name] = min(seconds, least[title].get(name, seconds))
    for child in children.values():
        child.communicate()
    sys.stdout.write("\n".join(table(codes, least)) + "\n")
    for title, root in roots.items():
        counted = went_through(root, study, scratch / title)
        if counted is None:
            sys.stdout.write("perf counts no instructions on this machine\n")
            break
        sys.stdout.write(f"{title}: {counted / 1e6:.1f} million instructions a pass (perf)\n")


def _line(child: "subprocess.Popen[str]") -> str:
    assert child.stdout is not None
    line = child.stdout.readline()
    if not line:
        raise SystemExit("a checkout did not make its passes, see above")
    return line


def table(
    codes: Mapping[str, Mapping[str, Mapping[str, list[int]]]],
    least: Mapping[str, Mapping[str, float]],
) -> list[str]:
    """Lay kernels out in lines, the functions that they call below them, checkouts side by side."""
    names = list(dict.fromkeys(name for some in least.values() for name in some))
    times = next(reversed(least.values()))
    names.sort(key=lambda name: -times.get(name, 0.0))
    heading = f"{'ms':>8}{'code':>7}{'loops':>6}{'inner':>7}{'wide':>6}"
    lines = [f"{'':24}" + "".join(f"{title:>34}" for title in codes)]
    lines.append(f"{'':24}" + heading * len(codes))

    def row(shown: str, name: str, part: str | None) -> str:
        line = f"{shown:24}"
        for title, kernels in codes.items():
            parts = kernels.get(name, {})
            some = list(parts.values()) if part is None else [parts.get(part, [])]
            code = sum((Code(*numbers) for numbers in some), Code())
            seconds = least[title].get(name) if part is None else None
            line += f"{'' if seconds is None else format(1e3 * seconds, '.2f'):>8}"
            share = f"{code.wide / code.inner:.0%}" if code.inner else ""
            numbers = code.whole, code.loops, code.inner
            shown_numbers = ["" if not code.whole else f"{number:,}" for number in numbers]
            line += "{:>7}{:>6}{:>7}".format(*shown_numbers) + f"{share:>6}"
        return line.rstrip()

    for name in names:
        lines.append(row(name, name, None))
        parts = list(dict.fromkeys(part for some in codes.values() for part in some.get(name, {})))
        if len(parts) > 1:
            lines += [row(f"  {part}", name, part) for part in parts]
    return lines


if __name__ == "__main__":
    if len(sys.argv) > 2:
        _passes(sys.argv[1])(int(sys.argv[2]))
    else:
        serve(sys.argv[1])
