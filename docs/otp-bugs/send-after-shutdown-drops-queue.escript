#!/usr/bin/env escript
%% inet: a send after shutdown(S, write) throws away what was queued before it.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {S, Peer} = pair(inet, [{sndbuf, 65536}]),
    ok = gen_tcp:send(S, binary:copy(<<"x">>, 4000000)),
    ok = gen_tcp:shutdown(S, write),
    {error, _} = gen_tcp:send(S, <<"too late">>),
    case read(Peer, 0) of
        4000000 -> {0, "all that was sent arrived"};
        Size -> {1, io_lib:format("~p of 4000000 bytes arrived, and send had said ok; expected: all", [Size])}
    end.

read(Peer, Size) ->
    case gen_tcp:recv(Peer, 0, 3000) of {ok, Data} -> read(Peer, Size + byte_size(Data)); _ -> Size end.

%% A socket of the backend in question, and its peer.
pair(Backend, Options) ->
    {ok, L} = gen_tcp:listen(0, [{inet_backend, inet}, binary, {active, false}, {recbuf, 65536}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, [{inet_backend, Backend}, binary, {active, false} | Options]),
    {ok, Peer} = gen_tcp:accept(L),
    {S, Peer}.
