"""What a case can give to a backend wherever that runs: descriptors, and host names with several addresses."""

from __future__ import annotations

import os
import resource
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

import gentcp
import gentcp_otp
from gentcp.erl import ErlangError, gen_tcp, inet
from gentcp_conformance.descriptors import lend
from gentcp_conformance.subject import Subject, Unsupported, ok
from gentcp_conformance.term import Term

from .toys import ToyVm

_no_erl = pytest.mark.skipif(gentcp_otp.find() is None, reason="no erl on PATH, nor in GENTCP_ERL")


@pytest.fixture(params=["inet", pytest.param("otp_inet", marks=_no_erl)])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    with closing(Subject(request.param)) as found:
        yield found


def test_a_descriptor_is_lent(subject: Subject) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        fd = subject.lend(server)
        assert fd != server.fileno() or gentcp.get_backend(subject.backend).elsewhere
    listener = ok(gen_tcp.listen(0, subject.options(("fd", fd))))
    assert subject.port(listener) == port
    gen_tcp.close(listener)
    if not gentcp.get_backend(subject.backend).elsewhere:
        os.close(fd)


def test_without_descriptors_nothing_can_be_opened_and_what_is_open_works(subject: Subject) -> None:
    sock, peer = subject.pair()
    with subject.no_descriptors():
        refused = gen_tcp.listen(0, subject.options())
        peer.send(b"abc")
        assert gen_tcp.recv(sock, 3, 5000) == ("ok", b"abc")
    assert refused == ("error", "emfile")
    ok(gen_tcp.listen(0, subject.options()))


def test_limits_that_cannot_be_set_are_no_failure_of_the_backend(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError

    monkeypatch.setattr(resource, "prlimit", refuse)
    with pytest.raises(Unsupported), subject.no_descriptors():
        pytest.fail("there was a limit")


class Muddled(ToyVm):
    """It has a module `socket`, which can do nothing but open."""

    def apply(self, module: str, function: str, arguments: list[Term]) -> Term:
        """As that module has it."""
        if function == "open":
            return ("ok", "a socket")
        if function == "close":
            return "ok"
        raise ErlangError("undef")


def test_what_goes_wrong_in_a_vm_is_not_taken_for_a_backend_of_this_process() -> None:
    gentcp.register(Muddled("muddled", "29"))
    try:
        with pytest.raises(ErlangError, match="undef"):
            lend("muddled", 0)
    finally:
        gentcp.unregister("muddled")


def test_a_host_has_the_addresses_in_order_for_as_long_as_the_case_lasts(subject: Subject) -> None:
    names = [subject.host(count) for count in (3, 1)]
    for name, addresses in names:
        assert len(set(addresses)) == len(addresses)
        asked = gentcp.get_backend(subject.backend).apply("inet", "getaddrs", [list(name.encode()), "inet"])
        assert asked == ("ok", addresses)
    before = socket.getaddrinfo
    subject.close()
    assert (before is socket.getaddrinfo) == gentcp.get_backend(subject.backend).elsewhere
    assert inet.getaddrs(names[0][0], "inet") == ("error", "nxdomain")


def test_no_two_hosts_share_an_address(subject: Subject) -> None:
    (name, addresses), (other, others) = subject.host(2), subject.host(2)
    assert name != other
    assert not set(addresses) & set(others)
