from __future__ import annotations

import pytest

import gentcp
from gentcp.erl import ImproperList, erlang, gen_tcp
from gentcp_conformance.data import payload
from gentcp_conformance.traces.naming import Names
from gentcp_conformance.traces.sizes import queued, size


def names(backend: str = "inet") -> Names:
    return Names(backend, {gentcp.current_process(): 1})


def test_things_get_variables_in_the_order_of_their_appearance() -> None:
    given = names()
    sockets = [gen_tcp.listen(0, [("ip", (127, 0, 0, 1))])[1] for _ in range(2)]
    refs = [erlang.make_ref() for _ in range(2)]
    with sockets[0], sockets[1]:
        texts = [given.argument(term) for term in (sockets[0], (sockets[1], refs[1]), [refs[0], sockets[0]])]
    assert texts == ["L", "{L2,Ref}", "[Ref2,L]"]
    assert given.argument(gentcp.current_process()) == "P1"


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (b"short", '<<"short">>'),
        (payload(), "Data(4194304)"),
        (b"\0\0\0\x64" + payload(100), "<<0,0,0,100,(Data(100))/binary>>"),
        (b"a" * 1000, 'binary:copy(<<"a">>,1000)'),
        (b"GET /" + b"x" * 100 + b"\r\n", '<<"GET /",(binary:copy(<<"x">>,100))/binary,"\\r\\n">>'),
        (bytes(range(100)), "Data(100)"),
        ([b"ab"] * 100, 'lists:duplicate(100,<<"ab">>)'),
        ([1] * 5, "[1,1,1,1,1]"),
        ("it's", "'it\\'s'"),
        (ImproperList([b"a"], b"b"), '[<<"a">>|<<"b">>]'),
        ({"port": 0, "addr": (127, 0, 0, 1)}, "#{addr => {127,0,0,1}, port => 0}"),
        ([("inet_backend", "inet"), "binary"], "[{inet_backend,Backend},binary]"),
        (lambda: None, "Opaque"),
    ],
)  # fmt: skip
def test_arguments_can_be_evaluated(term: object, text: str) -> None:
    assert names().argument(term) == text


def test_results_give_long_data_by_its_size_or_not_at_all_where_the_kernel_decides_it() -> None:
    given = names()
    assert given.result(("ok", payload(8192))) == "{ok,<<8192 bytes>>}"
    assert given.result(("error", ("timeout", payload(300))), "gen_tcp:send") == "{error,{timeout,<<...>>}}"
    assert given.result(("ok", [("send_pend", 3924478)])) == "{ok,[{send_pend,~4 MB}]}"
    assert given.result(("ok", [("send_pend", 12)])) == "{ok,[{send_pend,12}]}"


def test_ports_are_variables_where_ports_stand_and_once_they_are_known() -> None:
    given = names()
    assert given.argument(50000) == "50000"
    assert given.result(("ok", 50000), "inet:port") == "{ok,Port}"
    assert given.argument([("port", 50000)]) == "[{port,Port}]"


def test_a_path_is_a_variable_as_atom_string_and_binary() -> None:
    given = names()
    assert [given.path("folder/a"), given.path("folder/b"), given.path("folder/a")] == ["Path", "Path2", "Path"]
    terms = ("folder/a", list(b"folder/b"), b"folder/a")
    assert [given.argument(term) for term in terms] == ["Path", "Path2", "list_to_binary(Path)"]


def test_sizes_do_not_show_what_changes_from_run_to_run() -> None:
    assert [size(count) for count in (0, 3, 269826, 4194304, 4194305)] == ["", "3 B", "263 KB", "4 MB", "~4 MB"]
    assert [queued(count) for count in (0, 5, 8560, 9100, 3924478, 4194304)] == [
        "", "5 B", "8 KB", "8 KB", "~4 MB", "~4 MB",
    ]  # fmt: skip
