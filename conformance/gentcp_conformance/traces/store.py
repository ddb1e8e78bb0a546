"""Traces as JSON lines with a header and a footer, a line each, what says nothing left out."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TextIO

from gentcp_conformance.record import RecordError

from .events import Kind, Point, State, Trace, Traces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FORMAT = 1

_PACKAGE = "gentcp_conformance"


def write(traces: Traces, file: TextIO) -> None:
    """Write traces; the same traces give the same text."""
    lines = [{"is": "header", "format": FORMAT, "about": traces.about}, *map(_trace_line, traces.traces.values())]
    lines.append({"is": "footer", "traces": len(traces.traces)})
    file.writelines(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)


def read(text: str, name: str = "traces") -> Traces:
    """The traces in `text`; `name` stands in errors.  Raises RecordError when it is not whole."""
    try:
        header, *lines, footer = [json.loads(line) for line in text.removesuffix("\n").split("\n")]
        if header["is"] != "header" or header["format"] != FORMAT or footer["is"] != "footer":
            raise RecordError(f"{name}: wants a header of format {FORMAT}, and a footer")
        if footer["traces"] != len(lines):
            raise RecordError(f"{name}: the footer promises {footer['traces']} traces, there are {len(lines)}")
        found = [_read_trace(line) for line in lines]
    except (ValueError, KeyError, TypeError) as error:
        raise error if isinstance(error, RecordError) else RecordError(f"{name}: {error!r}") from None
    return Traces(header["about"], {(trace.case, trace.subject): trace for trace in found})


def recorded(release: str) -> Traces:
    """The traces of an OTP release that come with the kit; none when there is no such file."""
    text, name = _text(release)
    return read(text, name) if text else Traces({})


def recorded_of(release: str, case: str) -> Traces:
    """Those of one case; the others are not read, which takes a second and more."""
    text, name = _text(release)
    if not text:
        return Traces({})
    header, *lines = text.removesuffix("\n").split("\n")
    wanted = json.dumps(case, ensure_ascii=False)
    mine = [line for line in lines if wanted in line[: len(wanted) + 40]]
    footer = json.dumps({"is": "footer", "traces": len(mine)})
    return read("\n".join([header, *mine, footer]), name)


def _text(release: str) -> tuple[str, str]:
    resource = files(_PACKAGE) / "recorded" / f"traces-{release}.jsonl"
    return (resource.read_text(encoding="utf-8") if resource.is_file() else "", resource.name)


def _trace_line(trace: Trace) -> dict[str, Any]:
    line: dict[str, Any] = {"case": trace.case, "subject": trace.subject}
    if trace.notes:
        line["notes"] = list(trace.notes)
    return line | {"points": [_point_entry(point) for point in trace.points]}


def _point_entry(point: Point) -> dict[str, Any]:
    state = point.state
    whole = point.begins and point.ends
    entry = {
        "n": point.act,
        "p": point.lane if point.lane != 1 else None,
        "k": str(point.kind) if point.begins else None,
        "do": [point.verb, *point.args] if point.begins else None,
        "part": None if whole else "begin" if point.begins else "end",
        "r": point.result,
        "b": point.bound,
        "t": point.took,
        "x": None if point.count == 1 else point.count,
        "j": point.job,
        "o": [point.other, point.other_job] if point.other else None,
        "m": list(point.messages),
        "s": state and [state.connection, state.queue, state.out, state.into, *state.wire],
    }
    return {key: value for key, value in entry.items() if value or (key == "x" and value == 0)}


def _read_trace(line: Mapping[str, Any]) -> Trace:
    points = tuple(_read_points(line["points"]))
    return Trace(line["case"], line["subject"], points, tuple(line.get("notes", ())))


def _read_points(entries: Iterable[Mapping[str, Any]]) -> Iterator[Point]:
    begun: dict[int, Mapping[str, Any]] = {}
    for entry in entries:
        first = begun.setdefault(entry["n"], entry)
        part = entry.get("part", "")
        verb, *args = first["do"]
        other, other_job = entry.get("o", (0, 0))
        yield Point(
            entry["n"], entry.get("p", 1), Kind(first["k"]), verb, tuple(args), begins=part != "end",
            ends=part != "begin", result=entry.get("r", ""), bound=entry.get("b", ""), took=entry.get("t", ""),
            count=entry.get("x", 1), job=entry.get("j", 0), other=other, other_job=other_job,
            messages=tuple(entry.get("m", ())), state=_read_state(entry.get("s")),
        )  # fmt: skip


def _read_state(entry: list[Any] | None) -> State | None:
    if entry is None:
        return None
    connection, queue, out, into, *wire = entry
    return State(connection, queue, out, into, tuple(wire))
