#!/usr/bin/env escript
%% socket: a recv that timed out with a part of its bytes, and the end of the stream: the next recv makes bytes up.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {S, Peer} = pair(socket, []),
    ok = gen_tcp:send(Peer, <<"abc">>),
    {error, timeout} = gen_tcp:recv(S, 10, 300),
    {ok, <<"abc">>} = gen_tcp:recv(S, 3, 1000),
    ok = gen_tcp:close(Peer),
    timer:sleep(100),
    case gen_tcp:recv(S, 0, 1000) of
        {error, closed} -> {0, "recv said closed"};
        {ok, Made} -> {1, io_lib:format("recv gave ~p, which nobody sent; expected: {error,closed}", [Made])}
    end.

%% A socket of the backend in question, and its peer.
pair(Backend, Options) ->
    {ok, L} = gen_tcp:listen(0, [{inet_backend, inet}, binary, {active, false}, {recbuf, 65536}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, [{inet_backend, Backend}, binary, {active, false} | Options]),
    {ok, Peer} = gen_tcp:accept(L),
    {S, Peer}.
