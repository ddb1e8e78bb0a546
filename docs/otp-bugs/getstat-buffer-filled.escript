#!/usr/bin/env escript
%% socket: a read that fills the buffer is counted twice.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {S, Peer} = pair(socket, [{buffer, 100}]),
    ok = gen_tcp:send(Peer, binary:copy(<<"x">>, 100)),
    timer:sleep(100),
    {ok, _} = gen_tcp:recv(S, 0, 1000),
    case inet:getstat(S, [recv_oct]) of
        {ok, [{recv_oct, 100}]} -> {0, "recv_oct was 100"};
        Stat -> {1, io_lib:format("after 100 bytes getstat said ~p; expected: {ok,[{recv_oct,100}]}", [Stat])}
    end.

%% A socket of the backend in question, and its peer.
pair(Backend, Options) ->
    {ok, L} = gen_tcp:listen(0, [{inet_backend, inet}, binary, {active, false}, {recbuf, 65536}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, [{inet_backend, Backend}, binary, {active, false} | Options]),
    {ok, Peer} = gen_tcp:accept(L),
    {S, Peer}.
