#!/usr/bin/env escript
%% inet: a packet and one that is too long have come when {active, N} is set; the owner never hears of the second.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {S, Peer} = pair(inet, [{packet, 1}, {packet_size, 5}]),
    ok = gen_tcp:send(Peer, <<1, "a", 1, "b", 16, "cd">>),
    {ok, <<"a">>} = gen_tcp:recv(S, 0),
    timer:sleep(100),
    ok = inet:setopts(S, [{active, 3}]),
    ok = gen_tcp:send(Peer, <<"more">>),
    ok = gen_tcp:close(Peer),
    receive
        {tcp_closed, S} -> {0, "the owner is told that the connection is over"}
    after 1000 ->
        {1, io_lib:format("the peer has closed, and the owner does not hear of it: ~0p; expected: tcp_closed",
                          [inet:getopts(S, [active])])}
    end.

%% A socket of the backend in question, and its peer.
pair(Backend, Options) ->
    {ok, L} = gen_tcp:listen(0, [{inet_backend, inet}, binary, {active, false}, {recbuf, 65536}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, [{inet_backend, Backend}, binary, {active, false} | Options]),
    {ok, Peer} = gen_tcp:accept(L),
    {S, Peer}.
