"""How a request's failure is told to the service."""

from __future__ import annotations

import logging
import traceback
import uuid

from service.backends.onnx.wire import Frame, error_fields
from service.errors import InternalError, VaivenError

logger = logging.getLogger(__name__)


def error_frame(number: int, error: Exception) -> Frame:
    """Return the frame that ends a request with `error`; what was not foreseen is logged under an id, without text."""
    if not isinstance(error, VaivenError):
        incident = uuid.uuid4().hex
        # Not the message: onnxruntime puts tokens of the request into some.
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("request failed: incident=%s kind=%s\n%s", incident, type(error).__name__, where)
        error = InternalError(f"The local model failed on this request (incident {incident}).")
    return {"op": "error", "id": number, "error": error_fields(error)}
