%% Facts that the catalogue leaves out, measured on a real VM: what shutdown does to a listen socket, and the rest data
%% of a timed out send with packet 1 and 2.
%%
%% On any release of OTP, on Linux, in this folder:
%%
%%     erlc extra.erl
%%     erl -noshell -run extra main >> extra.jsonl
%%
%% The output is one JSON object a line and fact, with the outcome of each backend on this release under
%% "RELEASE/BACKEND".  Every fact is measured ROUNDS times; one whose outcomes were not all alike is reported on stderr
%% with all of them and gets "stable": false.  Replace the lines of a release when you measure it again:
%% bring_facts.py puts together what several lines say of one fact.
-module(extra).

-export([main/0, main/1]).

-define(ROUNDS, 3).
-define(BACKENDS, [inet, socket]).
-define(LOOPBACK, {127, 0, 0, 1}).
-define(DIRECTIONS, [read, write, read_write]).
%% On both sides of a stalled connection: with autotuning, loopback swallows megabytes before it stalls.
-define(BUFFER, 65536).
-define(LIMIT, 20000).

main(_) -> main().

main() ->
    logger:set_primary_config(level, none),
    warm_up(),
    lists:foreach(fun report/1, facts()),
    halt(0).

%% {Id, Area, Title, Steps, Section of the manual, Function from options that select the backend to outcome}
facts() ->
    [{shutdown_listener, "close_shutdown", "shutdown of a listen socket, then connect and accept",
      ["for How = read, write, read_write: L=listen; shutdown(L,How)",
       "raw connect to L; accept(L,300); shutdown(L,How) again; close(L)"],
      "gen_tcp, notes on inet_backend: shutdown/2 of a listen socket",
      fun(B) -> [shut(B, How) || How <- ?DIRECTIONS] end},
     {shutdown_listener_blocked_acceptor, "close_shutdown", "shutdown of a listen socket while P1 waits in accept",
      ["for How = read, write, read_write: P1: accept(L,5000); 100 ms; shutdown(L,How); P1 within 300 ms?",
       "raw connect to L; P1 within 2 s, or same if it had returned before"],
      "gen_tcp, notes on inet_backend: shutdown/2 of a listen socket",
      fun(B) -> [shut_under_acceptor(B, How) || How <- ?DIRECTIONS] end},
     {shutdown_listener_connection_pending, "close_shutdown",
      "shutdown of a listen socket when a connection has not been accepted yet",
      ["for How = read, write, read_write: R: raw connect to L; shutdown(L,How); accept(L,300)",
       "R: recv, 300 ms"],
      "gen_tcp, notes on inet_backend: shutdown/2 of a listen socket",
      fun(B) -> [shut_with_pending(B, How) || How <- ?DIRECTIONS] end},
     {send_timeout_packet1, "send", "{packet,1}: send timeout; is the header counted in prefix ++ rest?",
      ["stalled pair {packet,1},{send_timeout,200}; send frames of 255 bytes until one is not ok -> V; drain R",
       "compare prefix ++ rest with all the frames, headers included"],
      "gen_tcp:send/2, RestData",
      fun(B) -> frames_until_timeout(B, 1) end},
     {send_timeout_packet2, "send", "{packet,2}: send timeout; is the header counted in prefix ++ rest?",
      ["stalled pair {packet,2},{send_timeout,200}; send frames of 65535 bytes until one is not ok -> V; drain R",
       "compare prefix ++ rest with all the frames, headers included"],
      "gen_tcp:send/2, RestData",
      fun(B) -> frames_until_timeout(B, 2) end},
     {send_timeout_packet1_nothing_sent, "send", "{packet,1}: timeout when not one byte could be written",
      ["stalled pair {send_timeout,200}; send(S,4MB) fills the buffers; setopts({packet,1})",
       "send(S,<<\"hello\">>): how long, what is the rest?"],
      "gen_tcp:send/2, RestData",
      fun(B) -> nothing_sent(B, 1) end},
     {send_timeout_packet2_nothing_sent, "send", "{packet,2}: timeout when not one byte could be written",
      ["stalled pair {send_timeout,200}; send(S,4MB) fills the buffers; setopts({packet,2})",
       "send(S,<<\"hello\">>): how long, what is the rest?"],
      "gen_tcp:send/2, RestData",
      fun(B) -> nothing_sent(B, 2) end}].

%% shutdown of a listen socket

shut(B, How) ->
    {L, Port} = listen(B),
    Done = gen_tcp:shutdown(L, How),
    {Connected, _R} = raw_connect(Port),
    Accepted = brief(gen_tcp:accept(L, 300)),
    {How, Done, {connect, Connected}, {accept, Accepted}, gen_tcp:shutdown(L, How), gen_tcp:close(L)}.

shut_under_acceptor(B, How) ->
    {L, Port} = listen(B),
    Acceptor = start(fun() -> brief(gen_tcp:accept(L, 5000)) end),
    pause(100),
    Done = gen_tcp:shutdown(L, How),
    Seen = result(Acceptor, 300),
    {Connected, _R} = raw_connect(Port),
    Later = case Seen of still_blocked -> result(Acceptor, 2000); _ -> same end,
    {How, Done, {p1, Seen}, {connect, Connected}, {p1, Later}}.

shut_with_pending(B, How) ->
    {L, Port} = listen(B),
    {ok, R} = raw_connect(Port),
    pause(50),
    Done = gen_tcp:shutdown(L, How),
    {How, Done, {accept, brief(gen_tcp:accept(L, 300))}, {peer, raw_recv(R, 300)}}.

%% Rest data

frames_until_timeout(B, N) ->
    {S, R} = stalled(B, [{packet, N}, {send_timeout, 200}]),
    Size = 1 bsl (8 * N) - 1,
    {Frames, Result} = fill(S, N, binary:copy(<<"0123456789abcdef!">>, Size div 17), 0, []),
    {Got, _} = drain(R, <<>>),
    Whole = iolist_to_binary(Frames),
    case Result of
        {error, {timeout, Rest}} ->
            Joined = iolist_to_binary([Got, Rest]),
            {{error, {timeout, emptiness(Rest)}}, {prefix_plus_rest_is_all_frames, Joined =:= Whole}};
        _ ->
            {Result, case Got of Whole -> all_delivered; _ -> {delivered, byte_size(Got), 'of', byte_size(Whole)} end}
    end.

%% Each frame begins with its number: no two are equal, and a byte too many or too few shows.
fill(S, N, Filler, Count, Frames) ->
    Size = 1 bsl (8 * N) - 1,
    <<Data:Size/binary, _/binary>> = <<Count:32, Filler/binary>>,
    More = [Frames, <<Size:N/unit:8, Data/binary>>],
    case gen_tcp:send(S, Data) of
        ok when Count < 10000 -> fill(S, N, Filler, Count + 1, More);
        Result -> {More, Result}
    end.

nothing_sent(B, N) ->
    {S, _R} = stalled(B, [{send_timeout, 200}]),
    _ = gen_tcp:send(S, binary:copy(<<"x">>, 4 * 1024 * 1024)),
    ok = inet:setopts(S, [{packet, N}]),
    Began = erlang:monotonic_time(millisecond),
    Result = gen_tcp:send(S, <<"hello">>),
    {duration(erlang:monotonic_time(millisecond) - Began), Result}.

emptiness(Rest) ->
    case iolist_size(Rest) of 0 -> rest_is_empty; _ -> rest_is_nonempty end.

%% The stage

listen(B) ->
    {ok, L} = gen_tcp:listen(0, B ++ [{ip, ?LOOPBACK}]),
    {ok, Port} = inet:port(L),
    {L, Port}.

%% A connected socket and its raw peer, which does not read.
stalled(B, Options) ->
    {ok, L} = socket:open(inet, stream, tcp),
    ok = socket:setopt(L, {socket, rcvbuf}, ?BUFFER),
    ok = socket:bind(L, #{family => inet, addr => ?LOOPBACK, port => 0}),
    ok = socket:listen(L),
    {ok, #{port := Port}} = socket:sockname(L),
    {ok, S} = gen_tcp:connect(?LOOPBACK, Port, B ++ [binary, {active, false}, {sndbuf, ?BUFFER} | Options]),
    {ok, R} = socket:accept(L, 5000),
    ok = socket:close(L),
    {S, R}.

raw_connect(Port) ->
    {ok, R} = socket:open(inet, stream, tcp),
    {socket:connect(R, #{family => inet, addr => ?LOOPBACK, port => Port}, 2000), R}.

raw_recv(R, Timeout) ->
    case socket:recv(R, 0, Timeout) of
        {error, {Reason, _}} -> {error, Reason};
        Result -> Result
    end.

drain(R, Got) ->
    case socket:recv(R, 0, 400) of
        {ok, Data} -> drain(R, <<Got/binary, Data/binary>>);
        {error, {Reason, Data}} when is_binary(Data) -> {<<Got/binary, Data/binary>>, Reason};
        {error, Reason} -> {Got, Reason}
    end.

start(Function) ->
    Me = self(),
    Tag = make_ref(),
    spawn_link(fun() -> Me ! {Tag, Function()}, timer:sleep(infinity) end),
    Tag.

result(Tag, Timeout) ->
    receive {Tag, Value} -> Value after Timeout -> still_blocked end.

pause(Ms) -> receive after Ms -> ok end.

brief({ok, _}) -> ok;
brief(Result) -> Result.

duration(Ms) when Ms < 50 -> immediate;
duration(Ms) -> {blocked, (Ms + 5) div 100 * 100}.

%% Measuring and reporting

%% What a VM loads at its first call would count as time that a call takes.
warm_up() ->
    [begin {L, _} = listen([{inet_backend, Name}]), gen_tcp:close(L) end || Name <- ?BACKENDS],
    {S, _} = raw_connect(1),
    S.

report({Id, Area, Title, Steps, Doc, Function}) ->
    Measured = [{key(Name), rounds(Name, Function)} || Name <- ?BACKENDS],
    Unstable = [Each || {_, Outcomes} = Each <- Measured, length(lists:usort(Outcomes)) > 1],
    [io:format(standard_error, "unstable: ~s on ~s: ~p~n", [Id, Key, Outcomes]) || {Key, Outcomes} <- Unstable],
    Outcomes = [[json(Key), ": ", json(hd(Each))] || {Key, Each} <- Measured],
    Fields = [{"id", json(atom_to_list(Id))}, {"area", json(Area)}, {"title", json(Title)},
              {"steps", ["[", lists:join(", ", [json(Step) || Step <- Steps]), "]"]},
              {"outcomes", ["{", lists:join(", ", Outcomes), "}"]},
              {"doc", json(Doc)}, {"stable", atom_to_list(Unstable =:= [])}],
    io:format("{~s}~n", [lists:join(", ", [[json(Name), ": ", Value] || {Name, Value} <- Fields])]).

key(Name) -> lists:concat([erlang:system_info(otp_release), "/", Name]).

rounds(Name, Function) -> [measure([{inet_backend, Name}], Function) || _ <- lists:seq(1, ?ROUNDS)].

%% In a process of its own, whose sockets go with it.
measure(B, Function) ->
    {Pid, Monitor} = spawn_monitor(fun() -> exit({outcome, Function(B)}) end),
    receive
        {'DOWN', Monitor, process, Pid, {outcome, Outcome}} -> text(Outcome);
        {'DOWN', Monitor, process, Pid, Crash} -> text({crash, Crash})
    after ?LIMIT ->
        exit(Pid, kill),
        text(timeout)
    end.

text(Term) -> lists:flatten(io_lib:format("~0tp", [Term])).

json(Text) -> [$", [escape(C) || C <- Text], $"].

escape(C) when C =:= $"; C =:= $\\ -> [$\\, C];
escape(C) when C >= 32, C < 127 -> C;
escape(C) -> io_lib:format("\\u~4.16.0b", [C]).
