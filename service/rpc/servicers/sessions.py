"""`SessionService`: conversations."""

from __future__ import annotations

from typing import Any, TypeAlias

import grpc.aio
from vaiven.v1 import session_service_pb2 as pb
from vaiven.v1 import session_service_pb2_grpc

from service.rpc.convert.sessions import message_to_proto, session_to_proto
from service.rpc.convert.values import request_id_from_proto
from service.rpc.interceptors.chain import current_principal
from service.rpc.ports import Sessions

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class SessionServicer(session_service_pb2_grpc.SessionServiceServicer):
    """Converts, calls the domain, converts back."""

    def __init__(self, sessions: Sessions) -> None:
        """Keep the domain side."""
        self._sessions = sessions

    async def CreateSession(self, request: pb.CreateSessionRequest, context: Context) -> pb.CreateSessionResponse:
        """Make a session."""
        request_id = request_id_from_proto(request.request_id)
        session = await self._sessions.create(current_principal(), request.title, request_id)
        return pb.CreateSessionResponse(session=session_to_proto(session))

    async def GetSession(self, request: pb.GetSessionRequest, context: Context) -> pb.GetSessionResponse:
        """Return a session."""
        session = await self._sessions.get(current_principal(), request.name)
        return pb.GetSessionResponse(session=session_to_proto(session))

    async def ListSessions(self, request: pb.ListSessionsRequest, context: Context) -> pb.ListSessionsResponse:
        """Return a page of sessions."""
        page = await self._sessions.list(current_principal(), request.page_size, request.page_token)
        return pb.ListSessionsResponse(
            sessions=[session_to_proto(session) for session in page.items], next_page_token=page.next_page_token
        )

    async def DeleteSession(self, request: pb.DeleteSessionRequest, context: Context) -> pb.DeleteSessionResponse:
        """Delete a session."""
        request_id = request_id_from_proto(request.request_id)
        await self._sessions.delete(current_principal(), request.name, request_id)
        return pb.DeleteSessionResponse()

    async def ListMessages(self, request: pb.ListMessagesRequest, context: Context) -> pb.ListMessagesResponse:
        """Return a page of a session's messages."""
        page = await self._sessions.messages(current_principal(), request.parent, request.page_size, request.page_token)
        return pb.ListMessagesResponse(
            messages=[message_to_proto(message) for message in page.items], next_page_token=page.next_page_token
        )
