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
    UNJUDGED = "UNJUDGED"
    """A VM of a release that there is no recording of: shown for what it is."""
    RECORDED = "RECORDED"
    """Not of a run: what was recorded of OTP."""


class Divergence(StrEnum):
    """Of one case between the two backends of one release of OTP."""

    NONE = "SAME"
    DOCUMENTED = "DIVERGES (documented)"
    UNDOCUMENTED = "DIVERGES (undocumented)"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Verdict:
    """A judgement and what goes with it: "1/3" for FLAKY, the reason for ACCEPTED (with its link) and UNKNOWN."""

    judgement: Judgement
    note: str = ""
    link: str = ""

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
        return Verdict(Judgement.ACCEPTED, difference.reason, difference.link)
    return plain


def is_expected(outcome: Outcome, expected: tuple[str, ...]) -> bool:
    """Whether one outcome is among the recorded terms."""
    return outcome.kind is Kind.TERM and outcome.text in expected


def alike(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Whether two recorded sets of terms may be the same behaviour.

    Of an outcome that is not stable a few runs need not have seen all: then it is enough that the sets meet.
    """
    if len(left) == len(right) == 1:
        return left == right
    return not set(left).isdisjoint(right)


def divergence(left: tuple[str, ...], right: tuple[str, ...], *, documented: bool) -> Divergence:
    """Whether two columns of one release differ; unstable ones do when they have no outcome in common."""
    if not left or not right:
        return Divergence.UNKNOWN
    if alike(left, right):
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
