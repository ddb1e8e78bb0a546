"""Reasons, their texts, and the exceptions that are made of them."""

from __future__ import annotations

import errno
import os
from typing import Any

import pytest

from gentcp.erl import ErlangError, inet
from gentcp.errors import Error, describe, error_for, reason_of
from gentcp.posix import INET_TEXTS, TEXTS

ALL = sorted({*TEXTS, *INET_TEXTS})
OF_THIS_SYSTEM = [atom for atom in ALL if hasattr(errno, atom.upper())]


def test_texts_are_those_of_otp() -> None:
    """A few by hand; tests/otp compares all of them with a VM."""
    assert str(inet.format_error("econnrefused")) == "connection refused"
    assert str(inet.format_error("exbadport")) == "invalid port state"
    assert str(inet.format_error("nxdomain")) == "non-existing domain"
    assert str(inet.format_error("closed")) == "unknown POSIX error: closed"
    assert str(inet.format_error(True)) == "unknown POSIX error: true"


def test_a_text_is_a_list_of_characters_as_strings_are() -> None:
    assert inet.format_error("eio") == [73, 47, 79, 32, 101, 114, 114, 111, 114]


@pytest.mark.parametrize("reason", [("timeout", b"rest"), 1, 1.0, b"closed", [], {}], ids=repr)
def test_a_reason_that_is_no_atom_has_no_text(reason: Any) -> None:
    with pytest.raises(ErlangError) as caught:
        inet.format_error(reason)
    assert (caught.value.class_, caught.value.term) == ("error", "badarg")


@pytest.mark.parametrize("atom", OF_THIS_SYSTEM)
def test_an_exception_for_an_error_of_the_system(atom: str) -> None:
    error = error_for(atom)
    assert isinstance(error, Error)
    assert error.reason == atom
    assert error.errno == getattr(errno, atom.upper())
    assert str(error).startswith(f"[Errno {error.errno}] ")
    assert str(error).endswith(describe(atom))
    assert describe(atom)


@pytest.mark.parametrize("atom", sorted(set(ALL) - set(OF_THIS_SYSTEM)))
def test_an_exception_for_an_error_that_this_system_has_not(atom: str) -> None:
    error = error_for(atom)
    assert (error.reason, error.errno) == (atom, None)
    assert str(error) == describe(atom) != ""


@pytest.mark.parametrize(("number", "atom"), [(number, name.lower()) for number, name in errno.errorcode.items()])
def test_every_error_of_the_system_has_a_reason(number: int, atom: str) -> None:
    """Where a number has two names it is OTP's that counts."""
    found = reason_of(OSError(number, os.strerror(number)))
    assert getattr(errno, found.upper()) == number
    assert found == atom or found in ("eagain", "edeadlk", "enotsup")


def test_the_words_for_people_are_the_systems_where_it_has_any() -> None:
    assert describe("econnrefused") == os.strerror(errno.ECONNREFUSED)
    assert describe("erefused") == TEXTS["erefused"]
    assert describe("exbadseq") == INET_TEXTS["exbadseq"]
    assert describe("closed") == "the connection is closed"
    assert describe(("timeout", b"rest")) == "('timeout', b'rest')"
