"""Verdicts: how a subject's outcomes compare with what its oracle was recorded to do.  Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from .outcome import Kind, Outcome, Result

if TYPE_CHECKING:
    from .differences import Difference


class Judgement(StrEnum):
    """Of one case on one subject."""

    SAME = "SAME"
    """Every run came to a recorded outcome."""
    DIFFERENT = "DIFFERENT"
    """No run did."""
    ACCEPTED = "ACCEPTED"
    """It differs, and the differences file says why that is right."""
    FLAKY = "FLAKY"
    """Some runs did."""
    UNSUPPORTED = "UNSUPPORTED"
    """The machine or the backend lacks what the case needs."""
    UNKNOWN = "UNKNOWN"
    """Every run took too long, or nothing is recorded to compare with."""


class Divergence(StrEnum):
    """Of one case between the two backends of one release of OTP."""

    NONE = "SAME"
    DOCUMENTED = "DIVERGES (documented)"
    UNDOCUMENTED = "DIVERGES (undocumented)"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Verdict:
    """A judgement and what goes with it: "1/3" for FLAKY, the reason for ACCEPTED and UNKNOWN."""

    judgement: Judgement
    note: str = ""

    @property
    def failed(self) -> bool:
        """Whether the subject is not what its expectation says.  FLAKY is loud but no failure."""
        return self.judgement in {Judgement.DIFFERENT, Judgement.UNKNOWN}

    def __str__(self) -> str:
        return f"{self.judgement} {self.note}" if self.judgement is Judgement.FLAKY else str(self.judgement)


def judge(result: Result, expected: tuple[str, ...], difference: Difference | None = None) -> Verdict:
    """The verdict on a result, given the recorded terms and the entry in the differences file, if any.

    A crash is never accepted: it may be that of the case itself.
    """
    plain = _judge(result, expected)
    crashed = any(outcome.kind is Kind.CRASH for outcome, _ in result.outcomes)
    if difference is not None and plain.judgement == difference.verdict and not crashed:
        return Verdict(Judgement.ACCEPTED, difference.reason)
    return plain


def is_expected(outcome: Outcome, expected: tuple[str, ...]) -> bool:
    """Whether one outcome is among the recorded terms."""
    return outcome.kind is Kind.TERM and outcome.text in expected


def divergence(left: tuple[str, ...], right: tuple[str, ...], *, documented: bool) -> Divergence:
    """Whether two columns of one release differ; an unstable outcome is the set of what was seen."""
    if not left or not right:
        return Divergence.UNKNOWN
    if set(left) == set(right):
        return Divergence.NONE
    return Divergence.DOCUMENTED if documented else Divergence.UNDOCUMENTED


def _judge(result: Result, expected: tuple[str, ...]) -> Verdict:
    kinds = {outcome.kind for outcome, _ in result.outcomes}
    if kinds == {Kind.UNSUPPORTED}:
        return Verdict(Judgement.UNSUPPORTED, result.outcomes[0][0].text)
    if not expected:
        return Verdict(Judgement.UNKNOWN, "nothing recorded to compare with")
    same = sum(count for outcome, count in result.outcomes if is_expected(outcome, expected))
    if same == result.runs:
        return Verdict(Judgement.SAME)
    if same:
        return Verdict(Judgement.FLAKY, f"{same}/{result.runs}")
    if kinds == {Kind.TIMEOUT}:
        return Verdict(Judgement.UNKNOWN, result.outcomes[0][0].text)
    return Verdict(Judgement.DIFFERENT)
