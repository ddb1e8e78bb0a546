#!/usr/bin/env escript
%% socket: with {header, N} a packet shorter than N takes the socket down, and the packets behind it.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {S, Peer} = pair(socket, [{packet, 4}, {header, 2}]),
    ok = gen_tcp:send(Peer, <<1:32, "a", 3:32, "bcd">>),
    First = attempt(fun() -> gen_tcp:recv(S, 0, 1000) end),
    Second = attempt(fun() -> gen_tcp:recv(S, 0, 1000) end),
    case {First, Second} of
        {{ok, "a"}, {ok, [$b, $c | <<"d">>]}} -> {0, "both packets arrived"};
        {{raised, _}, _} ->
            {1, io_lib:format("recv raised, and then it said ~p; expected: two packets", [Second])}
    end.

%% A socket of the backend in question, and its peer.
pair(Backend, Options) ->
    {ok, L} = gen_tcp:listen(0, [{inet_backend, inet}, binary, {active, false}, {recbuf, 65536}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, [{inet_backend, Backend}, binary, {active, false} | Options]),
    {ok, Peer} = gen_tcp:accept(L),
    {S, Peer}.

%% What a call came to, or raised.
attempt(Call) ->
    try Call() catch _:Reason -> {raised, Reason} end.
