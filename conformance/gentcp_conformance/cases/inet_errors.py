"""inet:format_error/1: the texts of all reasons."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from collections.abc import Iterable

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import ask

FORMAT = "inet:format_error/1"
NETWORK = """
    eaddrinuse eaddrnotavail eafnosupport ealready econnaborted econnrefused econnreset edestaddrreq ehostdown
    ehostunreach einprogress eisconn emsgsize enetdown enetreset enetunreach enobufs enonet enopkg enoprotoopt enotblk
    enotconn enotsock eopnotsupp epfnosupport eproto eprotonosupport eprototype eshutdown esocktnosupport etimedout
    etoomanyrefs ewouldblock
"""
GENERAL = """
    e2big eacces eagain ebadf ebusy echild edeadlk edeadlock edom edquot eexist efault efbig eintr einval eio eisdir
    eloop emfile emlink enametoolong enfile enodev enoent enoexec enolck enomem enospc enosys enotdir enotempty enotsup
    enotty enxio eoverflow eperm epipe erange erofs espipe esrch estale etxtbsy eusers exdev
"""
RARE = """
    eadv ealign ebade ebadfd ebadmsg ebadr ebadrpc ebadrqc ebadslt ebfont echrng ecomm edirty edotdot eduppkg eftype
    eidrm einit eisnam el2hlt el2nsync el3hlt el3rst elbin elibacc elibbad elibexec elibmax elibscn elnrng emultihop
    enavail enet enoano enocsi enodata enolink enomsg enosr enostr enosym enotnam enotuniq eproclim eprocunavail
    eprogmismatch eprogunavail erefused eremchg eremdev eremote eremoteio eremoterelease erpcmismatch erremote esrmnt
    esuccess etime euclean eunatch eversion exfull
"""
OWN = "nxdomain exbadport exbadseq system_limit"
NONE = "closed timeout not_owner ecanceled eilseq foo"


def texts(t: Subject, names: Iterable[str]) -> Term:
    return [(name, ask(t, "inet", "format_error", name)) for name in names]


@case(
    "inet/format-error/network",
    title="Every error of the network has a text",
    means="""The texts are OTP's own, in lower case and in English everywhere; they are not what strerror(3) says.""",
    source=FORMAT,
)
def network(t: Subject) -> Term:
    return texts(t, NETWORK.split())


@case(
    "inet/format-error/general",
    title="So has every other error of an operating system that a socket may meet",
    means="""emfile and enfile are the ones to prepare for: too many open files, in this process or on this machine.""",
    source=FORMAT,
)
def general(t: Subject) -> Term:
    return texts(t, GENERAL.split())


@case(
    "inet/format-error/rare",
    title="Errors that few systems have, or had, are named too",
    means="""Some reasons have no better text than their name. Log the reason itself next to the text, since the
    name is what can be searched for.""",
    source=FORMAT,
)
def rare(t: Subject) -> Term:
    return texts(t, RARE.split())


@case(
    "inet/format-error/own",
    title="Four reasons are no errors of an operating system, and have a text",
    means="""nxdomain is for names that do not resolve, system_limit for a VM that is out of ports, and the other two
    for calls that a port cannot take in its state.""",
    source=FORMAT,
)
def own(t: Subject) -> Term:
    return texts(t, OWN.split())


@case(
    "inet/format-error/unknown",
    title="closed and timeout, the most frequent reasons, have no text",
    means="""Both are unknown POSIX errors, since 27 with their name. Handle them yourself before you show anything to
    people.""",
    source=FORMAT,
)
def unknown(t: Subject) -> Term:
    return texts(t, [*NONE.split(), ""])


@case(
    "inet/format-error/no-atom",
    title="A reason that is no atom is badarg",
    means="""So is {timeout, RestData}, what send gives on socket: format_error in the error branch of a send may
    raise.""",
    source=FORMAT,
)
def no_atom(t: Subject) -> Term:
    reasons: list[Term] = [("timeout", b"rest"), ("shutdown", "econnrefused"), 1, b"closed", list(b"closed"), [], {}]
    return [ask(t, "inet", "format_error", reason) for reason in reasons]
