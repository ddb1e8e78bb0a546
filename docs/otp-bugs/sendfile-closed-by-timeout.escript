#!/usr/bin/env escript
%% inet: the same as sendfile-closed-by-another, when send_timeout_close closes the socket.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {S, _Peer} = pair(inet, [{sndbuf, 65536}, {send_timeout, 300}, {send_timeout_close, true}]),
    File = large(),
    Sender = start(fun() -> receive go -> file:sendfile(File, S) end end),
    ok = gen_tcp:controlling_process(S, Sender),
    Sender ! go,
    blocked(Sender),
    Data = binary:copy(<<"x">>, 1000000),
    _ = result(start(fun() -> gen_tcp:send(S, Data), gen_tcp:send(S, Data) end)),
    Result = result(Sender),
    ok = file:delete(File),
    case Result of
        {error, closed} -> {0, "sendfile said {error,closed}"};
        hangs -> {1, "file:sendfile did not return when send_timeout_close had closed; expected: {error,closed}"}
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

%% A file of 8 MB.
large() ->
    Name = filename:join("/tmp", "otp-bugs-" ++ os:getpid()),
    ok = file:write_file(Name, binary:copy(<<"x">>, 8000000)),
    Name.
