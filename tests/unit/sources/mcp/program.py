"""An MCP server as a program, of the standard library alone so that it starts at once."""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def answer(method: str, params: dict[str, Any]) -> dict[str, Any] | None:
    if method == "initialize":
        info = {"name": "program", "version": "1"}
        return {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": info}
    if method == "tools/list":
        schema = {"type": "object", "properties": {"word": {"type": "string"}}}
        return {"tools": [{"name": name, "inputSchema": schema} for name in ("say", "environment", "end")]}
    if method != "tools/call":
        return None
    if params["name"] == "end":
        os._exit(3)
    said = (
        " ".join(sorted(os.environ)) if params["name"] == "environment" else f"{params['arguments']} of {os.getpid()}"
    )
    return {"content": [{"type": "text", "text": said}]}


def main() -> None:
    print("This is no message.", flush=True)
    for line in sys.stdin:
        message = json.loads(line)
        result = answer(message["method"], message.get("params") or {})
        if result is not None:
            print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)


if __name__ == "__main__":
    main()
