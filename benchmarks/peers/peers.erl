%% The contestants of a real VM: gen_tcp on both of its backends, a process for each connection.
%%
%% main(Port) is told a role and its arguments, a term as text, and runs it; the port is standard input and output in
%% packets.  It says what the others say (see __init__.py): numbers and words with blanks between; "ready" waits for a
%% word.  Times are the business of whoever reads that.
-module(peers).
-export([main/1]).

main(Port) ->
    Main = self(),
    receive
        {Port, {data, Text}} ->
            {ok, Tokens, _} = erl_scan:string(binary_to_list(Text)),
            {ok, {Role, Arguments}} = erl_parse:parse_term(Tokens),
            Say = fun(Words) -> Main ! {say, Words} end,
            Worker = spawn_link(fun() -> run(Role, Say, Arguments), timer:sleep(infinity) end),
            relay(Port, Worker)
    end.

relay(Port, Worker) ->
    receive
        {say, Words} -> port_command(Port, Words);
        {Port, {data, _}} -> Worker ! go;
        {Port, eof} -> erlang:halt(0)
    end,
    relay(Port, Worker).

run(echo, Say, [Backend]) -> echo(Say, Backend);
run('receive', Say, [Backend, Kind]) -> take(Say, Backend, Kind);
run(bulk_receive, Say, [Backend]) -> bulk_receive(Say, Backend);
run(send, Say, [Backend, Port, Seconds, Size]) ->
    send(Say, Backend, Port, Seconds, 4, list_to_binary([$a + N rem 26 || N <- lists:seq(4, Size + 3)]), 1);
run(bulk_send, Say, [Backend, Size, Port, Seconds]) ->
    send(Say, Backend, Port, Seconds, raw, binary:copy(<<0>>, Size), Size).

options(inet, Packet) ->
    [{inet_backend, inet}, binary, {packet, Packet}, {active, false}, {nodelay, true}];
options(socket, Packet) ->
    [{inet_backend, socket}, binary, {packet, Packet}, {active, false}, {nodelay, true}, {buffer, 65536}].

listen(Say, Options) ->
    {ok, Listener} = gen_tcp:listen(0, Options ++ [{backlog, 4096}]),
    {ok, Port} = inet:port(Listener),
    Say(integer_to_list(Port)),
    Listener.

%% ---- echo: inet is at its best when active, socket when passive

echo(Say, Backend) ->
    accept(Backend, listen(Say, options(Backend, 4))).

accept(Backend, Listener) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    Server = spawn(fun() -> receive start -> serve(Backend, Socket) end end),
    ok = gen_tcp:controlling_process(Socket, Server),
    Server ! start,
    accept(Backend, Listener).

serve(inet, Socket) ->
    ok = inet:setopts(Socket, [{active, true}]),
    serve_active(Socket);
serve(socket, Socket) ->
    serve_passive(Socket).

serve_active(Socket) ->
    receive
        {tcp, Socket, Data} ->
            gen_tcp:send(Socket, Data),
            serve_active(Socket);
        {tcp_closed, Socket} ->
            ok;
        {tcp_error, Socket, _} ->
            ok
    end.

serve_passive(Socket) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, Data} ->
            gen_tcp:send(Socket, Data),
            serve_passive(Socket);
        {error, _} ->
            gen_tcp:close(Socket)
    end.

%% ---- messages and bytes one way

take(Say, Backend, Kind) ->
    Packet = case Kind of packet -> 4; line -> line end,
    Listener = listen(Say, options(Backend, Packet) ++ [{buffer, 65536}]),
    {ok, Socket} = gen_tcp:accept(Listener),
    {Count, Last} = case Backend of
        inet -> ok = inet:setopts(Socket, [{active, 100}]), count_active(Socket, 0, <<>>);
        socket -> count(Socket, 0, <<>>)
    end,
    gen_tcp:close(Socket),
    Say(io_lib:format("~b ~s", [Count, Last])).

count_active(Socket, Count, Last) ->
    receive
        {tcp, Socket, Data} ->
            count_active(Socket, Count + 1, Data);
        {tcp_passive, Socket} ->
            inet:setopts(Socket, [{active, 100}]),
            count_active(Socket, Count, Last);
        {tcp_closed, Socket} ->
            {Count, Last}
    end.

count(Socket, Count, Last) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, Data} -> count(Socket, Count + 1, Data);
        {error, closed} -> {Count, Last}
    end.

bulk_receive(Say, Backend) ->
    Listener = listen(Say, options(Backend, raw) ++ [{buffer, 65536}]),
    {ok, Socket} = gen_tcp:accept(Listener),
    Say(integer_to_list(bytes(Socket, 0))).

bytes(Socket, Count) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, Data} -> bytes(Socket, Count + byte_size(Data));
        {error, closed} -> Count
    end.

send(Say, Backend, Port, Seconds, Packet, Data, Each) ->
    {ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, Port, options(Backend, Packet)),
    Say("ready"),
    receive go -> ok end,
    Stop = erlang:monotonic_time(microsecond) + round(Seconds * 1000000),
    Count = send_until(Socket, Data, Stop, 0),
    gen_tcp:close(Socket),
    Say(integer_to_list(Count * Each)).

send_until(Socket, Data, Stop, Count) ->
    case erlang:monotonic_time(microsecond) >= Stop of
        true ->
            Count;
        false ->
            [ok = gen_tcp:send(Socket, Data) || _ <- lists:seq(1, 10)],
            send_until(Socket, Data, Stop, Count + 10)
    end.
