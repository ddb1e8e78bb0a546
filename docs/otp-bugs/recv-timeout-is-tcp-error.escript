#!/usr/bin/env escript
%% socket: a socket is made active while a process waits in recv; the timeout of that comes to the owner as tcp_error.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {S, _Peer} = pair(socket, []),
    Receiver = start(fun() -> gen_tcp:recv(S, 0, 1000) end),
    blocked(Receiver),
    ok = inet:setopts(S, [{active, true}]),
    receive
        {tcp_error, S, timeout} -> {1, "the owner got {tcp_error,S,timeout} of a connection that is well"};
        {Receiver, {error, timeout}} -> {0, "recv returned its timeout"}
    after 3000 -> {1, "nobody heard of the timeout; expected: {error,timeout} from recv"}
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
