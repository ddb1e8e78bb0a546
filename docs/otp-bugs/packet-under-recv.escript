#!/usr/bin/env escript
%% inet: a packet type is set while a process waits for fewer bytes than its header has, which drops the connection.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {S, Peer} = pair(inet, [list]),  % with binary the whole VM ends here
    Receiver = start(fun() -> gen_tcp:recv(S, 1) end),
    blocked(Receiver),
    ok = inet:setopts(S, [{packet, 4}]),
    ok = gen_tcp:send(Peer, <<"data">>),
    case {result(Receiver), attempt(fun() -> gen_tcp:recv(Peer, 0, 500) end)} of
        {hangs, {error, closed}} ->
            {1, "recv hangs, and the connection is closed; expected: a result, and the connection stays"};
        {Received, {error, timeout}} ->
            {0, io_lib:format("recv: ~p, and the connection is there", [Received])}
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

%% Runs a call in a process of its own.
start(Call) ->
    Self = self(),
    spawn(fun() -> Self ! {self(), attempt(Call)} end).

%% What it came to.
result(Pid) ->
    receive {Pid, Result} -> Result after 3000 -> hangs end.

%% Until the process waits in a call of a socket (and not for its code), or has ended.
blocked(Pid) ->
    Calls = [prim_inet, gen, gen_tcp_socket, socket, timer],
    case erlang:process_info(Pid, [status, current_function]) of
        undefined ->
            ok;
        [{status, waiting}, {current_function, {Module, _, _}}] ->
            Known = lists:member(Module, Calls),
            timer:sleep(if Known -> 200; true -> 10 end),
            Known orelse blocked(Pid);
        _ ->
            timer:sleep(10),
            blocked(Pid)
    end.
