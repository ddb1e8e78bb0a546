#!/usr/bin/env escript
%% inet: the same as recv-of-the-dead with prim_inet:async_recv/3, which does not block.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {S, Peer} = pair(inet, []),
    Asker = spawn(fun() -> {ok, _} = prim_inet:async_recv(S, 0, -1), timer:sleep(infinity) end),
    blocked(Asker),
    exit(Asker, kill),
    ok = gen_tcp:send(Peer, <<"data">>),
    timer:sleep(200),
    case gen_tcp:recv(S, 0, 500) of
        {ok, <<"data">>} -> {0, "recv got the data"};
        Other -> {1, io_lib:format("recv said ~p, the data went to a dead process; expected: recv gets it", [Other])}
    end.

%% A socket of the backend in question, and its peer.
pair(Backend, Options) ->
    {ok, L} = gen_tcp:listen(0, [{inet_backend, inet}, binary, {active, false}, {recbuf, 65536}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, [{inet_backend, Backend}, binary, {active, false} | Options]),
    {ok, Peer} = gen_tcp:accept(L),
    {S, Peer}.

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
