#!/usr/bin/env escript
%% socket: a line_delimiter that is no byte takes the socket down at the next recv.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {S, Peer} = pair(socket, [{packet, line}]),
    Set = inet:setopts(S, [{line_delimiter, 256}]),
    ok = gen_tcp:send(Peer, <<"line\n">>),
    _ = attempt(fun() -> gen_tcp:recv(S, 0, 500) end),
    case gen_tcp:send(S, <<"x">>) of
        ok -> {0, "the socket lives on"};
        Error ->
            {1, io_lib:format("setopts said ~p, and then the socket was gone: ~p; expected: an error", [Set, Error])}
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
