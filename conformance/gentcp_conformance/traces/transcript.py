"""A case as Erlang code for the shell, with what comes of each step on either backend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import erlang
from .events import Kind
from .rows import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .events import Trace
    from .rows import Row

_BLOCKED = "still_blocked"
_NEVER = "does not return"
_ONLY = ("inet", "socket")
_LONGEST = 200


Results = tuple[str | None, str | None]


@dataclass(frozen=True)
class Statement:
    """One expression; `results` are those of the two backends, None where it is not evaluated there."""

    code: str
    results: Results = ("", "")
    why: str = ""


def transcript(left: Trace, right: Trace, release: str) -> str:
    """The code of a case, helpers first."""
    script = _Script(left, right)
    code, large = erlang.hoisted("\n".join(script.lines()))
    head = [f"%% {left.case}, and what it comes to on OTP {release}", "Backend = inet.  % or socket"]
    notes = [f"%% {note}" for note in dict.fromkeys((*left.notes, *right.notes))]
    return "\n".join([*head, *notes, *erlang.helpers(code, large), *large, "", code]) + "\n"


class _Script:
    def __init__(self, left: Trace, right: Trace) -> None:
        self._rows = rows(left.points, right.points)
        self._ends = tuple({p.act: p for p in trace.points if p.ends} for trace in (left, right))
        self._over: set[tuple[int, int]] = set()
        self._paths: set[str] = set()

    def lines(self) -> Iterator[str]:
        """The statements of the case's own process."""
        for row in self._rows:
            if row.points[0].lane == 1:
                yield from (line for each in self._statements(row) for line in _lines(each))

    def _statements(self, row: Row) -> Iterator[Statement]:
        point = row.points[0]
        if not point.begins:
            return
        match point.kind:
            case Kind.CALL:
                yield self._call(row)
            case Kind.SPAWN | Kind.ASK:
                yield from self._task(row)
            case Kind.LOOK:
                yield from self._look(row)
            case Kind.MESSAGES:
                yield _messages(row)
            case Kind.STAGE if point.verb == "path" and point.bound in self._paths:
                return
            case _:
                self._paths.add(point.bound)
                yield from _simple(row)

    def _result(self, row: Row, side: int) -> str | None:
        point = (row.left, row.right)[side]
        if point is None:
            return None
        end = self._ends[side].get(point.act)
        if end is None:
            return _NEVER
        return f"{end.result}, after {end.took}" if end.took else end.result

    def _call(self, row: Row) -> Statement:
        point = row.points[0]
        results = (self._result(row, 0), self._result(row, 1))
        code = erlang.call(point)
        ends = [self._ends[side].get(p.act) for side, p in enumerate((row.left, row.right)) if p]
        bound = next((end.bound for end in ends if end and end.bound), "")
        if any(result and result.startswith("** ") for result in results):
            code = f"catch {code}"
        elif bound and any(result and result.startswith("{ok,") for result in results):
            alike = results[0] == results[1]
            code = f"{{{'ok' if alike else '_'}, {bound}}} = {code}"
            results = ("", "") if alike else results
        elif bound:
            code = f"{bound} = {code}"
        return Statement(code, results)

    def _task(self, row: Row) -> Iterator[Statement]:
        point = row.points[0]
        fun = erlang.fun(self._body(point.other, point.other_job))
        if point.kind is Kind.SPAWN:
            yield Statement(f"P{point.other} = Spawn({fun})")
            if "{stay,false}" in point.args:
                yield Statement(f"P{point.other} ! stop")
            return
        yield Statement(f"P{point.other} ! {{job, {fun}}}")
        if point.verb == "call":
            yield from self._look(row)

    def _body(self, lane: int, job: int) -> str:
        """What a process does in a job: one sequence of expressions, or one for each backend where they differ."""
        own = self._job(lane, job)
        bodies = [erlang.sequence([*self._side(own, side), *_value(own)]) for side in (0, 1)]
        return bodies[0] if bodies[0] == bodies[1] else erlang.by_backend(*bodies)

    def _job(self, lane: int, job: int) -> list[Row]:
        return [row for row in self._rows if (row.points[0].lane, row.points[0].job) == (lane, job)]

    def _side(self, own: Iterable[Row], side: int) -> Iterator[str]:
        endless = ""
        for row in own:
            point = (row.left, row.right)[side]
            if point is None or erlang.call(point) == endless:
                continue
            endless = erlang.call(point) if point.count == 0 else ""
            kept = row if point in row.points[:1] else type(row)(point, point)
            yield from (erlang.again(point) if endless else each.code for each in self._statements(kept))

    def _look(self, row: Row) -> Iterator[Statement]:
        point = row.points[0]
        task = (point.other, point.other_job)
        if task in self._over:
            return
        own = self._job(*task)
        seen = [each.result if each else None for each in (row.left, row.right)]
        results = (self._came_to(own, 0, seen[0]), self._came_to(own, 1, seen[1]))
        code = f"Look(P{point.other}, {erlang.milliseconds(point.args, 0.4 if point.kind is Kind.LOOK else 5.0)})"
        if _BLOCKED in seen:
            yield Statement(code, results)
            return
        self._over.add(task)
        value = _value(own)
        yield Statement(f"{value[0]} = {code}", _nothing(results)) if value else Statement(code, results)

    def _came_to(self, own: Sequence[Row], side: int, seen: str | None) -> str | None:
        """What a job gives: the result of its last call, since cases return more than that."""
        if seen is None or seen == _BLOCKED:
            return seen
        rows = [row for row in own if (point := (row.left, row.right)[side]) and point.kind is Kind.CALL]
        return self._result(rows[-1], side) if rows else seen


def _nothing(results: Results) -> Results:
    return (None if results[0] is None else "", None if results[1] is None else "")


def _value(own: Iterable[Row]) -> list[str]:
    """The variables that a job binds, as one term."""
    bound = list(dict.fromkeys(point.bound for row in own for point in row.points[:1] if point.bound))
    return [bound[0] if len(bound) == 1 else f"{{{', '.join(bound)}}}"] if bound else []


def _messages(row: Row) -> Statement:
    point = row.points[0]
    found = [None if each is None else f"[{','.join(each.messages)}]" for each in (row.left, row.right)]
    results = (found[0], found[1])
    if point.verb == "await":
        return Statement("timer:sleep(200)", _nothing(results), f"until {', '.join(point.messages)} is in the mailbox")
    return Statement(f"Flush({erlang.count(point.args) if point.verb == 'flush' else 1})", results)


def _simple(row: Row) -> Iterator[Statement]:
    """The stage, and everything else that both backends have alike."""
    point = row.points[0]
    results = tuple(each.result if each else None for each in (row.left, row.right))
    *first, last = erlang.stage(point)
    yield from map(Statement, first)
    shown = (results[0], results[1])
    yield Statement(last, shown if point.kind is Kind.PEER else _nothing(shown), erlang.why(point))


def _lines(statement: Statement) -> Iterator[str]:
    """A statement as lines, its results behind it, or below it where they differ."""
    results = [None if result is None else _short(result) for result in statement.results]
    missing = [_ONLY[side] for side, result in enumerate(results) if result is None]
    if missing:
        (other,) = {*_ONLY} - {*missing}
        result = next(result for result in results if result is not None)
        code = f"({statement.code})" if " = " in statement.code else statement.code
        yield f"Backend =:= {other} andalso {code}." + (f"  % {other}: {result}" if result else "")
    elif results[0] == results[1]:
        comment = ", ".join(filter(None, (results[0], statement.why)))
        yield f"{statement.code}." + (f"  % {comment}" if comment else "")
    else:
        yield f"{statement.code}."
        yield from (f"%   {name + ':':7} {result}" for name, result in zip(_ONLY, results, strict=True))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
