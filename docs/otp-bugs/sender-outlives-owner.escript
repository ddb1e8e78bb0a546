#!/usr/bin/env escript
%% inet: the owner of a socket is killed while another process waits in send, which hangs for ever.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    Self = self(),
    Owner = spawn(fun() ->
        {S, Peer} = pair(inet, [{sndbuf, 65536}]),
        gen_tcp:controlling_process(Peer, Self),
        ok = gen_tcp:send(S, binary:copy(<<"x">>, 4000000)),
        Self ! {socket, S, Peer},
        timer:sleep(infinity)
    end),
    {S, _Peer} = receive {socket, Socket, End} -> {Socket, End} end,
    Sender = start(fun() -> gen_tcp:send(S, <<"waits">>) end),
    blocked(Sender),
    exit(Owner, kill),
    case result(Sender) of
        {error, closed} -> {0, "the sender got {error,closed}"};
        hangs -> {1, "send did not return when the owner was killed; expected: {error,closed}"}
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
