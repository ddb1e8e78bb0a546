"""Records of runs: JSON lines with a header, one line a case and subject, and a footer.

The same format holds what a run of the kit came to and what was recorded from a release of OTP.  Without header and
footer it is no record: a run that was cut short must not pass for a whole one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TextIO, cast

from .outcome import Kind, Outcome, Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FORMAT = 1

_PACKAGE = "gentcp_conformance"

_RECORDED = "recorded"
_NAME = re.compile(r"otp-(\d+)\.jsonl")

_HEADER, _RESULT, _FOOTER = "header", "result", "footer"


class RecordError(ValueError):
    """The text is no (whole) record; says which line and why."""


@dataclass(frozen=True)
class Record:
    """`subjects` has a mapping each with at least its "name"; `about` says where and from what this was made."""

    subjects: tuple[Mapping[str, str], ...]
    about: Mapping[str, str]
    results: Mapping[tuple[str, str], Result] = field(default_factory=dict[tuple[str, str], Result])

    def expected(self, case: str, subject: str) -> tuple[str, ...]:
        """The recorded terms, the most frequent first; empty when there are none."""
        result = self.results.get((case, subject))
        return result.terms if result else ()


def index(results: Iterable[Result]) -> dict[tuple[str, str], Result]:
    """Results by case and subject, in order.  Raises RecordError when one is there twice."""
    found: dict[tuple[str, str], Result] = {}
    for result in results:
        key = (result.case, result.subject)
        if key in found:
            raise RecordError(f"{result.case} on {result.subject} is there twice")
        found[key] = result
    return found


def write(record: Record, file: TextIO, verdicts: Mapping[tuple[str, str], str] | None = None) -> None:
    """Write a record; `verdicts`, by case and subject, go along for readers who do not want to judge themselves."""
    file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in _lines(record, verdicts or {}))


def read(text: str, name: str = "record") -> Record:
    """The record in `text`; `name` stands in errors.  Raises RecordError."""
    # Not splitlines(): what it takes for a line end can stand in a JSON string.
    numbered = enumerate(text.removesuffix("\n").split("\n"), 1)
    lines = [_object(line, f"{name}, line {number}") for number, line in numbered if text]
    if not lines or lines[0].get("is") != _HEADER:
        raise RecordError(f"{name}: does not begin with a header")
    header, footer = lines[0], lines[-1]
    if header.get("format") != FORMAT:
        raise RecordError(f"{name}: format {header.get('format')!r}, this reader knows {FORMAT}")
    if footer.get("is") != _FOOTER:
        raise RecordError(f"{name}: does not end with a footer; the run was cut short")
    if footer.get("results") != len(lines) - 2:
        raise RecordError(f"{name}: the footer promises {footer.get('results')} results, there are {len(lines) - 2}")
    results = index(_result(line, f"{name}, line {number}") for number, line in enumerate(lines[1:-1], 2))
    return Record(tuple(header.get("subjects", ())), dict(header.get("about", {})), results)


def file_name(release: str) -> str:
    """What the recording of an OTP release is called."""
    return f"otp-{release}.jsonl"


def releases() -> list[str]:
    """The OTP releases that a recording comes with the kit of, the oldest first."""
    names = (_NAME.fullmatch(resource.name) for resource in (files(_PACKAGE) / _RECORDED).iterdir())
    return sorted((name[1] for name in names if name), key=int)


def recorded(release: str) -> Record:
    """The record of an OTP release that comes with the kit.  Raises RecordError when there is none."""
    resource = files(_PACKAGE) / _RECORDED / file_name(release)
    if not resource.is_file():
        raise RecordError(f"no recording of OTP {release}; there are {', '.join(releases())}")
    return read(resource.read_text(encoding="utf-8"), resource.name)


def recordings() -> dict[str, Record]:
    """All records that come with the kit, by release, the oldest first.  Raises RecordError."""
    return {release: recorded(release) for release in releases()}


def mentions(text: str) -> Iterator[Result]:
    """The results in all records that come with the kit that have `text` in their lines; the others are not read."""
    for release in releases():
        resource = files(_PACKAGE) / _RECORDED / file_name(release)
        for line in resource.read_text(encoding="utf-8").split("\n")[1:-2]:
            if text in line:
                yield _result(_object(line, resource.name), resource.name)


def _lines(record: Record, verdicts: Mapping[tuple[str, str], str]) -> Iterator[dict[str, Any]]:
    yield {"is": _HEADER, "format": FORMAT, "subjects": list(record.subjects), "about": dict(record.about)}
    for key, result in record.results.items():
        line: dict[str, Any] = {"is": _RESULT, "case": result.case, "subject": result.subject}
        line["outcomes"] = [{str(outcome.kind): outcome.text, "count": count} for outcome, count in result.outcomes]
        if not result.stable:
            line["stable"] = False
        if result.seconds:
            line["seconds"] = round(result.seconds, 3)
        if key in verdicts:
            line["verdict"] = verdicts[key]
        yield line
    cases = len({case for case, _ in record.results})
    yield {"is": _FOOTER, "results": len(record.results), "cases": cases}


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        found: object = json.loads(line)
    except json.JSONDecodeError as error:
        raise RecordError(f"{where}: {error}") from None
    if not isinstance(found, dict):
        raise RecordError(f"{where}: not a JSON object")
    return cast("dict[str, Any]", found)


def _result(line: dict[str, Any], where: str) -> Result:
    if line.get("is") != _RESULT:
        raise RecordError(f"{where}: a {line.get('is')!r} where results belong")
    try:
        outcomes = tuple([_outcome(entry) for entry in line["outcomes"]])
        result = Result(str(line["case"]), str(line["subject"]), outcomes, float(line.get("seconds", 0)))
    except (KeyError, TypeError, ValueError, StopIteration) as error:
        raise RecordError(f"{where}: malformed result ({error!r})") from None
    if not outcomes:
        raise RecordError(f"{where}: a result without an outcome")
    return result


def _outcome(entry: dict[str, Any]) -> tuple[Outcome, int]:
    kind = next(kind for kind in Kind if kind in entry)
    return Outcome(kind, str(entry[kind])), int(entry["count"])
