"""Kill a run again and again, damage what it wrote, and compare the hash in the end.

By hand: ``python -m benchmarks.faults [--points 20] [--draws 4000]``. The run is a process of its
own that is ended by ``kill -9``, and goes on with ``--resume``: first while it prepares, then each
time that it has come a part further, last while it writes its report. Then every kind of damage is
done to a block. Then the run is interrupted as by Ctrl-C, in threads and in two processes: it says
so and ends with 130, and what it had done goes on to the same hash.
"""

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STUDY = """
[study]
name = "faults"
years = [2019, 2020]
draws = {draws}
seed = 11
[pupils]
source = "synthetic"
scale = 0.5
[[policy]]
name = "current"
kind = "participation"
[[policy]]
name = "indicator-20-school"
kind = "indicator"
share = 0.20
[target_group]
shares = [0.20]
[compute]
block_draws = 16
threads = 1
"""

LOOK_SECONDS = 0.02


def command(study: Path, out: Path, *more: str) -> list[str]:
    run = [sys.executable, "-m", "lwoopro", "run", str(study), "--out", str(out), "--quiet"]
    return [*run, *more]


def manifest(out: Path) -> dict:
    path = out / "manifest.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def done(out: Path) -> int:
    return sum(block["stop"] - block["start"] for block in manifest(out).get("blocks", []))


def kill_at(process: "subprocess.Popen[bytes]", out: Path, target: int, wait: float) -> bool:
    """End a run a moment after so many draws are done; False where it has ended by itself."""
    while process.poll() is None and done(out) < target:
        time.sleep(LOOK_SECONDS)
    try:
        process.wait(wait)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=20)
    parser.add_argument("--draws", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    dice = random.Random(given.seed)
    with tempfile.TemporaryDirectory(prefix="faults-") as scratch:
        folder = Path(scratch)
        study = folder / "faults.toml"
        study.write_text(STUDY.format(draws=given.draws), "utf-8")
        whole = folder / "whole"
        started = time.perf_counter()
        subprocess.run(command(study, whole), check=True)
        took = time.perf_counter() - started
        expected = manifest(whole)["results_sha256"]
        print(f"uninterrupted: {took:.1f} s, {expected[:16]}")
        broken = folder / "broken"
        kills = 0
        for point in range(given.points):
            # none done: anywhere from the first moment on; else a block or a few later
            target = given.draws * point // max(given.points - 1, 1)
            wait = dice.random() * (0.3 * took if not point else 0.1 * took / given.points)
            before = done(broken)
            process = subprocess.Popen(command(study, broken, "--resume"))
            killed = kill_at(process, broken, target, wait)
            print(
                f"{point + 1:2d}: {'killed' if killed else 'ENDED BEFORE'} at {target} draws, "
                f"{before} had been kept, {done(broken)} are now"
            )
            kills += killed
        subprocess.run(command(study, broken, "--resume"), check=True)
        same = [manifest(broken)["results_sha256"] == expected]
        print(f"after {kills} kills: {'the same hash' if same[-1] else 'ANOTHER HASH'}")
        for name, damage in DAMAGE.items():
            chunks = [path for path in broken.glob("results.zarr/*/c/**/*") if path.is_file()]
            chunk = dice.choice([path for path in sorted(chunks) if per_draw(path)])
            damage(chunk, dice)
            subprocess.run(command(study, broken, "--resume"), check=True)
            same.append(manifest(broken)["results_sha256"] == expected)
            print(f"{name}: {'done again, the same hash' if same[-1] else 'ANOTHER HASH'}")
        shutil.rmtree(broken)
        for number, more in enumerate(([], [], ["--workers", "2"], ["--workers", "2"])):
            stopped = folder / f"stopped-{number}"
            found = interrupted(command(study, stopped, *more), stopped, given.draws, dice)
            where = " ".join(more) or "threads"
            print(f"Ctrl-C, {where}: {found}, {done(stopped)} draws kept")
            subprocess.run(command(study, stopped, "--resume"), check=True)
            same.append(
                found.startswith("130 after") and manifest(stopped)["results_sha256"] == expected
            )
            print(f"  continued: {'the same hash' if same[-1] else 'ANOTHER HASH'}")
    return 0 if all(same) else 1


def interrupted(run: list[str], out: Path, draws: int, dice: random.Random) -> str:
    """Send a run the signal of Ctrl-C somewhere in its draws; say how it ended, and how soon."""
    # whoever starts this in the background may have it ignore the signal
    code = "import signal, lwoopro.cli; signal.signal(signal.SIGINT, signal.default_int_handler)"
    script = [sys.executable, "-c", f"{code}; lwoopro.cli.main()"]
    process = subprocess.Popen([*script, *run[3:]], stderr=subprocess.PIPE, text=True)
    target = dice.randrange(draws // 10, draws * 8 // 10)
    while process.poll() is None and done(out) < target:
        time.sleep(LOOK_SECONDS)
    time.sleep(dice.random() * 0.3)
    sent = time.perf_counter()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    took = time.perf_counter() - sent
    return f"{process.returncode} after {took:.2f} s, {said.strip()!r}"


def per_draw(path: Path) -> bool:
    """Whether a chunk belongs to a variable of the draws."""
    return any(
        part in ("budget", "budget_part", "disadvantage_score", "cut_score") for part in path.parts
    )


def flipped(path: Path, dice: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    path.write_bytes(bytes(content))


def truncated(path: Path, dice: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: dice.randrange(len(content))])


def removed(path: Path, dice: random.Random) -> None:
    path.unlink()


DAMAGE = {"a bit flipped": flipped, "a block cut short": truncated, "a block removed": removed}

if __name__ == "__main__":
    sys.exit(main())
