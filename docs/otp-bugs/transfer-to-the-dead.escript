#!/usr/bin/env escript
%% socket: controlling_process to a process that has ended says ok, and the socket is gone.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {S, _} = pair(socket, []),
    {Dead, Monitor} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', Monitor, process, Dead, _} -> ok end,
    Given = gen_tcp:controlling_process(S, Dead),
    timer:sleep(300),
    case gen_tcp:send(S, <<"x">>) of
        ok -> {0, io_lib:format("it was refused: ~p", [Given])};
        Error -> {1, io_lib:format("it said ~p, and then send ~p; expected: {error,badarg}", [Given, Error])}
    end.

%% A socket of the backend in question, and its peer.
pair(Backend, Options) ->
    {ok, L} = gen_tcp:listen(0, [{inet_backend, inet}, binary, {active, false}, {recbuf, 65536}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, [{inet_backend, Backend}, binary, {active, false} | Options]),
    {ok, Peer} = gen_tcp:accept(L),
    {S, Peer}.
