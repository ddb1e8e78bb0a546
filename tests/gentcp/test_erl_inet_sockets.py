"""Names, counters, descriptors and the table of sockets, on both backends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from gentcp.erl import gen_tcp, inet

from ..support import Net, catch
from ..support.fixtures import nothing_left_behind as nothing_left_behind

pytestmark = pytest.mark.usefixtures("nothing_left_behind")
NO_CLAUSE = ("exception", "error", "function_clause")
FAR = ((1, 2, 3, 4), 5)


@pytest.fixture(params=["inet", "socket"])
def net(request: pytest.FixtureRequest) -> Iterator[Net]:
    kit = Net(request.param)
    yield kit
    kit.close()


def on(net: Net, inet_value: Any, socket_value: Any) -> Any:
    return inet_value if net.backend == "inet" else socket_value


def test_names_as_lists(net: Net) -> None:
    """Case inet/socknames/connected."""
    sock, peer = net.pair()
    local, far = inet.sockname(sock)[1], inet.peername(sock)[1]
    assert inet.socknames(sock) == ("ok", [local])
    assert catch(inet.peernames, sock) == on(net, ("ok", [far]), NO_CLAUSE)
    assert catch(inet.socknames, sock, 0) == on(net, ("ok", [local]), NO_CLAUSE)
    assert catch(inet.socknames, sock, -1) == on(net, ("error", "einval"), NO_CLAUSE)
    assert catch(inet.peernames, sock, "foo") == NO_CLAUSE
    peer.close()
    assert gen_tcp.recv(sock, 0, 5000) == ("error", "closed")
    assert inet.socknames(sock) == ("error", on(net, "exbadport", "closed"))
    gen_tcp.close(sock)
    assert inet.socknames(sock) == ("error", on(net, "einval", "closed"))


def test_names_that_somebody_set(net: Net) -> None:
    """Case inet/setsockname/shown."""
    sock, _peer = net.pair()
    real = inet.sockname(sock)
    assert catch(inet.setsockname, sock, FAR) == on(net, "ok", NO_CLAUSE)
    assert inet.sockname(sock) == on(net, ("ok", FAR), real)
    assert inet.port(sock) == on(net, ("ok", 5), ("ok", real[1][1]))
    assert inet.socknames(sock) == ("ok", [real[1]])
    assert catch(inet.setsockname, sock, "undefined") == on(net, "ok", NO_CLAUSE)
    assert inet.sockname(sock) == real
    assert catch(inet.setsockname, sock, "foo") == NO_CLAUSE
    assert catch(inet.setsockname, sock, ("foo", 1)) == on(net, ("error", "einval"), NO_CLAUSE)


def test_a_peer_that_somebody_set_needs_a_connection(net: Net) -> None:
    sock, peer = net.pair()
    real = inet.peername(sock)
    assert catch(inet.setpeername, sock, ("local", b"/x")) == on(net, "ok", NO_CLAUSE)
    assert inet.peername(sock) == on(net, ("ok", ("local", b"/x")), real)
    peer.close()
    assert gen_tcp.recv(sock, 0, 5000) == ("error", "closed")
    assert inet.peername(sock) == ("error", on(net, "enotconn", "closed"))


def test_the_descriptor_of_a_port(net: Net) -> None:
    """Case inet/getfd/states."""
    sock, _peer = net.pair()
    if net.backend == "socket":
        assert catch(inet.getfd, sock) == NO_CLAUSE
        return
    ok, fd = inet.getfd(sock)
    assert ok == "ok"
    assert os.fstat(fd)
    gen_tcp.close(sock)
    assert inet.getfd(sock) == ("error", "einval")


def test_averages_are_cut_on_inet_and_rounded_on_socket(net: Net) -> None:
    sock, _peer = net.pair()
    for size in (1, 1, 3):
        assert gen_tcp.send(sock, bytes(size)) == "ok"
    assert inet.getstat(sock, ["send_avg"]) == ("ok", [("send_avg", on(net, 1, 2))])


def test_the_deviation_has_a_sign_until_it_is_shown() -> None:
    """As on a VM: 24, then 5, which a mean of absolute values would never be."""
    with closing(Net("inet")) as net:
        sock, peer = net.pair(("packet", 1))
        seen = []
        for size in (1, 100, 0):
            peer.send(bytes([size]) + bytes(size))
            assert gen_tcp.recv(sock, 0, 5000)[0] == "ok"
            seen.append(inet.getstat(sock, ["recv_dvi"])[1][0][1])
    assert seen == [0, 24, 5]


def test_an_acceptor_is_seen_in_info(net: Net) -> None:
    listener = net.listen()
    task = net.blocked(listener, "accept")
    if net.backend == "inet":
        assert inet.info(listener)["monitors"] == [("process", task.process)]
    else:
        assert inet.info(listener)["num_acceptors"] == 1


HEADER = "Port Module Recv Sent Owner Local Address Foreign Address State Type"


def test_the_table_of_sockets(net: Net, capsys: pytest.CaptureFixture[str]) -> None:
    """Sockets of other tests may be in it, too."""
    listener = net.listen()
    sock, _peer = net.pair()
    assert gen_tcp.send(sock, b"abc") == "ok"
    assert inet.i("show_ports") == inet.i() == "ok"
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split() == HEADER.split()
    cells = {each: _row(rows, f"localhost:{inet.port(each)[1]}") for each in (listener, sock)}
    module = on(net, "inet_tcp", "gen_tcp_socket")
    number = on(net, str(listener.fileno()), f"esock[{listener.fileno()}]")
    assert cells[listener] == [
        number,
        module,
        "0",
        "0",
        *cells[listener][4:6],
        "*:*",
        on(net, "LN:O", "BD:LG"),
        "STREAM",
    ]
    assert cells[sock][3] == "3"
    assert cells[sock][-2:] == [on(net, "CONNECTED(O)", "CONNECTED(B)"), "STREAM"]


def _row(rows: list[str], local: str) -> list[str]:
    return next(cells for cells in map(str.split, rows) if cells[5] == local)


def test_the_table_with_other_columns(net: Net, capsys: pytest.CaptureFixture[str]) -> None:
    listener = net.listen()
    assert inet.i([("local_address", True), "packet", "fd"]) == inet.i("udp") == "ok"
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split() == ["Local", "Address", "Packet", "Fd"]
    packet = str(on(net, 0, "raw"))
    assert [f"localhost:{inet.port(listener)[1]}", packet, str(listener.fileno())] in [row.split() for row in rows]


def test_the_table_refuses_what_it_does_not_know(net: Net) -> None:
    net.listen()
    assert catch(inet.i, "foo") == NO_CLAUSE
    assert catch(inet.i, "tcp", ["foo"]) == ("exception", "error", ("case_clause", "foo"))
    assert catch(inet.i, "tcp", 1) == ("exception", "error", ("bad_generator", 1))
