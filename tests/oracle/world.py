"""The world of one invocation: what a handler sees of clocks, hosts, files, the network and other packages."""

from __future__ import annotations

import datetime
import importlib.util
import os
import random
import socket
import sqlite3
import time
import types
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

STUBBED = ("boto3", "botocore", "requests", "httpx", "aiohttp", "urllib3")
BUILDERS = ("client", "resource")  # like names in capitals they make an object and send nothing
DAY_AND_A_BIT = 90077.0  # seconds from one invocation to the next: another date, hour, minute and second

Effect = Callable[[str], None]


class Base:
    """What a class inherits from a stub: it takes any arguments and keeps those with names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        vars(self).update(kwargs)


class Stub:
    """Stands for a package or a client: it has every attribute, and each call is an effect."""

    def __init__(self, name: str, world: World) -> None:
        self.__dict__.update(_name=name, _world=world)

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        if attribute.endswith(("Error", "Exception")):
            return type(attribute, (Exception,), {})
        return Stub(f"{self._name}.{attribute}", self._world)

    def __getitem__(self, key: Any) -> Any:
        return Stub(f"{self._name}[{key!r}]", self._world)

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __mro_entries__(self, bases: Any) -> tuple[type, ...]:
        return (Base,)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and isinstance(args[0], types.FunctionType):
            return args[0]  # a decorator
        called = self._name.rpartition(".")[2]
        if called not in BUILDERS and not called[:1].isupper():
            from .pictures import text

            self._world.effect(f"{self._name}{text([args, kwargs])[:200]}")
        return Answer(f"{self._name}()", self._world)


class Answer(dict[str, Any]):
    """What a stub's call gives: a response, with the keys that the module reads, and a client at once."""

    def __init__(self, name: str, world: World) -> None:
        super().__init__(world.answer)
        self.__dict__["_stub"] = Stub(name, world)

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._stub, attribute)

    def __missing__(self, key: str) -> Any:
        return self._stub[key]

    def get(self, *args: Any, **kwargs: Any) -> Any:
        """A dict's, or a client's when it isn't called as a dict's."""
        is_key = not kwargs and 1 <= len(args) <= 2 and isinstance(args[0], str) and "/" not in args[0]
        return super().get(*args) if is_key else self._stub.get(*args, **kwargs)

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    async def __aenter__(self) -> Answer:
        return self

    async def __aexit__(self, *error: object) -> None:
        pass

    def __int__(self) -> int:
        return 3

    __index__ = __int__

    def __float__(self) -> float:
        return 3.0


@cache
def installed(package: str) -> bool:
    """Whether a top-level package can be imported."""
    return importlib.util.find_spec(package) is not None


class World:
    """What differs between invocations. One process has one world; ``turn`` moves it on."""

    def __init__(self, effect: Effect) -> None:
        self.effect = effect
        self.answer: dict[str, Any] = {}  # what stubs answer
        self.offset = 0.0  # seconds
        self.missing = False  # whether a package was stubbed because it isn't installed
        self.list_directory = os.listdir
        self.clock, self.calendar, self.database = self._clock(), self._calendar(), self._database()

    def turn(self, number: int) -> None:
        """Make the world of the invocation with this number."""
        self.offset = number * DAY_AND_A_BIT
        self.missing = False
        random.seed(7919 * (number + 1))
        shuffler = random.Random(number)

        def listdir(*args: Any) -> list[Any]:
            names = self.list_directory(*args)
            shuffler.shuffle(names)
            return names

        os.listdir = listdir  # type: ignore[assignment]
        socket.gethostname = lambda: f"host-{number}"

    def load(self, name: str, globals_: Any = None, locals_: Any = None, names: Any = (), level: int = 0) -> Any:
        """What ``import`` does in a handler's module."""
        root = name.partition(".")[0]
        if level == 0 and name == "time":
            return self.clock
        if level == 0 and name == "datetime":
            return self.calendar
        if level == 0 and name == "sqlite3":
            return self.database
        if level == 0 and (root in STUBBED or not installed(root)):
            self.missing |= root not in STUBBED
            return Stub(name if names else root, self)
        return __import__(name, globals_, locals_, names, level)

    def _clock(self) -> types.ModuleType:
        clock = types.ModuleType("time")
        clock.__dict__.update(vars(time))

        def now() -> float:
            return time.time() + self.offset

        def shifted(reader: Callable[[], float]) -> Callable[[], float]:
            return lambda: reader() + self.offset

        def sleep(seconds: float) -> None:
            self.effect(f"time.sleep({seconds})")
            time.sleep(min(seconds, 0.01))

        clock.__dict__.update(
            time=now,
            time_ns=lambda: time.time_ns() + int(self.offset * 1e9),
            localtime=lambda seconds=None: time.localtime(now() if seconds is None else seconds),
            gmtime=lambda seconds=None: time.gmtime(now() if seconds is None else seconds),
            ctime=lambda seconds=None: time.ctime(now() if seconds is None else seconds),
            asctime=lambda parts=None: time.asctime(time.localtime(now()) if parts is None else parts),
            strftime=lambda form, parts=None: time.strftime(form, time.localtime(now()) if parts is None else parts),
            monotonic=shifted(time.monotonic),
            perf_counter=shifted(time.perf_counter),
            process_time=shifted(time.process_time),
            sleep=sleep,
        )
        return clock

    def _calendar(self) -> types.ModuleType:
        def shift() -> datetime.timedelta:
            return datetime.timedelta(seconds=self.offset)

        class AsReal(type):
            """Instances of the real class count as instances of the shifted one."""

            def __instancecheck__(cls, instance: Any) -> bool:
                return isinstance(instance, cls.__mro__[1])

        class ShiftedDatetime(datetime.datetime, metaclass=AsReal):
            now = classmethod(lambda cls, tz=None: datetime.datetime.now(tz) + shift())  # type: ignore[assignment]
            utcnow = classmethod(  # type: ignore[assignment]
                lambda cls: (datetime.datetime.now(datetime.UTC) + shift()).replace(tzinfo=None)
            )
            today = classmethod(lambda cls: datetime.datetime.now() + shift())  # type: ignore[assignment]

        class ShiftedDate(datetime.date, metaclass=AsReal):
            today = classmethod(lambda cls: (datetime.datetime.now() + shift()).date())  # type: ignore[assignment]

        calendar = types.ModuleType("datetime")
        calendar.__dict__.update(vars(datetime))
        calendar.__dict__.update(datetime=ShiftedDatetime, date=ShiftedDate)
        return calendar

    def _database(self) -> types.ModuleType:
        """sqlite3 with connections whose statements are effects."""

        def connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
            connection = sqlite3.connect(*args, **kwargs)
            connection.set_trace_callback(lambda statement: self.effect(f"sqlite3 {statement[:200]}"))
            return connection

        database = types.ModuleType("sqlite3")
        database.__dict__.update(vars(sqlite3))
        database.__dict__.update(connect=connect)
        return database
