"""The exceptions themselves."""

from __future__ import annotations

import copy
import errno
import pickle
from typing import Any

import pytest

import gentcp
from gentcp.errors import error_for, reason_of

ERRORS: list[Exception] = [
    error_for("closed"),
    error_for("econnreset", "with a text of its own"),
    error_for(("something", b"else")),
    gentcp.SendTimeout(queued=False, rest=b"rest", sent=4, reason=("timeout", b"rest")),
    gentcp.SendTimeout(queued=True),
    gentcp.OptionError("packet", "expected something else"),
]


@pytest.mark.parametrize("error", ERRORS, ids=str)
@pytest.mark.parametrize("duplicate", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_error_can_be_copied_and_sent_elsewhere(error: Exception, duplicate: Any) -> None:
    other = duplicate(error)
    assert type(other) is type(error)
    assert (str(other), other.args, other.__dict__) == (str(error), error.args, error.__dict__)


@pytest.mark.parametrize(
    ("reason", "number", "text"),
    [
        ("closed", errno.ENOTCONN, "the connection is closed"),
        ("timeout", errno.ETIMEDOUT, "timed out"),
        ("econnreset", errno.ECONNRESET, "Connection reset by peer"),
        (("shutdown", "emfile"), errno.EMFILE, "Too many open files"),
    ],
)
def test_an_error_of_the_system_has_its_number(reason: Any, number: int, text: str) -> None:
    error = error_for(reason)
    assert (error.reason, error.errno, error.strerror) == (reason, number, text)


@pytest.mark.parametrize(
    ("reason", "text"),
    [("nxdomain", "the host name is unknown"), ("odd", "odd"), (("odd", 1), "('odd', 1)"), (b"odd", "b'odd'")],
)
def test_an_error_of_erlang_alone_has_none(reason: Any, text: str) -> None:
    error = error_for(reason)
    assert (error.reason, error.errno, str(error)) == (reason, None, text)


def test_every_number_goes_to_erlang_and_back() -> None:
    for number in errno.errorcode:
        assert error_for(reason_of(OSError(number, ""))).errno == number
