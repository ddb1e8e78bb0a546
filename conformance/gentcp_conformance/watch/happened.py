"""What was seen of a running program as occurrences, and the rules that speak of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gentcp_conformance.check.findings import Occurring
from gentcp_conformance.check.occurrences import Occurrence, given
from gentcp_conformance.check.speaking import Change
from gentcp_conformance.check.tree import Node, atom_of

from .tracing import Seen


@dataclass(frozen=True)
class Happened:
    """A rule whose places were reached: each place with how often."""

    change: Change
    places: Sequence[tuple[str, int]]

    @property
    def times(self) -> int:
        """All of them."""
        return sum(times for _, times in self.places)


def happened(seen: Sequence[Seen], changes: Sequence[Change]) -> list[Happened]:
    """The rules that speak of something that was seen, what happened most often first."""
    found = [(each, list(_occurrences(each))) for each in seen]
    all_of_them = Occurring([occurrences for _, occurrences in found])
    speaking = [
        change
        for change in changes
        if all_of_them.may_happen((*change.rule.needs, *change.rule.here), (*change.rule.unless, *change.rule.not_here))
    ]
    listed = [Happened(change, _places(found, change)) for change in speaking]
    return sorted((each for each in listed if each.places), key=lambda each: -each.times)


def _places(found: Iterable[tuple[Seen, Sequence[Occurrence]]], change: Change) -> list[tuple[str, int]]:
    times: dict[str, int] = {}
    for each, occurrences in found:
        if any(signal.matches(one) for signal in change.rule.signals for one in occurrences):
            times[each.place] = times.get(each.place, 0) + each.times
    return sorted(times.items(), key=lambda place: -place[1])


def _occurrences(seen: Seen) -> Iterator[Occurrence]:
    node = seen.value
    if not seen.name:
        yield Occurrence("message", atom_of(node.parts[0]), node, node, on_socket=True)
        return
    arguments = Node("tuple", "", seen.arguments, 0, 0)
    yield Occurrence("call", seen.name, arguments, arguments, on_socket=True, function=seen.function)
    yield from given(seen.arguments, seen.name)
    if seen.raised:
        yield Occurrence("caught", seen.name, node, node, function=seen.function)
    else:
        yield Occurrence("result", seen.name, node, node, function=seen.function)


def otherwise(before: Iterable[Seen], after: Iterable[Seen]) -> list[tuple[str, str, str, str]]:
    """Calls that came to other results in a second run: place, function, the results before, and after."""
    results = [_results(seen) for seen in (before, after)]
    keys = sorted({*results[0], *results[1]})
    told = [(key, _told(results[0].get(key)), _told(results[1].get(key))) for key in keys]
    return [(place, function, old, new) for (place, function), old, new in told if old != new]


def _told(results: set[str] | None) -> str:
    return "; ".join(sorted(results)) if results else "not called"


def _results(seen: Iterable[Seen]) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for each in seen:
        if each.name:
            found.setdefault((each.place, each.name), set()).add(_shown(each))
    return found


def _shown(seen: Seen) -> str:
    return f"{seen.raised}: {written(seen.value)}" if seen.raised else written(seen.value)


def written(node: Node) -> str:
    """A term, numbers as `_`: ports and counts are others in each run."""
    if node.kind in {"tuple", "list"}:
        inside = ",".join(map(written, node.parts))
        return f"{{{inside}}}" if node.kind == "tuple" else f"[{inside}]"
    return "_" if node.kind in {"number", "variable"} else node.text
