#!/usr/bin/env escript
%% inet: of the senders that wait in front of a busy port, the one that came first is resumed last.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {S, Peer} = pair(inet, [{sndbuf, 65536}]),
    Full = binary:copy(<<"x">>, 4000000),
    ok = gen_tcp:send(S, Full),
    First = start(fun() -> gen_tcp:send(S, <<"-">>) end),
    blocked(First),
    Names = [<<"a">>, <<"b">>, <<"c">>, <<"d">>, <<"e">>],
    Senders = lists:map(fun(Name) ->
        Sender = start(fun() -> gen_tcp:send(S, Name) end),
        suspended(Sender),
        Sender
    end, Names),
    {ok, Data} = gen_tcp:recv(Peer, byte_size(Full) + 1 + length(Names)),
    [ok = result(Sender) || Sender <- [First | Senders]],
    case binary:part(Data, byte_size(Data), -length(Names)) of
        <<"abcde">> -> {0, "the senders went on in the order in which they came"};
        Other -> {1, io_lib:format("the senders went on as ~p; expected: <<\"abcde\">>", [Other])}
    end.

%% Until the process waits in front of the port.
suspended(Pid) ->
    case erlang:process_info(Pid, status) of
        {status, suspended} -> ok;
        _ -> timer:sleep(10), suspended(Pid)
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
