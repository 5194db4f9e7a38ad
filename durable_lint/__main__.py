"""``python -m durable_lint`` and the command ``durable-lint``: an unchanged run is answered from the cache, before
click and the analysis are imported; all else goes to ``cli``."""

from __future__ import annotations

import atexit
import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn, TextIO


def run() -> NoReturn:
    """Be the command: exit with what ``main`` gives, and leave the facts of the project to the system.

    The interpreter would take them apart one by one, which lasts as long as linking some hundred modules.
    """
    gc.disable()  # what a run makes lives to its end; commands that go on look for garbage themselves
    status = main()
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        sys.exit(status)
    except KeyboardInterrupt:
        status = _last_word("interrupted", 130)
    atexit._run_exitfuncs()
    os._exit(status)


def main() -> int:
    """Run the command with the arguments of the process and give its exit status."""
    try:
        from durable_lint import cache

        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")  # as ``cli.main`` does
        known = cache.answer(sys.argv[1:])
        if known is not None:
            return _tell(*known)
        from durable_lint import checking

        status = checking.main(sys.argv[1:])
        if status is not None:
            return status
        from durable_lint import cli

        return cli.main()
    except KeyboardInterrupt:
        return _last_word("interrupted", 130)
    except MemoryError:
        return _last_word("error: out of memory", 2)
    except ImportError as error:  # a library can't be loaded, or isn't there
        return _last_word(f"error: durable-lint can't be loaded: {error}", 2)


def _last_word(text: str, status: int) -> int:
    try:
        if sys.stderr is not None:
            print(text, file=sys.stderr, flush=True)
    except OSError:
        pass  # nowhere is left to say it
    return status


def _tell(report: str, said: str, status: int) -> int:
    try:
        _write(sys.stderr, said)
        _write(sys.stdout, report)
    except OSError as error:
        from durable_lint import checking

        return checking.unwritten(error)
    return status


def _write(stream: TextIO, text: str) -> None:
    if text:
        stream.write(text)
        stream.flush()


if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # the folder that ``python -m`` puts there is what is linted: nothing of it may be imported
    run()
