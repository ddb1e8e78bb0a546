"""What getopts says of sockets on which nothing was set."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import socket

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import joined
from ._options import GETOPTS, default, fresh_inet6, get, listener_default

NOT_AN_ERROR = """getopts leaves out an option that is not supported; it returns an error only if the socket is closed
or a raw request too large."""


@case(
    "options/default/common",
    title="The defaults on which the backends agree",
    means="""These are the values you get on either backend if you set nothing: lists instead of binaries, no limit on
    the time a send takes, the Nagle algorithm on, and no keepalive. Options that are not in this list have cases of
    their own, mostly since the backends or the releases disagree on them: set those that matter to you.""",
    source=GETOPTS,
)
def common(t: Subject) -> Term:
    delivery = ("mode", "header", "deliver", "exit_on_close", "show_econnreset")
    sending = ("send_timeout", "send_timeout_close", "delay_send")
    system = ("nodelay", "keepalive", "linger", "reuseaddr", "priority", "tos", "recvtos", "recvttl", "dontroute")
    return default(t, *delivery, *sending, *system)


@case(
    "options/default/buffer",
    title="buffer: 9216 bytes on inet, 8192 on socket",
    means="""One recv(S, 0) or one active message in raw mode brings at most this much, so the same stream is cut at
    other places on each backend, and into much smaller pieces on inet before OTP 29. Code that has come to rely on
    where it is cut breaks with the backend or with the release. Set buffer if your throughput depends on it.""",
    source="inet:getopts/2; inet:setopts/2, option buffer",
)
def buffer(t: Subject) -> Term:
    return default(t, "buffer")


@case(
    "options/default/packet",
    title="packet reads back as 0 on inet, as raw on socket",
    means="""0 and raw are two names for no framing, and each backend has its favourite. Comparing the value read
    with the value you set, or restoring options by matching on raw, works on one backend only: treat both as
    equal.""",
    source="inet:getopts/2; inet:setopts/2, option packet",
)
def packet(t: Subject) -> Term:
    return default(t, "packet")


@case(
    "options/default/packet-size",
    title="packet_size: no limit on inet, 64 MB on socket",
    means="""Where a length in front of a packet comes from the network, inet believes it and waits for gigabytes if
    it says so; socket refuses more than 64 MB with emsgsize. Set packet_size to what your protocol allows: it protects
    you on inet, and it is what you need on socket if your packets are larger.""",
    source="inet:getopts/2; inet:setopts/2, option packet_size",
)
def packet_size(t: Subject) -> Term:
    return default(t, "packet_size")


@case(
    "options/default/high-watermark",
    title="high_watermark: 8192 on inet, left out of the answer on socket",
    means="""socket has no send queue, hence no limit on it, and says so by leaving the option out: the result is {ok,
    []}, without an error. A match on {ok, [{high_watermark, N}]} crashes there; code that adapts its sending to the
    queue has nothing to adapt to.""",
    source="inet:getopts/2; inet:setopts/2, option high_watermark",
)
def high_watermark(t: Subject) -> Term:
    return default(t, "high_watermark")


@case(
    "options/default/low-watermark",
    title="low_watermark: 4096 on inet, left out on socket, and 1 on OTP 25's socket",
    means="""OTP 25 took the option for the system's SO_RCVLOWAT, which is about receiving and not about sending;
    later releases ignore it. It is the one watermark that did something on the socket backend, and never what it is
    documented for.""",
    source="inet:getopts/2; inet:setopts/2, option low_watermark",
)
def low_watermark(t: Subject) -> Term:
    return default(t, "low_watermark")


@case(
    "options/default/message-queue-watermark",
    title="high_msgq_watermark: 8192 on inet, left out on socket",
    means="""The second queue of inet, in front of the driver, is a matter of ports; a socket of the other backend has
    no port. As with the other watermarks the answer is an empty list, not an error.""",
    source="inet:getopts/2; inet:setopts/2, option high_msgq_watermark",
)
def message_queue_watermark(t: Subject) -> Term:
    return default(t, "high_msgq_watermark")


@case(
    "options/default/line-delimiter",
    title="line_delimiter can be set on both and read on socket only",
    means="""inet answers einval, and one such name makes the whole call fail, whatever else you ask for. Code that
    saves options to restore them later has to ask for this one apart, or remember what it has set.""",
    source="inet:getopts/2; inet:setopts/2, option line_delimiter",
    contradicts=NOT_AN_ERROR,
)
def line_delimiter(t: Subject) -> Term:
    return default(t, "line_delimiter")


@case(
    "options/default/read-ahead",
    title="read_ahead is true on both backends, but was false on OTP 27's socket and unknown to OTP 25",
    means="""With read_ahead the backend reads as much as there is; without, only what the packet at hand needs, so
    that the rest stays in the kernel, for kTLS or for a program that takes over the descriptor. If you need that, set
    it to false: the default has not been the same in any two of these releases.""",
    source="inet:getopts/2; inet:setopts/2, option read_ahead",
)
def read_ahead(t: Subject) -> Term:
    return default(t, "read_ahead")


@case(
    "options/default/keepidle",
    title="keepidle: whatever the system has set, two hours mostly; einval before OTP 29",
    means="""keepalive alone notices a dead peer after more than two hours. From OTP 29 on the times have options of
    their own on both backends; in code that has to run on older releases as well use {raw, 6, 4, <<Seconds:32/native>>}
    on Linux.""",
    source="inet:getopts/2; inet:setopts/2, option keepidle",
)
def keepidle(t: Subject) -> Term:
    sock, peer = joined(t, ("active", False))
    usual = peer.raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
    match get(t, sock, "keepidle"):
        case ("ok", [("keepidle", seconds)]) if seconds == usual:
            return ("ok", [("keepidle", "as_the_system")])
        case other:
            return other


@case(
    "options/default/user-timeout",
    title="user_timeout: 0, the system's own idea; einval before OTP 29",
    means="""How long sent data may stay without acknowledgement before the connection counts as broken. 0 means many
    minutes on Linux. It is the means against peers that vanish while you are sending, which keepalive does not notice
    and send_timeout on inet notices only when the queue is full.""",
    source="inet:getopts/2; inet:setopts/2, option user_timeout",
)
def user_timeout(t: Subject) -> Term:
    return default(t, "user_timeout")


@case(
    "options/default/reuseport",
    title="reuseport: from OTP 27 on inet, from OTP 29 on socket",
    means="""Before, getopts and setopts answer einval, and listen exits with badarg. A server that shares its port
    between processes by this option cannot be moved to the socket backend of OTP 27 without {raw, 1, 15,
    <<1:32/native>>} in its place (Linux).""",
    source="inet:getopts/2; inet:setopts/2, option reuseport",
)
def reuseport(t: Subject) -> Term:
    return default(t, "reuseport")


@case(
    "options/default/reuseport-lb",
    title="reuseport_lb on Linux: another name for reuseport on inet, left out on socket",
    means="""The socket backend knows the name from OTP 29 on, but Linux has no option of that name, so the answer is
    an empty list there. Use reuseport on Linux: it is the same thing, and it does balance.""",
    source="inet:getopts/2; inet:setopts/2, option reuseport_lb",
    contradicts="On Linux, for example, reuseport_lb and reuseport are the same underlying option.",
)
def reuseport_lb(t: Subject) -> Term:
    return default(t, "reuseport_lb")


@case(
    "options/default/exclusiveaddruse",
    title="exclusiveaddruse: false on inet, left out on socket, einval on OTP 25",
    means="""The option is for Windows. Elsewhere inet takes it and always says false; socket does not support it, as
    the manual says. Keep it out of option lists that are used on every system and both backends.""",
    source="inet:setopts/2, option exclusiveaddruse, and its note",
    documented=True,
)
def exclusiveaddruse(t: Subject) -> Term:
    return default(t, "exclusiveaddruse")


@case(
    "options/default/bind-to-device",
    title="No device reads as <<>> on inet and as [] on socket",
    means="""Which device a socket is bound to comes as a binary on inet and as a list of characters on socket, where
    a name also has a zero byte at its end. Convert with iolist_to_binary, and cut the zero off, before you compare.""",
    source="inet:getopts/2; inet:setopts/2, option bind_to_device",
    contradicts="The name of the interface is a binary.",
)
def bind_to_device(t: Subject) -> Term:
    return listener_default(t, "bind_to_device")


@case(
    "options/default/nopush",
    title="nopush is false everywhere, and was left out on OTP 25's socket",
    means="""The option holds back small segments until it is turned off again (TCP_CORK). OTP 25's socket backend
    took it and did nothing; the empty answer is how code can find that out.""",
    source="inet:getopts/2; inet:setopts/2, option nopush",
)
def nopush(t: Subject) -> Term:
    return listener_default(t, "nopush")


@case(
    "options/default/backlog",
    title="backlog cannot be read: einval on inet, left out on socket",
    means="""Neither backend tells a listener's backlog, but they refuse differently: an error that takes the other
    names in the call along, or a gap in the list. Log the backlog where you set it.""",
    source=GETOPTS,
    contradicts=NOT_AN_ERROR,
)
def backlog(t: Subject) -> Term:
    return listener_default(t, "backlog")


@case(
    "options/default/descriptor",
    title="fd: einval on inet, the descriptor's number on socket",
    means="""On the socket backend getopts gives the number that strace, ss and a NIF know the connection by. On inet
    the (undocumented) inet:getfd does, which in turn fails on socket. A tool for both needs both ways.""",
    source=GETOPTS,
)
def descriptor(t: Subject) -> Term:
    match listener_default(t, "fd"):
        case ("ok", [("fd", int(number))]) if number > 2:
            return ("ok", [("fd", "int")])
        case other:
            return other


@case(
    "options/default/multicast-loop",
    title="An option of UDP: true on inet, einval on socket",
    means="""inet passes on any option that its driver knows, whether TCP has a use for it or not; socket looks first
    at what kind of socket it is. Option lists that TCP and UDP code share must be sorted apart before they go to the
    socket backend.""",
    source=GETOPTS,
    contradicts=NOT_AN_ERROR,
)
def multicast_loop(t: Subject) -> Term:
    return default(t, "multicast_loop")


@case(
    "options/default/network-namespace",
    title="netns when none was set: left out on inet, einval on socket",
    means="""A namespace can be chosen when a socket is made and, on inet, be asked for later. With socket the
    question itself is an error; keep the name where you keep the rest of the configuration.""",
    source="inet:getopts/2; inet:setopts/2, option netns",
    contradicts=NOT_AN_ERROR,
)
def network_namespace(t: Subject) -> Term:
    return default(t, "netns")


@case(
    "options/default/traffic-class",
    title="tclass on an IPv4 socket is left out, not refused",
    means="""An option of IPv6 is known but means nothing here, so the list comes back without it, on both backends:
    count on getopts returning fewer options than you asked for, and look them up by name.""",
    source="inet:getopts/2; inet:setopts/2, option tclass",
)
def traffic_class(t: Subject) -> Term:
    return default(t, "tclass")


@case(
    "options/default/traffic-class-inet6",
    title="tclass on an IPv6 socket: 0 on both",
    means="""The same name brings a value here, so the answer to one and the same getopts call has another length on
    an IPv4 and on an IPv6 socket.""",
    source="inet:getopts/2; inet:setopts/2, option tclass",
    needs=("inet6",),
)
def traffic_class_inet6(t: Subject) -> Term:
    return get(t, fresh_inet6(t), "tclass")
