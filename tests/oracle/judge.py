"""Compares what invocations recorded and gives the verdict."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .messages import Operation, Record

# What can be found, and the verdict that it gives.
KINDS = {
    "refused": ("diverges", "the SDK raised NonDeterministicExecutionError"),
    "other operation": ("diverges", "one operation id has another kind or name in another invocation"),
    "other arguments": ("diverges", "one operation id has other arguments or captured values in another invocation"),
    "other outcome": ("diverges", "one operation id has another outcome in another invocation"),
    "other result": ("diverges", "a replay of the finished history ends otherwise"),
    "new operation": ("diverges", "a replay of the finished history starts an operation that is not in it"),
    "missing operation": ("diverges", "a replay of the finished history leaves out an operation of the first level"),
    "nested operation": ("diverges", "an operation starts inside the body of a step"),
    "outer context": ("diverges", "an operation runs on a context that is not the innermost"),
    "swallowed suspension": ("diverges", "a suspension did not end the invocation"),
    "lost write": ("diverges", "a body changed plain data that it captured: a replay skips the body"),
    "failed execution": ("fails", "the execution failed, or its module can't be imported"),
    "failed item": ("fails", "an item of a map or parallel failed"),
    "repeated effect": ("repeats an effect", "an effect outside steps happened in several invocations"),
    "not finished": ("undecided", "a handler hung, or the execution did not end"),
}
VERDICTS = ("diverges", "fails", "repeats an effect", "undecided", "clean")


@dataclass
class Drive:
    """One execution: its invocations, its history, the replays of that, and what these tried to start."""

    label: str
    records: list[Record]
    operations: list[Any]
    stopped: str | None
    replays: list[Record] = field(default_factory=list)
    started: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Finding:
    """A key of KINDS, and what was seen."""

    kind: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


@dataclass(frozen=True)
class Report:
    """The findings of both drives, each once."""

    findings: tuple[Finding, ...]

    @property
    def kinds(self) -> list[str]:
        return sorted({finding.kind for finding in self.findings})

    @property
    def verdicts(self) -> list[str]:
        """Each of VERDICTS that a finding gives, in their order."""
        given = {KINDS[kind][0] for kind in self.kinds} or {"clean"}
        return [one for one in VERDICTS if one in given]

    @property
    def verdict(self) -> str:
        """The first of ``verdicts``."""
        return self.verdicts[0]

    def __str__(self) -> str:
        return "\n  ".join([self.verdict, *map(str, self.findings)])


def judge(drives: Sequence[Drive]) -> Report:
    """Compare the invocations of each drive with each other."""
    found = _Findings()
    for drive in drives:
        _ending(drive, found)
        _replays(drive, found)
        first: dict[str, Operation] = {}
        for number, record in enumerate([*drive.records, *drive.replays]):
            replayed = number - len(drive.records)
            where = f"{drive.label} invocation {number}" if replayed < 0 else f"{drive.label} replay {replayed}"
            _invocation(record, where, found)
            for operation in record.operations:
                _operation(operation, first.setdefault(operation.id, operation), where, found)
        if drive.label == "every-op":
            _effects(drive, found)
    return Report(tuple(found.findings))


class _Findings:
    """Findings, one for each kind and cause."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._seen: set[tuple[str, str]] = set()

    def add(self, kind: str, detail: str, cause: str | None = None) -> None:
        if (kind, cause or detail) not in self._seen:
            self._seen.add((kind, cause or detail))
            self.findings.append(Finding(kind, detail[:400]))


def _ending(drive: Drive, found: _Findings) -> None:
    last = drive.records[-1] if drive.records else Record()
    if drive.stopped:
        found.add("not finished", f"{drive.label}: {drive.stopped}")
    elif last.unloadable and last.stubs_missing:
        found.add("not finished", f"the module can't be imported without a package: {last.unloadable}")
    elif last.unloadable:
        found.add("failed execution", f"the module can't be imported: {last.unloadable}")
    elif last.error or last.status == "FAILED":
        found.add("failed execution", f"{drive.label}: {last.error or (last.response or {}).get('Error')}", "execution")


def _replays(drive: Drive, found: _Findings) -> None:
    """Compare the last invocation with replays of the finished history."""
    if drive.started:
        found.add("new operation", f"{drive.label}: {', '.join(drive.started[:4])}")
    history = {
        one.operation_id[:12]
        for one in drive.operations
        if not one.parent_id and one.operation_type.value != "EXECUTION"
    }
    for replayed in drive.replays:
        if replayed.hung:
            found.add("not finished", f"{drive.label}: a replay hung")
            continue
        before, after = _end(drive.records[-1]), _end(replayed)
        if before != after:
            found.add("other result", f"{drive.label}: {before} became {after}", drive.label)
        expected = history | {one.id for one in drive.records[-1].operations if one.root}
        missing = expected - {one.id for one in replayed.operations if one.root}
        if missing:
            found.add("missing operation", f"{drive.label}: {len(missing)} of {len(expected)}", drive.label)


def _end(record: Record) -> tuple[Any, ...]:
    """How an invocation ended, without what differs for no reason of the handler's."""
    response = record.response or {}
    error = {name: value for name, value in (response.get("Error") or {}).items() if name != "StackTrace"}
    return response.get("Status"), response.get("Result"), json.dumps(error, sort_keys=True), record.error


def _invocation(record: Record, where: str, found: _Findings) -> None:
    error = (record.response or {}).get("Error") or {}
    for said in (str(error.get("ErrorType")), record.error or ""):
        if "NonDeterministic" in said:
            found.add("refused", f"{where}: {error.get('ErrorMessage') or said}", where.partition(" ")[0])
    if record.suspended and record.status != "PENDING":
        for operation in record.operations:
            if operation.root and operation.suspended:
                found.add("swallowed suspension", f"{where}: {operation}, then {record.status}", str(operation))
    for mutation in record.mutations:
        found.add("lost write", f"{where}: {mutation}", mutation.partition(":")[0])


def _operation(now: Operation, first: Operation, where: str, found: _Findings) -> None:
    """Compare an operation with the first of the same id; that keeps the first known outcome."""
    cause = f"{where.partition(' ')[0]} {now.id}"
    if now.in_step:
        found.add("nested operation", str(now))
    if now.on_outer_context:
        found.add("outer context", str(now))
    if now.after_suspension:
        found.add("swallowed suspension", f"{now} starts after an operation that suspended")
    if now.failed:
        found.add("failed item", f"{now}: {now.failed[0]}", str(now))
    if now.outcome and now.outcome[:2] == ("raises", "NonDeterministicExecutionError"):
        found.add("refused", f"{where}: {now.outcome[2]}", where.partition(" ")[0])
    if (first.kind, first.name) != (now.kind, now.name):
        found.add("other operation", f"{where}: {first} became {now}", cause)
    elif first.arguments != now.arguments:
        change = f"{first.arguments[:130]} became {now.arguments[:130]}"
        found.add("other arguments", f"{where}: {now}: {change}", cause)
    if now.outcome and first.outcome and now.outcome != first.outcome:
        found.add("other outcome", f"{where}: {now}: {first.outcome} became {now.outcome}", cause)
    first.outcome = first.outcome or now.outcome


def _effects(drive: Drive, found: _Findings) -> None:
    """Effects that several invocations of one execution have. Replays of its end don't count: nobody makes them."""
    invocations = Counter(effect for record in drive.records for effect in set(record.effects))
    for effect, count in sorted(invocations.items()):
        if count > 1:
            found.add("repeated effect", f"{effect} in {count} invocations")
