#!/usr/bin/env escript
%% socket: setopts of an option that cannot be set takes the socket down.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {S, _} = pair(socket, []),
    Set = attempt(fun() -> inet:setopts(S, [{fd, 5}]) end),
    case gen_tcp:send(S, <<"x">>) of
        ok -> {0, io_lib:format("setopts said ~p, and the socket lives on", [Set])};
        Error -> {1, io_lib:format("after setopts send said ~p; expected: {error,einval} of setopts", [Error])}
    end.

%% A socket of the backend in question, and its peer.
pair(Backend, Options) ->
    {ok, L} = gen_tcp:listen(0, [{inet_backend, inet}, binary, {active, false}, {recbuf, 65536}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, [{inet_backend, Backend}, binary, {active, false} | Options]),
    {ok, Peer} = gen_tcp:accept(L),
    {S, Peer}.

%% What a call came to, or raised.
attempt(Call) ->
    try Call() catch _:Reason -> {raised, Reason} end.
