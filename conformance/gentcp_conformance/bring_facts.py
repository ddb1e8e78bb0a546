"""Maintainer's script: bring what the facts say of one release of OTP into `recorded/`, for the cases there are.

    python -m gentcp_conformance.bring_facts CATALOGUE facts/extra.jsonl

The output depends on the facts and the cases only, so that a second run changes nothing.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .case import load
from .matrix import ORACLE_COLUMNS
from .outcome import Kind, Outcome, Result
from .record import Record, index, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .case import Case

RELEASE = "29"

Facts = dict[str, dict[str, Any]]


def read_catalogue(*texts: str) -> Facts:
    """Facts by id, of JSON lines; what several lines say of one fact is put together.

    Raises ValueError when two lines have an outcome for the same release and backend.
    """
    facts: Facts = {}
    for line in (line for text in texts for line in text.split("\n") if line.strip()):
        row = json.loads(line)
        fact = facts.setdefault(row["id"], {"outcomes": {}, "stable": True})
        if twice := fact["outcomes"].keys() & row["outcomes"].keys():
            raise ValueError(f"fact {row['id']!r}: two outcomes for {min(twice)}")
        fact["outcomes"] |= row["outcomes"]
        fact["stable"] &= row["stable"]
    return facts


def bring(cases: Iterable[Case], facts: Facts, release: str = RELEASE) -> Record:
    """A record of what `facts` say of the cases.  Raises KeyError for a case whose fact is not there."""
    results = [_result(case, column, facts, release) for case in cases for column in ORACLE_COLUMNS]
    subjects = tuple({"name": column, "release": release} for column in ORACLE_COLUMNS)
    return Record(subjects, {"release": release, "made from": "the catalogue of facts"}, index(results))


def _result(case: Case, column: str, facts: Facts, release: str) -> Result:
    if case.fact not in facts:
        raise KeyError(f"case {case.id}: the catalogue has no fact {case.fact!r}")
    outcomes = tuple((Outcome(Kind.TERM, text), 1) for text in _texts(facts[case.fact], column, release))
    return Result(case.id, column, outcomes)


def _texts(fact: dict[str, Any], column: str, release: str) -> list[str]:
    """The outcome; of a fact that is not stable all that this backend was seen to do, on any release."""
    here: str = fact["outcomes"][f"{release}/{column}"]
    if fact["stable"]:
        return [here]
    anywhere = {text for key, text in fact["outcomes"].items() if key.endswith(f"/{column}")}
    return [here, *sorted(anywhere - {here})]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write `recorded/otp-29.jsonl` next to this module, or where `--output` says."""
    parser = argparse.ArgumentParser(prog="gentcp_conformance.bring_facts", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("catalogue", type=Path, nargs="+", help="facts as JSON lines")
    default = Path(__file__).parent / "recorded" / f"otp-{RELEASE}.jsonl"
    parser.add_argument("--output", type=Path, default=default, help="where to write (default: into the package)")
    chosen = parser.parse_args(arguments)
    facts = read_catalogue(*(path.read_text(encoding="utf-8") for path in chosen.catalogue))
    record = bring(load().select(), facts)
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    with chosen.output.open("w", encoding="utf-8") as file:
        write(record, file)


if __name__ == "__main__":
    main()
