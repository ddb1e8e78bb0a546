#!/usr/bin/env escript
%% both: fewer bytes than recv asks for, and the end of the stream: the bytes are gone.
%% The manual of gen_tcp:recv/3 says that less data may be returned then.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    Lost = [Backend || Backend <- [inet, socket], lost(Backend)],
    case Lost of
        [] -> {0, "the bytes before the end could be read"};
        _ -> {1, io_lib:format("on ~p five bytes before the end were lost; expected: {ok,<<\"hello\">>}", [Lost])}
    end.

lost(Backend) ->
    {S, Peer} = pair(Backend, []),
    ok = gen_tcp:send(Peer, <<"hello">>),
    ok = gen_tcp:close(Peer),
    timer:sleep(100),
    First = gen_tcp:recv(S, 10, 1000),
    Second = gen_tcp:recv(S, 0, 1000),
    not lists:member({ok, <<"hello">>}, [First, Second]).

%% A socket of the backend in question, and its peer.
pair(Backend, Options) ->
    {ok, L} = gen_tcp:listen(0, [{inet_backend, inet}, binary, {active, false}, {recbuf, 65536}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, [{inet_backend, Backend}, binary, {active, false} | Options]),
    {ok, Peer} = gen_tcp:accept(L),
    {S, Peer}.
