#!/usr/bin/env escript
%% inet: a process asks with async_accept and calls accept with a time; when that is over the wrong one ends.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {ok, L} = gen_tcp:listen(0, [{inet_backend, inet}, {ip, {127, 0, 0, 1}}]),
    Acceptor = start(fun() -> {ok, _} = prim_inet:async_accept(L, -1), gen_tcp:accept(L, 100) end),
    case result(Acceptor) of
        {error, timeout} -> {0, "accept ends in time"};
        Other -> {1, io_lib:format("accept with 100 ms: ~p; expected: {error,timeout}", [Other])}
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
