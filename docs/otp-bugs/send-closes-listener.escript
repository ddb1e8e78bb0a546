#!/usr/bin/env escript
%% socket: gen_tcp:send on a listener, a mistake, closes the listener.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    {ok, L} = gen_tcp:listen(0, [{inet_backend, socket}]),
    Sent = gen_tcp:send(L, <<"x">>),
    case gen_tcp:accept(L, 100) of
        {error, timeout} -> {0, "the listener goes on"};
        Other -> {1, io_lib:format("send said ~p, and then accept ~p; expected: the listener goes on", [Sent, Other])}
    end.
