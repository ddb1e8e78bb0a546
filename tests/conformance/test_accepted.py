"""What gentcp does where it deliberately does not do as OTP: an accepted difference is not free to be anything."""

from __future__ import annotations

import pytest

from gentcp_conformance import differences
from gentcp_conformance.case import load
from gentcp_conformance.outcome import Kind, Outcome
from gentcp_conformance.record import recorded
from gentcp_conformance.run import run_once
from gentcp_conformance.subject import Subject

AS_INET = [
    "recv/pending/unrelated-setopts",
    "recv/pending/setopts-and-timeout",
    "recv/pending/packet-type-changed",
    "recv/pending/made-active-and-timeout",
    "packet/header/packet-4",
]

FILES_AND_DESCRIPTORS = {
    ("sendfile/stalled/closed-by-another", "inet"): "{ok,{error,closed},closed}",
    ("sendfile/stalled/closed-by-timeout", "inet"): "{{error,timeout},{error,closed}}",
    ("sendfile/stalled/half-closed-and-active", "inet"): "{still_blocked,{ok,4194304},timeout,true,[tcp_closed]}",
    ("fd/fdopen/no-socket", "socket"): "[{error,enotsock},{error,ebadf}]",
}

BROKEN = "[{tcp_error,emsgsize},{tcp_closed}]"
GOES_ON = '{[ok,ok],{ok,<<"abc">>},[{error,timeout}]}'

NOTHING_LOST = '{{p2,{{blocked,300},{error,timeout}}},{after_abc,{owner,{ok,<<"abc">>}}},{after_def,{ok,<<"def">>}}}'

REFUSED = "{{error,einval},{ok,[{mode,list}]}}"

FILLED_ONCE = '{{ok,<<"0123456789">>},[{recv_oct,10},{recv_cnt,1},{recv_max,10},{recv_avg,10}]}'


def recording(case: str, backend: str) -> str:
    (text,) = recorded("29").expected(case, backend)
    return text


def instead(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def modulo_256(text: str) -> str:
    """The three delimiters that kill the process behind OTP's socket: 256 and -1 as bytes, foo as the newline."""
    exits = "{exception,exit,{gen_statem_call_failed,badarg}}"
    assert text.count(exits) == 3
    for got in ("{ok,<<97,0>>}", '{ok,<<"a\xff">>}', '{ok,<<"a;b\\n">>}'):
        text = text.replace(exits, got, 1)
    return text


def wanted() -> dict[tuple[str, str], str]:
    """OTP's outcome without its bug."""
    active, header = "recv/pending/made-active", "packet/header/short-data"
    died = '[{exception,exit,{gen_statem_call_failed,{case_clause,<<"a">>}}}],[]'
    receives, delimiters = "active/deliver/port-and-recv", "packet/line/delimiters"
    negative, bad = "recv/pending/length-then-packet-type", "active/error/bad-one-buffered"
    heard = "{owner_later,[{tcp,'SOCK',<<\"def\">>}]}"
    return {
        **FILES_AND_DESCRIPTORS,
        **{(case, "socket"): recording(case, "inet") for case in AS_INET},
        (active, "inet"): instead(recording(active, "inet"), "{owner_later,[]}", heard),
        ("recv/pending/receiver-killed", "inet"): NOTHING_LOST,
        ("recv/pending/receiver-killed", "socket"): NOTHING_LOST,
        (receives, "inet"): recording(receives, "socket"),
        ("recv/pending/made-active-and-passive", "inet"): GOES_ON,
        ("recv/pending/made-active-and-passive", "socket"): GOES_ON,
        (negative, "inet"): instead(recording(negative, "inet"), "{1,4,{ok,still_blocked}}", "{1,4,{ok,{ok,[]}}}"),
        (bad, "inet"): instead(recording(bad, "inet"), "ok,[],[]}", f"ok,[],{BROKEN}}}"),
        ("recv/unrecv/nothing", "inet"): '{ok,[{ok,<<"abc">>},{error,timeout}]}',
        ("close-shutdown/queued/receiver-at-the-end", "inet"): "{{error,closed},same,{complete,true}}",
        ("ownership/transfer/dead-process-messages", "inet"): "{{error,badarg},[{tcp,'SOCK',<<\"x\">>}]}",
        ("send/concurrent/resumed", "inet"): '{<<"1abcde">>,[ok,ok,ok,ok,ok]}',
        ("send/after-shutdown/receiver-waiting", "socket"): "{ok,{error,closed},{error,closed},{error,closed}}",
        ("packet/counted/asn1-endless-tag", "socket"): "{error,emsgsize}",
        ("prim-inet/async-recv/caller-dies", "inet"): '{ok,ok,[{ok,<<"abc">>}]}',
        ("ports/busy/forced-and-waiting", "inet"): "{true,ok,ok}",
        ("options/bad/beyond-the-system", "socket"): f"[{REFUSED},{REFUSED}]",
        (delimiters, "socket"): modulo_256(recording(delimiters, "socket")),
        ("inet/getstat/in-pieces", "socket"): "{ok,{count,1},[{send_max,true},{send_oct,true}]}",
        ("inet/getstat/buffer-filled", "socket"): FILLED_ONCE,
        (header, "socket"): instead(recording(header, "socket"), died, '[{ok,"a"}],[{tcp,\'SOCK\',"a"}]'),
    }


def test_every_accepted_difference_is_looked_at_here() -> None:
    listed = differences.load(load().ids()).entries
    assert {(entry.case, entry.subject) for entry in listed} == set(wanted())


@pytest.mark.parametrize(("case", "backend"), wanted())
def test_gentcp_does_the_sane_thing(case: str, backend: str) -> None:
    found = load().get(case)
    assert found is not None
    assert run_once(found, Subject(backend)) == Outcome(Kind.TERM, wanted()[case, backend])
