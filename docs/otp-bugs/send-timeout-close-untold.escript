#!/usr/bin/env escript
%% inet: send_timeout_close closes an active socket, and its owner hears nothing of it (otp#11319).

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {S, _Peer} = pair(inet, [{sndbuf, 65536}, {send_timeout, 200}, {send_timeout_close, true}, {active, true}]),
    Data = binary:copy(<<"x">>, 4000000),
    _ = result(start(fun() -> ok = gen_tcp:send(S, Data), gen_tcp:send(S, Data) end)),
    receive {tcp_closed, S} -> {0, "the owner got tcp_closed"}
    after 1000 -> {1, "the owner of a closed active socket got no message; expected: {tcp_closed,S}"}
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
