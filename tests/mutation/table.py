"""The score, and who survived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from .listing import Mutant
from .running import Finding, Outcome

Rows = list[tuple[Mutant, Finding]]


def table(rows: Rows) -> Iterator[str]:
    """Markdown: a line for each module and one for all."""
    yield "| module | mutants | caught | survived | no case there | score |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    names = sorted({mutant.module.name for mutant, _ in rows})
    for name in names:
        yield _row(f"`{name}`", [finding for mutant, finding in rows if mutant.module.name == name])
    yield _row("all", [finding for _, finding in rows])


def _row(title: str, findings: Iterable[Finding]) -> str:
    count = Counter(finding.outcome for finding in findings)
    caught, survived, unreached = count[Outcome.CAUGHT], count[Outcome.SURVIVED], count[Outcome.UNREACHED]
    total = caught + survived + unreached
    score = f"{100 * caught / total:.0f} %" if total else ""
    return f"| {title} | {total} | {caught} | {survived} | {unreached} | {score} |"


def survivors(rows: Rows) -> Iterator[str]:
    """Those that nothing has caught, with what they change."""
    for mutant, finding in rows:
        if finding.outcome in {Outcome.SURVIVED, Outcome.UNREACHED}:
            how = mutant.operator.removeprefix("core/")
            yield f"{finding.outcome}: {mutant.module.name}, line {mutant.line}, {how}"
            yield from (f"    {line}" for line in mutant.diff)


def proving_nothing(rows: Rows) -> int:
    """How many are broken, and count nowhere."""
    return sum(finding.outcome is Outcome.BROKEN for _, finding in rows)
