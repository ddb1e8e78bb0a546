"""IPv6.  A machine without it skips this module, and says so."""

from __future__ import annotations

import socket

import pytest

from gentcp.erl import gen_tcp, inet

from ..support import Net, catch

LOOPBACK = (0, 0, 0, 0, 0, 0, 0, 1)


def has_inet6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


pytestmark = pytest.mark.skipif(not has_inet6(), reason="THIS MACHINE HAS NO IPv6 LOOPBACK: nothing here was tested")


def test_they_listen_connect_and_talk(net: Net) -> None:
    """Case listen-accept/listen/inet6."""
    listener = net.ok(gen_tcp.listen(0, net.options("inet6")))
    port = inet.port(listener)[1]
    sock = net.ok(gen_tcp.connect(LOOPBACK, port, net.options(), 5000))
    accepted = net.ok(gen_tcp.accept(listener, 5000))
    assert inet.sockname(listener) == ("ok", ((0,) * 8, port))
    assert inet.peername(sock) == ("ok", (LOOPBACK, port))
    assert inet.sockname(accepted) == ("ok", (LOOPBACK, port))
    assert gen_tcp.send(sock, b"hi") == "ok"
    assert gen_tcp.recv(accepted, 2, 5000) == ("ok", b"hi")


def test_the_address_chooses_the_family(net: Net) -> None:
    listener = net.ok(gen_tcp.listen(0, net.options(("ip", LOOPBACK))))
    assert inet.sockname(listener) == ("ok", (LOOPBACK, inet.port(listener)[1]))
    assert net.ok(gen_tcp.connect("::1", inet.port(listener)[1], net.options("inet6"), 5000))


def test_a_mapped_address_reaches_an_ipv4_listener(net: Net) -> None:
    listener = net.listen()
    port = inet.port(listener)[1]
    assert net.ok(gen_tcp.connect("::ffff:127.0.0.1", port, net.options("inet6"), 5000))
    assert net.ok(gen_tcp.connect((0, 0, 0, 0, 0, 65535, 32512, 1), port, net.options("inet6"), 5000))


def test_v6only_keeps_ipv4_out(net: Net) -> None:
    listener = net.ok(gen_tcp.listen(0, net.options("inet6", ("ipv6_v6only", True))))
    port = inet.port(listener)[1]
    assert gen_tcp.connect((127, 0, 0, 1), port, net.options(), 1000) == ("error", "econnrefused")
    assert net.ok(gen_tcp.connect(LOOPBACK, port, net.options(), 5000))


def test_families_that_do_not_fit(net: Net) -> None:
    """Case listen-accept/listen/family-twice."""
    assert gen_tcp.connect((127, 0, 0, 1), 1, net.options("inet6"), 1000) == ("error", "eafnosupport")
    assert gen_tcp.connect(LOOPBACK, 1, net.options("inet"), 1000) == ("error", "eafnosupport")
    assert gen_tcp.connect("::1", 1, net.options("inet"), 1000) == ("error", "nxdomain")
    result = catch(gen_tcp.listen, 0, net.options("inet6", ("ip", (127, 0, 0, 1))))
    assert result[0] in ("exception", "error")


def test_the_first_or_the_last_of_two_families_counts(net: Net) -> None:
    """Case listen-accept/listen/family-twice."""
    listener = net.ok(gen_tcp.listen(0, net.options("inet", "inet6")))
    ip = inet.sockname(listener)[1][0]
    assert len(ip) == (4 if net.backend == "inet" else 8)
