"""What happens in a loop of function calls, as events of the run."""

from __future__ import annotations

from planners import loop_pieces
from planners.plan_events import ApprovalRequired
from plugins.output import Citation, Note, TextDelta
from service.runs import events
from service.runs.planning.approvals import RunApprovals
from service.runs.planning.records import resource_of
from service.runs.scope import RunScope


async def tell_loop(scope: RunScope, asked: RunApprovals, piece: loop_pieces.LoopPiece) -> None:
    """Tell one piece; the end of the loop is its reader's."""
    match piece:
        case TextDelta() | Note() | Citation():
            await scope.take(piece)
        case loop_pieces.ToolCallStarted(call_id=call_id, name=name):
            # What the model wrote may be no function's name.
            await scope.emit(events.ToolCallStarted(call_id, resource_of(name) if "." in name else name))
        case loop_pieces.ToolCallReady(call_id=call_id, name=name, arguments=arguments):
            await scope.emit(events.ToolCallReady(call_id, resource_of(name), dict(arguments)))
        case loop_pieces.ToolCallResult(call_id=call_id, text=text, is_error=is_error):
            await scope.emit(events.ToolResult(call_id, text, is_error))
        case ApprovalRequired(request=request):
            if (question := await asked.told(request)) is not None:
                await scope.emit(question)
        case loop_pieces.LoopFinished():
            pass
