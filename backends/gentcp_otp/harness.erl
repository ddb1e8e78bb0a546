%% The VM's side of gentcp_otp: a shadow process for each Python process, which makes its calls and owns its sockets.
%%
%% Frames in:   {start, N, Id} | {call, N, Id, Module, Function, Arguments, TakenBack} | {cast, Module, Function, Arguments}
%%              | {hold, N, Id} | {stop, N, Reason}
%% Frames out:  {ready, About} | {reply, Id, Result, Messages} | {messages, N, Messages} | {down, N}
%%              where Result is {value, Term} | {Class, Reason}
%%
%% Messages are forwarded as they come.  Some functions look for them in the mailbox of the caller; before one of those the
%% shadow is told to hold, and what Python has not received is put back with the call.
%%
%% It is compiled on the VM that runs it, so nothing in it may be newer than OTP 25.  No macros: there is no preprocessor.
-module(gentcp_harness).
-export([main/1]).

main(Port) ->
    process_flag(trap_exit, true),
    %% Standard output is for frames: what functions such as inet:i/0 print goes nowhere.
    group_leader(spawn_link(fun sink/0), self()),
    give(Port, {ready, about()}),
    loop(Port, #{}).

%% Shadows is a map of both N => Pid and Pid => N.
loop(Port, Shadows) ->
    receive
        {Port, {data, Frame}} ->
            loop(Port, frame(binary_to_term(Frame), Port, Shadows));
        {'DOWN', _, process, Pid, _} when is_map_key(Pid, Shadows) ->
            #{Pid := N} = Shadows,
            give(Port, {down, N}),
            loop(Port, maps:without([N, Pid], Shadows));
        {Port, eof} ->
            erlang:halt(0, [{flush, false}]);
        {'EXIT', Port, _} ->
            erlang:halt(0, [{flush, false}]);
        _ ->
            loop(Port, Shadows)
    end.

frame({call, N, Id, Module, Function, Arguments, TakenBack}, Port, Shadows) ->
    case Shadows of
        #{N := Pid} -> Pid ! {gentcp_call, Id, Module, Function, Arguments, TakenBack};
        #{} -> give(Port, {reply, Id, {exit, killed}, []})
    end,
    Shadows;
frame({hold, N, Id}, _, Shadows) ->
    case Shadows of
        #{N := Pid} -> Pid ! {gentcp_hold, Id};
        #{} -> ok
    end,
    Shadows;
frame({start, N, Id}, Port, Shadows) ->
    {Pid, _} = spawn_monitor(fun() -> shadow(Port, N) end),
    give(Port, {reply, Id, {value, Pid}, []}),
    Shadows#{N => Pid, Pid => N};
frame({cast, Module, Function, Arguments}, _, Shadows) ->
    spawn(fun() -> evaluate(Module, Function, Arguments) end),
    Shadows;
frame({stop, N, Reason}, _, Shadows) ->
    case Shadows of
        #{N := Pid} ->
            stop(Pid, Reason),
            maps:without([N, Pid], Shadows);
        #{} ->
            Shadows
    end.

%% What is asked of others later finds it gone, and its sockets too.
stop(Pid, Reason) ->
    Sockets = belongings(Pid),
    case Reason of
        normal -> Pid ! gentcp_stop;
        _ -> exit(Pid, Reason)
    end,
    receive
        {'DOWN', _, process, Pid, _} -> ok
    after 1000 ->
        exit(Pid, kill)
    end,
    [gone(Socket, 20) || Socket <- Sockets],
    ok.

%% Ports are linked to their owner; behind a socket of the socket backend is a process that monitors it.
belongings(Pid) ->
    case process_info(Pid, [links, monitored_by]) of
        [{links, Links}, {monitored_by, Watchers}] ->
            [Link || Link <- Links, is_port(Link)] ++ [Watcher || Watcher <- Watchers, is_pid(Watcher), Watcher =/= self()];
        undefined ->
            []
    end.

%% A port that has something to write stays, and so does who watches for another reason.
gone(_, 0) ->
    ok;
gone(Socket, Tries) ->
    Alive = case is_port(Socket) of
                true -> erlang:port_info(Socket, id) =/= undefined;
                false -> is_process_alive(Socket)
            end,
    case Alive of
        true -> timer:sleep(1), gone(Socket, Tries - 1);
        false -> ok
    end.

sink() ->
    receive
        {io_request, From, As, Request} when element(1, Request) =:= put_chars ->
            From ! {io_reply, As, ok};
        {io_request, From, As, _} ->
            From ! {io_reply, As, {error, enotsup}}
    end,
    sink().

shadow(Port, N) ->
    receive
        {gentcp_call, Id, Module, Function, Arguments, []} ->
            call(Port, Id, Module, Function, Arguments);
        {gentcp_hold, Id} ->
            give(Port, {reply, Id, {value, ok}, []}),
            receive
                {gentcp_call, Next, Module, Function, Arguments, TakenBack} ->
                    put_back(TakenBack ++ drain(), 1000),
                    call(Port, Next, Module, Function, Arguments)
            end;
        gentcp_stop ->
            exit(normal);
        Message ->
            give(Port, {messages, N, [Message | drain()]})
    end,
    shadow(Port, N).

call(Port, Id, Module, Function, Arguments) ->
    Result = evaluate(Module, Function, Arguments),
    %% What has come meanwhile is in the Python mailbox before the call returns there.
    give(Port, {reply, Id, Result, drain()}).

evaluate(Module, Function, Arguments) ->
    try
        {value, apply(Module, Function, Arguments)}
    catch
        Class:Reason -> {Class, Reason}
    end.

%% All messages that are there, without what the dispatcher asks.
drain() ->
    receive
        Message when not (is_tuple(Message) andalso
                          (element(1, Message) =:= gentcp_call orelse element(1, Message) =:= gentcp_hold)),
                     Message =/= gentcp_stop ->
            [Message | drain()]
    after 0 ->
        []
    end.

%% The mailbox as if it had never been forwarded.  A message may slip in between those that are sent: then once more.
put_back(All, Tries) ->
    [self() ! Message || Message <- All],
    {messages, There} = process_info(self(), messages),
    case lists:prefix(All, There) of
        false when Tries > 0 -> put_back(All ++ (drain() -- All), Tries - 1);
        _ -> ok
    end.

give(Port, Term) ->
    %% The port may be gone, and with it the reason to do anything.
    catch erlang:port_command(Port, term_to_binary(Term, [{minor_version, 2}])).

about() ->
    #{release => list_to_binary(erlang:system_info(otp_release)),
      erts => list_to_binary(erlang:system_info(version)),
      kernel => version(kernel),
      system => list_to_binary(erlang:system_info(system_architecture))}.

version(Application) ->
    case application:get_key(Application, vsn) of
        {ok, Version} -> list_to_binary(Version);
        undefined -> <<"unknown">>
    end.
