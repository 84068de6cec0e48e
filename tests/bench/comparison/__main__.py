# SPDX-License-Identifier: GPL-3.0-or-later
"""Kiln beside floors (what the machine itself allows) and peers, taking turns, in one table.

    python3 tests/bench/comparison [--build FOLDER] [--rounds N] [--minutes M] [--only TEXT] [--readme]

Each row is measured once in each round, one row after the other, so that a machine that is busier for a while is so for
all; a first round is not counted. A figure is the median of the rounds' figures, a ratio that of the rounds' ratios. A
row that this machine or this version cannot measure says why. Fails only when something does not work.
"""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

import machine
import table
from groups import Bench
from kiln import KilnServe
from peers import Peers, versions
from programs import Failed, Unavailable

ROOT = Path(__file__).resolve().parents[3]
FEWEST = 5  # rounds, however busy the machine is
SETTLE_S = 0.15  # between turns: what one left to be done or written would take a processor from the next


def measure(group: table.Group, rounds: int, seconds: float) -> None:
    """Stops after FEWEST rounds, or one if that is the group's number, when `seconds` are over."""
    counted = group.rounds or rounds
    end = time.monotonic() + seconds
    for number in range(0 if group.warm_up else 1, counted + 1):
        if number > min(FEWEST, counted) and time.monotonic() > end:
            group.title += f" ({number - 1} of {counted} rounds: time was short)"
            return
        for row in group.rows:
            if row.skipped or row.failed:
                continue
            time.sleep(SETTLE_S)
            try:
                samples = row.measure()
            except Unavailable as why:
                row.skipped = str(why)
            except Failed as why:
                row.failed = str(why)
            else:
                if number > 0:
                    row.rounds.append(samples)


def section(groups: list, rounds: int, tier: str, loads: str, seconds: float) -> str:
    return (f"{machine.described()}; tier {tier}; {versions()}. {rounds} rounds in turns in {seconds:.0f} s, load "
            f"{loads}.\n\n{table.table(groups)}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="comparison", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="the build folder (build)")
    parser.add_argument("--rounds", type=int, default=7, help="how many are counted (7)")
    parser.add_argument("--minutes", type=float, default=5, help="after which rounds over five are left out (5)")
    parser.add_argument("--only", default="", help="only groups whose title holds this text")
    parser.add_argument("--readme", action="store_true", help="also write the table into README.md")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("one round at least")
    build = options.build.resolve()
    begin, load = time.monotonic(), machine.load()

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started ends, too
    with tempfile.TemporaryDirectory(prefix="kiln-comparison-") as folder:
        work = Path(folder)
        work.chmod(0o711)  # workers are other users
        peers = Peers(build / "bench-peers", work, Bench.first_calls(options.rounds))
        serve = KilnServe(build / "kiln", work)
        bench = None
        try:
            peers.install()
            bench = Bench(build / "tests", work, serve, peers, options.rounds)
            serve.start()
            tier = bench.tier()
            groups = [group for group in bench.groups() if options.only.lower() in group.title.lower()]
            end = time.monotonic() + options.minutes * 60
            for number, group in enumerate(groups):
                print(f"measuring: {group.title}", file=sys.stderr, flush=True)
                measure(group, options.rounds, (end - time.monotonic()) / (len(groups) - number))
        finally:
            if bench:
                bench.close()
            serve.close()
            peers.close()

    text = section(groups, options.rounds, tier, f"{load} before, {machine.load()} after", time.monotonic() - begin)
    print(text)
    for group in groups:
        for row in group.rows:
            if row.skipped:
                print(f"SKIP: comparison: {group.title}: {row.name}: {row.skipped}")
    if options.readme:
        readme = ROOT / "README.md"
        readme.write_text(table.with_section(readme.read_text(), text))
    return 1 if any(row.failed for group in groups for row in group.rows) else 0


if __name__ == "__main__":
    sys.exit(main())
