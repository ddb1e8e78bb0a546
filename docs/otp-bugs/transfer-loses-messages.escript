#!/usr/bin/env escript
%% inet: an active socket is given to a process that has ended; the data that had come is lost.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {ok, L} = gen_tcp:listen(0, [{inet_backend, inet}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    {ok, Peer} = gen_tcp:connect({127, 0, 0, 1}, Port, [{inet_backend, inet}]),
    {ok, S} = gen_tcp:accept(L),
    ok = gen_tcp:send(Peer, "data"),
    timer:sleep(200),
    {Ended, Ref} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', Ref, process, Ended, _} -> ok end,
    {error, badarg} = gen_tcp:controlling_process(S, Ended),
    receive
        {tcp, S, "data"} -> {0, "the data is still there"}
    after 500 ->
        {1, "the transfer was refused, and the data that had come is gone; expected: {tcp,S,\"data\"}"}
    end.
