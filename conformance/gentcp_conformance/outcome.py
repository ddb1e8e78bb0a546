"""What running a case on a subject came to, once or several times."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """How a run ended."""

    TERM = "term"
    """The case returned a term; the text is its Erlang notation."""
    CRASH = "crash"
    """The case, or the backend under it, raised what no case catches."""
    TIMEOUT = "timeout"
    """The time limit was over."""
    UNSUPPORTED = "unsupported"
    """The machine or the backend lacks what the case needs."""


@dataclass(frozen=True)
class Outcome:
    """One way in which a case ended.  Runs that ended alike are equal: what differs each time is not in here."""

    kind: Kind
    text: str

    @property
    def shown(self) -> str:
        """As one text: a term as it is, another outcome with its kind."""
        return self.text if self.kind is Kind.TERM else f"{self.kind}: {self.text}"


@dataclass(frozen=True)
class Result:
    """All runs of one case on one subject: each different outcome with how often it came, in the order seen."""

    case: str
    subject: str
    outcomes: tuple[tuple[Outcome, int], ...]
    seconds: float = 0.0
    """How long the first run took."""
    retried: bool = False
    """Whether this is a run alone, after one beside other cases that was not as expected and is forgotten."""

    @property
    def runs(self) -> int:
        """How often the case was run."""
        return sum(count for _, count in self.outcomes)

    @property
    def stable(self) -> bool:
        """Whether all runs ended alike."""
        return len(self.outcomes) == 1

    @property
    def text(self) -> str:
        """The first outcome as one line."""
        return self.outcomes[0][0].shown

    @property
    def terms(self) -> tuple[str, ...]:
        """The terms among the outcomes, the most frequent first."""
        found = [(outcome.text, count) for outcome, count in self.outcomes if outcome.kind is Kind.TERM]
        return tuple(text for text, _ in sorted(found, key=lambda pair: -pair[1]))

    def plus(self, outcome: Outcome, count: int = 1) -> Result:
        """This result and one more run, or `count` more that came to the same."""
        counts = dict(self.outcomes)
        counts[outcome] = counts.get(outcome, 0) + count
        return replace(self, outcomes=tuple(counts.items()))
