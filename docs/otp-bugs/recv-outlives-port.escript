#!/usr/bin/env escript
%% inet: the port is closed with a queue while another process waits in recv, which never returns.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {ok, L} = gen_tcp:listen(0, [{inet_backend, inet}, {ip, {127, 0, 0, 1}}, {active, false}]),
    {ok, Port} = inet:port(L),
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, [{inet_backend, inet}, {active, false}]),
    {ok, Peer} = gen_tcp:accept(L),
    ok = gen_tcp:send(S, binary:copy(<<0>>, 16#1000000)),
    Receiver = start(fun() -> gen_tcp:recv(S, 0, 1000) end),
    timer:sleep(200),
    true = erlang:port_close(S),
    {ok, _} = gen_tcp:recv(Peer, 16#1000000, 5000),
    case result(Receiver) of
        {error, closed} -> {0, "recv returns"};
        Other -> {1, io_lib:format("recv with 1000 ms: ~p; expected: {error,closed}", [Other])}
    end.

%% What a call came to, or raised.
attempt(Call) ->
    try Call() catch _:Reason -> {raised, Reason} end.

%% Runs a call in a process of its own.
start(Call) ->
    Self = self(),
    spawn(fun() -> Self ! {self(), attempt(Call)} end).

%% What it came to.
result(Pid) ->
    receive {Pid, Result} -> Result after 3000 -> hangs end.
