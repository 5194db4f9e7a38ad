"""libcst, loaded in half the time: the methods of its node classes are written when they are first called.

``from durable_lint.loading import cst`` stands for ``import libcst as cst``, and little but a clock sees the difference
(``inspect`` does: of the methods of a class that was never called, and of their annotations in Python 3.14).

libcst makes some 270 dataclasses while it is imported, for which ``dataclasses`` writes and compiles over a thousand
methods. That takes more than judging a handler (100 of 180 ms), and a run calls a tenth of them.
"""

from __future__ import annotations

import builtins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    import libcst as cst


else:

    def __getattr__(name: str) -> object:
        if name != "cst":
            raise AttributeError(name)
        return globals().setdefault("cst", _libcst())


__all__ = ["cst"]


def _libcst() -> ModuleType:
    import sys

    if "libcst" not in sys.modules:
        import dataclasses

        # In all versions of ``dataclasses`` (3.11 to 3.14) ``exec`` compiles the text of a function that gives methods.
        dataclasses.exec = _exec  # type: ignore[attr-defined]
        try:
            import libcst
        finally:
            del dataclasses.exec  # type: ignore[attr-defined]
    import libcst

    return libcst


def _exec(text: str, known: dict[str, Any], made: dict[str, Any]) -> None:
    """Stands for ``exec`` in ``dataclasses``: what the text defines gives methods that are written later."""
    _, _, returned = text.rpartition("\n return ")
    single = returned.isidentifier()
    names = [returned] if single else returned.strip("()").rstrip(",").split(",")
    if not text.startswith("def __create_fn__(") or not all(map(str.isidentifier, names)):
        builtins.exec(text, known, made)
        return

    def create(**given: Any) -> Any:
        written: dict[str, Any] = {}

        def write(name: str) -> Callable[..., Any]:
            if not written:
                defined: dict[str, Any] = {}
                # As in ``dataclasses``, annotations are objects: nothing of this file's ``__future__`` holds.
                builtins.exec(compile(text, "<string>", "exec", dont_inherit=True), known, defined)
                functions = defined["__create_fn__"](**given)
                written.update(zip(names, (functions,) if single else functions, strict=True))
            method: Callable[..., Any] = written[name]
            return method

        later = tuple(_later(name, write) for name in names)
        return later[0] if single else later

    made["__create_fn__"] = create


def _later(name: str, write: Callable[[str], Callable[..., Any]]) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        real = write(name)
        real.__qualname__ = method.__qualname__  # ``dataclasses`` has set that of this one
        for cls in type(self).__mro__:
            if cls.__dict__.get(name) is method:
                setattr(cls, name, real)
        return real(self, *args, **kwargs)

    method.__name__ = name
    return method
