"""Packet type ssl_tls: records of TLS without TLS, on inet."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import PACKET, brief, close_peer, receive_all, start

TLS = PACKET + ", type ssl_tls (not in the manual)"
RECORD = b"\x16\3\3\0\5hello"
OLD_HELLO = b"\x80\5\1\3\2ab"


def typed(t: Subject, *options: Term) -> tuple[Term, Term, Term]:
    """A socket that has been asked to be of type ssl_tls, the answer, and its peer."""
    sock, peer = t.pair(*options)
    return sock, t.catch(inet.setopts, sock, [("packet", "ssl_tls")]), peer


@case(
    "packet/tls/where",
    title="ssl_tls is a packet type of inet, under two names; socket refuses it",
    means="""Not in the manual, but what OTP's own ssl is built on. Code that uses it must ask for inet. connect and
    listen on socket answer with einval here, where they exit for names that nobody knows.""",
    source=TLS,
)
def where(t: Subject) -> Term:
    return [(kind, *offered(t, kind)) for kind in ("ssl_tls", "ssl")]


def offered(t: Subject, kind: str) -> tuple[Term, ...]:
    sock, _ = t.pair()
    done = t.catch(inet.setopts, sock, [("packet", kind)])
    port = t.raw_listener().port
    connected = t.catch(gen_tcp.connect, (127, 0, 0, 1), port, t.options(("packet", kind)), 500)
    listening = t.catch(gen_tcp.listen, 0, t.options(("packet", kind)))
    return (done, inet.getopts(sock, ["packet"]), brief(connected), brief(listening))


@case(
    "packet/tls/received",
    title="recv gives {ssl_tls, Socket, Type, Version, Body} for each record",
    means="""With it a proxy can read the first record of a client, look for the server name in it, and decide where the
    connection goes. On socket, where the type was refused, the socket is still raw.""",
    source=TLS,
)
def received(t: Subject) -> Term:
    sock, done, peer = typed(t)
    peer.send(RECORD + OLD_HELLO + b"\x15\3\3\0\2\1\0")
    return (done, receive_all(t, sock, 4))


@case(
    "packet/tls/byte-by-byte",
    title="A record whose bytes come one by one is one result",
    means="""The header of five bytes is put together like any other. A record may have 16 KB, which is several segments
    anyway.""",
    source=TLS + "; gen_tcp:recv/3",
)
def byte_by_byte(t: Subject) -> Term:
    sock, done, peer = typed(t)
    if done != "ok":
        return done
    receiver = start(t, gen_tcp.recv, sock, 0, 5000)
    peer.send_bytewise(RECORD)
    return receiver.outcome(5.0)


@case(
    "packet/tls/messages",
    title="Active: the message is the record itself, {ssl_tls, Socket, Type, Version, Body}",
    means="""There is no tag around it: a tuple of five, not of three. The end is tcp_closed.""",
    source=TLS + "; option active",
)
def messages(t: Subject) -> Term:
    sock, done, peer = typed(t)
    peer.send(RECORD + OLD_HELLO)
    close_peer(peer)
    inet.setopts(sock, [("active", True)])
    return (done, t.messages(3 if done == "ok" else 2))


@case(
    "packet/tls/body-is-binary",
    title="The body is a binary in list mode, too",
    means="""As with http_bin the mode has no say; on socket it has, as the data are raw there.""",
    source=TLS + "; option mode",
)
def body_is_binary(t: Subject) -> Term:
    sock, done, peer = typed(t, "list")
    peer.send(RECORD)
    return (done, receive_all(t, sock, 1))


@case(
    "packet/tls/over-packet-size",
    title="A record over packet_size is emsgsize by its header, and inet closes",
    means="""A record has at most 16 KB and a little: with that as packet_size, whatever is not TLS is found out soon,
    as its third and fourth byte make a length.""",
    source=TLS + "; option packet_size",
)
def over_packet_size(t: Subject) -> Term:
    sock, done, peer = typed(t, ("packet_size", 4))
    peer.send(RECORD[:5])
    return (done, receive_all(t, sock, 2))


@case(
    "packet/tls/deliver-port",
    title="{deliver, port}: the record comes as bytes, header and all",
    means="""As with http on inet nothing is taken apart then, so what comes can be passed on as it is, for example to
    the server that a proxy has chosen.""",
    source=TLS + "; option deliver",
)
def deliver_port(t: Subject) -> Term:
    _, done, peer = typed(t, ("deliver", "port"), ("active", True))
    peer.send(RECORD)
    return (done, t.messages(1))


@case(
    "packet/tls/after-plain-text",
    title="Lines first, then ssl_tls, in one segment: as after STARTTLS",
    means="""What a client has sent behind its STARTTLS line without waiting is there as the first record. A server that
    does not look at where it came from has taken plain text injected there for its own: throw it away.""",
    source=TLS,
)
def after_plain_text(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "line"))
    peer.send(b"STARTTLS\r\n" + RECORD)
    first = receive_all(t, sock, 1, 500)
    done = t.catch(inet.setopts, sock, [("packet", "ssl_tls")])
    return (first, done, receive_all(t, sock, 1, 500))


@case(
    "packet/tls/sent",
    title="send puts no header in front",
    means="""The type is for reading: what you send must have its record header already. A raw send on the way, of an
    alert say, needs no change of the type.""",
    source=TLS + "; gen_tcp:send/2",
)
def sent(t: Subject) -> Term:
    sock, done, peer = typed(t)
    return (done, gen_tcp.send(sock, RECORD), peer.recv_exact(len(RECORD)))


@case(
    "packet/tls/end-inside",
    title="The stream ends inside a record: closed",
    means="""A TLS stack must tell this from a close_notify, which is a record; here both look alike.""",
    source=TLS,
)
def end_inside(t: Subject) -> Term:
    sock, done, peer = typed(t)
    peer.send(RECORD[:7])
    close_peer(peer)
    return (done, receive_all(t, sock, 2, 1000))
