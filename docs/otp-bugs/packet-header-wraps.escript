#!/usr/bin/env escript
%% both: with {packet, 2} a send of 65536 bytes is ok, and its header says 0: the stream is out of step.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    Wrong = [Backend || Backend <- [inet, socket], wrong(Backend)],
    case Wrong of
        [] -> {0, "the send was refused"};
        _ -> {1, io_lib:format("on ~p the length in front of 65536 bytes was 0; expected: an error of send", [Wrong])}
    end.

wrong(Backend) ->
    {S, Peer} = pair(Backend, [{packet, 2}]),
    spawn(fun() -> gen_tcp:send(S, binary:copy(<<"x">>, 65536)) end),
    gen_tcp:recv(Peer, 2, 500) =:= {ok, <<0, 0>>}.

%% A socket of the backend in question, and its peer.
pair(Backend, Options) ->
    {ok, L} = gen_tcp:listen(0, [{inet_backend, inet}, binary, {active, false}, {recbuf, 65536}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, [{inet_backend, Backend}, binary, {active, false} | Options]),
    {ok, Peer} = gen_tcp:accept(L),
    {S, Peer}.
