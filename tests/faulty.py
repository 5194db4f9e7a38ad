"""``python faulty.py NAME ACTION ARGS...``: the command, to which something happens when a function is first entered.

NAME is the function's, with its class; behind ``child:`` it counts in forked processes only. ACTION is a statement.
"""

from __future__ import annotations

import os
import runpy
import sys
from types import FrameType

NAME, ACTION = sys.argv[1:3]
HERE = os.getpid()


def hook(frame: FrameType, event: str, argument: object) -> None:
    if event != "call" or frame.f_code.co_qualname != NAME.removeprefix("child:"):
        return
    if NAME.startswith("child:") == (os.getpid() != HERE):
        sys.setprofile(None)
        exec(ACTION, {"os": os})


sys.argv = ["durable-lint", *sys.argv[3:]]
sys.setprofile(hook)
runpy.run_module("durable_lint", run_name="__main__", alter_sys=True)
