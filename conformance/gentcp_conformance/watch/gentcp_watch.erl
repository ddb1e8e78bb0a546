%% Notes what a program does with sockets: which calls of gen_tcp, inet and prim_inet, with which options and results,
%% from where, and which messages of sockets come.  Loaded into a VM by ERL_AFLAGS, see tracing.py; works from OTP 25 on.
%%
%% A line of the file that it writes is a term: {seen, Number, What} for something new, {count, Number, Times} later.
-module(gentcp_watch).
-export([start/1]).

-define(EVERY, 50).
-define(LONG, 40).

start(Path) ->
    Self = self(),
    {Pid, Monitor} = spawn_monitor(fun() -> init(Self, Path) end),
    receive
        {Pid, ready} -> demonitor(Monitor, [flush]), ok;
        {'DOWN', Monitor, process, Pid, Reason} -> io:format(standard_error, "gentcp watch: ~0p~n", [Reason])
    end.

init(Parent, Path) ->
    register(?MODULE, self()),
    process_flag(priority, high),
    {ok, File} = file:open(Path, [raw, append]),
    [code:ensure_loaded(Module) || {Module, _} <- functions()],  % else there is nothing to trace yet
    erlang:trace(processes, true, [call, 'receive']),
    [erlang:trace_pattern({Module, Name, '_'}, spec(), [global]) || {Module, Names} <- functions(), Name <- Names],
    erlang:trace_pattern('receive', messages(), []),
    Parent ! {self(), ready},
    loop(#{file => File, seen => #{}, calls => #{}, changed => #{}}).

functions() ->
    [{gen_tcp, [connect, listen, accept, send, recv, close, shutdown, controlling_process, unrecv, fdopen]},
     {inet, [setopts, getopts, getstat, close, peername, sockname, port, info, monitor, cancel_monitor]},
     {prim_inet, [setopts, getopts, getstat, async_recv, async_accept, send, recv, accept]},
     {erlang, [port_command, port_connect, port_info]}].

%% caller_line is there from OTP 25 on.
spec() -> [{'_', [], [{message, {caller_line}}, {exception_trace}]}].

messages() ->
    [{['_', '_', {tcp_closed, '_'}], [], []}, {['_', '_', {tcp_error, '_', '_'}], [], []},
     {['_', '_', {tcp_passive, '_'}], [], []}, {['_', '_', {inet_reply, '_', '_'}], [], []},
     {['_', '_', {inet_async, '_', '_', '_'}], [], []}, {['_', '_', {'DOWN', '_', port, '_', '_'}], [], []},
     {['_', '_', {'DOWN', '_', socket, '_', '_'}], [], []}, {['_', '_', {'EXIT', '$1', '_'}], [{is_port, '$1'}], []}].

loop(State) ->
    receive
        Message -> loop(noted(Message, State))
    after ?EVERY -> wait(counted(State))
    end.

%% With nothing to write there is no need to wake up.
wait(State) ->
    receive Message -> loop(noted(Message, State)) end.

noted({trace, Pid, call, {erlang, Name, [Port | _] = Arguments}, Caller}, State) ->
    begun(Pid, erlang, Name, Arguments, is_socket(Port) andalso Caller, State);
noted({trace, Pid, call, {Module, Name, Arguments}, Caller}, State) ->
    begun(Pid, Module, Name, Arguments, Caller, State);
noted({trace, Pid, return_from, Function, Result}, State) -> ended(Pid, Function, {result, short(Result)}, State);
noted({trace, Pid, exception_from, Function, {Class, Reason}}, State) ->
    ended(Pid, Function, {raised, Class, short(Reason)}, State);
noted({trace, Pid, 'receive', Message}, State = #{calls := Calls}) ->
    case is_map_key(Pid, Calls) andalso element(1, Message) of
        Tag when Tag =:= inet_reply; Tag =:= inet_async -> State;  % the function that is being called waits for it
        _ -> add({message, short(Message), place(Pid)}, State)
    end;
noted(_, State) -> State.

begun(Pid, Module, Name, Arguments, Caller, State = #{calls := Calls}) ->
    Call = {Module, Name, length(Arguments), [short(Argument) || Argument <- Arguments], Caller},
    State#{calls := maps:update_with(Pid, fun(Before) -> [Call | Before] end, [Call], Calls)}.

is_socket(Port) ->
    is_port(Port) andalso
        (catch erlang:port_info(Port, name)) =:= {name, "tcp_inet"}.

ended(Pid, {Module, Name, Arity}, How, State = #{calls := Calls}) ->
    case Calls of
        #{Pid := [{Module, Name, Arity, Arguments, Caller} | Before]} ->
            Left = case Before of [] -> maps:remove(Pid, Calls); _ -> Calls#{Pid := Before} end,
            case Before =:= [] andalso Caller =/= false of  % what OTP's modules call of each other is not the program's
                true -> add({call, Module, Name, Arguments, How, caller(Caller)}, State#{calls := Left});
                false -> State#{calls := Left}
            end;
        #{} -> State
    end.

caller({erl_eval, _, _, _}) -> {undefined, undefined, 0, "", 0};
caller({Module, Name, Arity, {File, Line}}) -> {Module, Name, Arity, unicode:characters_to_list(File), Line};
caller({Module, Name, Arity, _}) -> {Module, Name, Arity, "", 0};
caller(_) -> {undefined, undefined, 0, "", 0}.

place(Pid) ->
    case process_info(Pid, [dictionary, initial_call]) of
        [{dictionary, Kept}, {initial_call, {Module, Name, Arity}}] ->
            case lists:keyfind('$initial_call', 1, Kept) of
                {_, {Proper, Function, Takes}} -> {Proper, Function, Takes, "", 0};
                false -> {Module, Name, Arity, "", 0}
            end;
        undefined -> {undefined, undefined, 0, "", 0}
    end.

add(What, State = #{file := File, seen := Seen, changed := Changed}) ->
    case Seen of
        #{What := {Number, Times}} ->
            State#{seen := Seen#{What := {Number, Times + 1}}, changed := Changed#{Number => Times + 1}};
        #{} ->
            Number = map_size(Seen),
            ok = file:write(File, io_lib:format("~0tp.~n", [{seen, Number, What}])),
            State#{seen := Seen#{What => {Number, 1}}}
    end.

counted(State = #{changed := Changed}) when map_size(Changed) =:= 0 -> State;
counted(State = #{file := File, changed := Changed}) ->
    Lines = [io_lib:format("~0p.~n", [{count, Number, Times}]) || {Number, Times} <- maps:to_list(Changed)],
    ok = file:write(File, Lines),
    State#{changed := #{}}.

%% Enough to see options and reasons, and the same for each data, socket and process.
short(Term) when is_atom(Term); is_integer(Term); is_float(Term) -> Term;
short({'$inet', Module, _}) when is_atom(Module) -> '_';  % a socket of another backend is a socket
short(Term) when is_tuple(Term), tuple_size(Term) =< 6 -> list_to_tuple([short(Item) || Item <- tuple_to_list(Term)]);
short([]) -> [];
short([Item | _]) when is_integer(Item) -> '_';
short(Term) when is_list(Term) ->
    try length(Term) of
        Length when Length =< ?LONG -> [short(Item) || Item <- Term];
        _ -> '_'
    catch error:badarg -> '_' end;
short(_) -> '_'.
