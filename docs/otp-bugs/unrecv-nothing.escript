#!/usr/bin/env escript
%% inet: unrecv of no bytes makes a buffer without room, and the driver takes what comes next for a packet that is too long.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {S, Peer} = pair(inet, []),
    ok = gen_tcp:unrecv(S, <<>>),
    ok = gen_tcp:send(Peer, <<"data">>),
    case gen_tcp:recv(S, 0, 3000) of
        {ok, <<"data">>} -> {0, "recv got the data"};
        Other -> {1, io_lib:format("recv came to ~p; expected: {ok,<<\"data\">>}", [Other])}
    end.

%% A socket of the backend in question, and its peer.
pair(Backend, Options) ->
    {ok, L} = gen_tcp:listen(0, [{inet_backend, inet}, binary, {active, false}, {recbuf, 65536}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, [{inet_backend, Backend}, binary, {active, false} | Options]),
    {ok, Peer} = gen_tcp:accept(L),
    {S, Peer}.
