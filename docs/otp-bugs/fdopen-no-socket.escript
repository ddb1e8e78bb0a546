#!/usr/bin/env escript
%% socket: gen_tcp:fdopen takes any number for a socket.

main(_) ->
    logger:set_primary_config(level, none),
    {Status, Text} =
        try show() catch Class:Reason -> {2, io_lib:format("the script failed: ~p ~p", [Class, Reason])} end,
    io:format("~ts~n", [Text]),
    halt(Status).

show() ->
    case gen_tcp:fdopen(9999, [{inet_backend, socket}]) of
        {ok, _} -> {1, "gen_tcp:fdopen(9999, _) said ok, though there is no such descriptor; expected: {error,ebadf}"};
        Error -> {0, io_lib:format("fdopen said ~p", [Error])}
    end.
