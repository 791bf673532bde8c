"""`vaiven sessions`: conversations of several turns."""

from __future__ import annotations

from typing import Annotated

import typer

from service.cli.caller import Caller
from service.cli.command import command, new_group
from service.cli.lookup import full_name
from service.cli.names import short
from service.cli.page import PageOptions, say_more
from service.cli.run_options import new_request_id
from service.cli.screen import age, console, print_facts, print_json, print_table, printable, say, when

group = new_group("Keep conversations of several turns.", example="vaiven sessions create --title orders")

SessionArgument = Annotated[str, typer.Argument(help="The session's name, or how it begins.", metavar="SESSION")]


@command(group, "create", example='vaiven ask "good morning" --session "$(vaiven sessions create)"')
def create(
    caller: Caller,
    title: Annotated[str, typer.Option(help="What it is about.")] = "",
) -> None:
    """Make a session and print its name."""
    from vaiven.v1.session_service_pb2 import CreateSessionRequest

    request = CreateSessionRequest(request_id=new_request_id(), title=title)
    session = caller.call(caller.sessions.CreateSession, request).session
    if caller.connection.json:
        return print_json(session)
    return console().print(session.name, soft_wrap=True)


@command(group, "list", example="vaiven sessions list")
def list_sessions(caller: Caller, page: PageOptions) -> None:
    """List the sessions, newest first."""
    from vaiven.v1.session_service_pb2 import ListSessionsRequest

    request = ListSessionsRequest(page_size=page.limit, page_token=page.page_token)
    answer = caller.call(caller.sessions.ListSessions, request)
    if caller.connection.json:
        return print_json(answer)
    rows = (
        (short(s.name), str(s.message_count), age(s.create_time), age(s.update_time), printable(s.title))
        for s in answer.sessions
    )
    print_table(("Session", "Messages", "Made", "Last used", "Title"), rows, empty="There are no sessions.")
    return say_more(answer.next_page_token)


@command(group, "show", example="vaiven sessions show 0192f6a1c3")
def show(caller: Caller, session: SessionArgument) -> None:
    """Show what is known of a session."""
    from vaiven.v1.session_service_pb2 import GetSessionRequest

    found = caller.call(
        caller.sessions.GetSession, GetSessionRequest(name=full_name(caller, "sessions", session))
    ).session
    if caller.connection.json:
        return print_json(found)
    return print_facts(
        [
            ("Session", found.name),
            ("Title", printable(found.title)),
            ("Messages", str(found.message_count)),
            ("Made", when(found.create_time)),
            ("Last used", when(found.update_time)),
        ]
    )


@command(group, "messages", example="vaiven sessions messages 0192f6a1c3")
def messages(caller: Caller, session: SessionArgument, page: PageOptions) -> None:
    """Read a session's messages, oldest first."""
    from rich.text import Text
    from vaiven.v1.session_pb2 import Message
    from vaiven.v1.session_service_pb2 import ListMessagesRequest

    request = ListMessagesRequest(
        parent=full_name(caller, "sessions", session), page_size=page.limit, page_token=page.page_token
    )
    answer = caller.call(caller.sessions.ListMessages, request)
    if caller.connection.json:
        return print_json(answer)
    for message in answer.messages:
        who = ("You", "bold cyan") if message.role == Message.ROLE_USER else ("vaiven", "bold green")
        console().print(Text.assemble(who, (f"  {when(message.create_time)}  {message.run}", "dim")))
        console().print(Text(printable(message.text)))
        console().print()
    if not answer.messages:
        say("The session has no messages.")
    return say_more(answer.next_page_token)


@command(group, "delete", example="vaiven sessions delete 0192f6a1c3")
def delete(caller: Caller, session: SessionArgument) -> None:
    """Delete a session with its messages."""
    from vaiven.v1.session_service_pb2 import DeleteSessionRequest

    name = full_name(caller, "sessions", session)
    answer = caller.call(caller.sessions.DeleteSession, DeleteSessionRequest(name=name, request_id=new_request_id()))
    print_json(answer) if caller.connection.json else say(f"{name} is deleted.", style="")
