"""Lints and fixes inputs made at random, and keeps those that anything is wrong with.

``python benchmarks/fuzz.py --seed 1 --count 1000 --keep FOLDER``; with ``--only 17`` one input, which is kept too.
With ``--settings`` the inputs are projects with damaged settings, profiles, baselines and lock files, with ``--cache``
damaged caches of a project, and with ``--reports`` hostile names and texts, whose reports are read again.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent / "tests"), str(Path(__file__).parent.parent)]

from cache_fuzzing import CacheFuzzer  # noqa: E402
from fuzzing import Input, faults, make  # noqa: E402
from report_fuzzing import make_reported, report_faults  # noqa: E402
from settings_fuzzing import make_settings, settings_faults  # noqa: E402

LIMIT = 5
"""Seconds of CPU time from which an input counts as one that hangs."""


class TooLong(BaseException):
    """Not an Exception: nothing in the linter may catch it."""


def stop(*_: object) -> None:
    raise TooLong


def limited(judge: Callable[[], list[str]]) -> list[str]:
    """The faults of an input, a hang among them."""
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT)
    try:
        return judge()
    except TooLong:
        return [f"took more than {LIMIT} s"]
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def judged(kind: str, seed: int, folder: Path) -> Callable[[int], tuple[Input, Callable[[], list[str]]]]:
    """What gives the input of a number, and what says its faults."""
    if kind == "cache":
        fuzzer = CacheFuzzer(folder)

        def damaged(number: int) -> tuple[Input, Callable[[], list[str]]]:
            one = fuzzer.damaged(seed, number)
            return one, partial(fuzzer.faults, one, number)

        return damaged

    def made(number: int) -> tuple[Input, Callable[[], list[str]]]:
        if kind == "settings":
            one = make_settings(seed, number)
            return one, partial(settings_faults, one, number, folder)
        if kind == "reports":
            one = make_reported(seed, number)
            return one, partial(report_faults, one, folder)
        one = make(seed, number)
        return one, partial(faults, one, folder)

    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--only", type=int)
    for kind in ("settings", "cache", "reports"):
        parser.add_argument(f"--{kind}", dest="kind", action="store_const", const=kind, default="")
    parser.add_argument("--keep", type=Path, required=True)
    options = parser.parse_args()
    signal.signal(signal.SIGVTALRM, stop)
    warnings.simplefilter("ignore")
    numbers = range(options.first, options.first + options.count) if options.only is None else [options.only]
    begun, seen = time.process_time(), Counter[str]()
    with tempfile.TemporaryDirectory() as work:
        give = judged(options.kind, options.seed, Path(work) / "input")
        for number in numbers:
            one, judge = give(number)
            said = limited(judge)
            seen.update(["inputs", *one.changes, *(["with faults"] if said else [])])
            if said or options.only is not None:
                one.write(options.keep / f"{options.seed}-{number}")
                print(number, one.name, *one.changes, *said, sep="\n  ", flush=True)
            if seen["inputs"] % 500 == 0:
                print(
                    seen["inputs"], "inputs", round(time.process_time() - begun), "s", seen["with faults"], flush=True
                )
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
