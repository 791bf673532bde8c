"""Sessions and their messages."""

from __future__ import annotations

from typing import Final

from vaiven.v1 import session_pb2

from service.rpc.convert.values import time_to_proto
from service.runs.spec import MessageRecord, SessionRecord

_ROLES: Final = {
    "user": session_pb2.Message.ROLE_USER,
    "assistant": session_pb2.Message.ROLE_ASSISTANT,
}


def session_to_proto(session: SessionRecord) -> session_pb2.Session:
    """Return a session."""
    return session_pb2.Session(
        name=session.name,
        title=session.title,
        create_time=time_to_proto(session.create_time),
        update_time=time_to_proto(session.update_time),
        message_count=session.message_count,
    )


def message_to_proto(message: MessageRecord) -> session_pb2.Message:
    """Return a message."""
    return session_pb2.Message(
        name=message.name,
        role=_ROLES[message.role],
        text=message.text,
        run=message.run,
        create_time=time_to_proto(message.create_time),
    )
