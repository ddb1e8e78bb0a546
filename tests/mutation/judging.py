"""Whether a result is what it is without a mutant: as recorded of OTP, or as accepted."""

from __future__ import annotations

from functools import cache

from gentcp_conformance import differences
from gentcp_conformance.case import load
from gentcp_conformance.matrix import RELEASE, Column, Oracle
from gentcp_conformance.outcome import Result
from gentcp_conformance.record import recordings

from .places import FOLLOWS


def as_expected(result: Result) -> bool:
    """True as well when the case cannot be run here."""
    return _oracle().as_expected(result, Column(result.subject, FOLLOWS[result.subject], RELEASE))


@cache
def _oracle() -> Oracle:
    return Oracle(recordings(), differences.load(load().ids()), RELEASE)
