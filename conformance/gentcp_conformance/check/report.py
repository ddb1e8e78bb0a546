"""What was found, for programs and for pages: JSON, SARIF, Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import gentcp
from gentcp_conformance.severity import SEVERITIES

from .findings import Finding
from .speaking import Change

_LEVELS = {"data": "error", "hang": "error", "crash": "error", "messages": "warning", "reasons": "warning"}
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
SCHEMA = "urn:gentcp:conformance:findings:1"


@dataclass(frozen=True)
class Report:
    """Findings, and what was looked at for them.

    `broken` has the lines that the grammar did not understand, by file; `skipped` counts files by reason.
    """

    before: str
    after: str
    findings: Sequence[Finding]
    files: int = 0
    lines: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict[str, int])
    broken: Mapping[str, Sequence[int]] = field(default_factory=dict[str, Sequence[int]])
    unreadable: Sequence[str] = ()

    def by_rule(self) -> list[tuple[Change, list[Finding]]]:
        """The findings of each rule, the worst rule first."""
        groups = groupby(self.findings, key=lambda finding: finding.change.rule.id)
        listed = [list(found) for _, found in groups]
        return [(found[0].change, found) for found in listed]


def as_json(report: Report) -> str:
    """As `findings.schema.json` has it."""
    content = {
        "schema": SCHEMA,
        "from": report.before,
        "to": report.after,
        "files": report.files,
        "lines": report.lines,
        "skipped": dict(report.skipped),
        "broken": {path: list(lines) for path, lines in report.broken.items()},
        "findings": [_plain(finding) for finding in report.findings],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _plain(finding: Finding) -> dict[str, Any]:
    rule = finding.change.rule
    return {
        "file": finding.file, "line": finding.line, "column": finding.column, "rule": rule.id,
        "severity": rule.severity, "title": rule.title, "before": finding.change.before, "after": finding.change.after,
        "advice": rule.advice, "cases": list(finding.change.cases), "code": finding.code,
    }  # fmt: skip


# ---- SARIF


def as_sarif(report: Report) -> str:
    """SARIF 2.1.0, which services that scan code take."""
    changes = [change for change, _ in report.by_rule()]
    driver = {
        "name": "gentcp check",
        "version": gentcp.__version__,
        "rules": [_sarif_rule(change) for change in changes],
    }
    numbers = {change.rule.id: number for number, change in enumerate(changes)}
    results = [_sarif_result(finding, numbers[finding.change.rule.id]) for finding in report.findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1) + "\n"


def _sarif_rule(change: Change) -> dict[str, Any]:
    rule = change.rule
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": f"Before: {change.before} After: {change.after}"},
        "help": {"text": f"{rule.advice} Cases: {', '.join(change.cases)}"},
        "defaultConfiguration": {"level": _level(rule.severity)},
        "properties": {"tags": [rule.severity]},
    }


def _sarif_result(finding: Finding, number: int) -> dict[str, Any]:
    rule = finding.change.rule
    place = {
        "artifactLocation": {"uri": _uri(finding.file)},
        "region": {"startLine": finding.line, "startColumn": finding.column},
    }
    return {
        "ruleId": rule.id,
        "ruleIndex": number,
        "level": _level(rule.severity),
        "message": {"text": f"{rule.title}. After the change: {finding.change.after} {rule.advice}"},
        "locations": [{"physicalLocation": place}],
    }


def _level(severity: str) -> str:
    return _LEVELS.get(severity, "note")


def _uri(path: str) -> str:
    """Relative to where the command runs, if it is below."""
    full = Path(path).absolute()
    here = Path.cwd()
    return full.relative_to(here).as_posix() if full.is_relative_to(here) else full.as_uri()


# ---- Markdown


def as_markdown(report: Report) -> str:
    """A page."""
    lines = [f"# What changes from {named(report.before)} to {named(report.after)}", "", summary(report) + "."]
    severity = ""
    for change, found in report.by_rule():
        rule = change.rule
        if rule.severity != severity:
            severity = rule.severity
            lines += ["", f"## {SEVERITIES[severity].capitalize()}"]
        lines += ["", f"### {rule.title}", ""]
        lines += [f"- `{each.file}:{each.line}` {_code(each.code)}".rstrip() for each in found]
        lines += ["", f"Before: {change.before}", "", f"After: {change.after}", "", f"Instead: {rule.advice}", ""]
        lines += [f"Rule `{rule.id}`; cases {', '.join(f'`{case}`' for case in change.cases)}."]
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}" if text else ""


# ---- in words


def named(column: str) -> str:
    """A column such as "29:socket" for people."""
    release, _, name = column.partition(":")
    return f"OTP {release} {name}"


def summary(report: Report) -> str:
    """How much there was, in a line."""
    found = len(report.findings)
    read = f"{_many(report.files, 'file')} read, {_many(report.lines, 'line')}"
    if not found:
        return f"nothing changes in what was seen; {read}"
    places = f"{_many(found, 'place')} in {_many(len({each.file for each in report.findings}), 'file')}"
    return f"{places} ({', '.join(_by_severity(report.findings))}); {read}"


def left_out(report: Report) -> list[str]:
    """What was not read, or not understood, a line each."""
    lines = [f"not read: {', '.join(f'{n} {why}' for why, n in report.skipped.items() if n)}"]
    lines = lines if any(report.skipped.values()) else []
    lines += [f"not read: {each}" for each in report.unreadable]
    for path, places in report.broken.items():
        shown = ", ".join(map(str, places[:3])) + (", ..." if len(places) > 3 else "")
        lines.append(f"not understood in part: {path}, line {shown}")
    return lines


def _by_severity(found: Iterable[Finding]) -> list[str]:
    severities = [each.change.rule.severity for each in found]
    return [f"{name} {severities.count(name)}" for name in SEVERITIES if name in severities]


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
