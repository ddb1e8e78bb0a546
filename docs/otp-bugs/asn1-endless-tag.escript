#!/usr/bin/env escript
%% socket: with packet type asn1 a tag that does not end is kept for ever, whatever packet_size says.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {S, Peer} = pair(socket, [{packet, asn1}, {packet_size, 1000}]),
    ok = gen_tcp:send(Peer, [<<16#1F>>, binary:copy(<<16#FF>>, 60000)]),
    case gen_tcp:recv(S, 0, 1000) of
        {error, timeout} -> {1, "60000 bytes of a tag were kept with packet_size 1000; expected: {error,emsgsize}"};
        Error -> {0, io_lib:format("recv said ~p", [Error])}
    end.

%% A socket of the backend in question, and its peer.
pair(Backend, Options) ->
    {ok, L} = gen_tcp:listen(0, [{inet_backend, inet}, binary, {active, false}, {recbuf, 65536}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, [{inet_backend, Backend}, binary, {active, false} | Options]),
    {ok, Peer} = gen_tcp:accept(L),
    {S, Peer}.
