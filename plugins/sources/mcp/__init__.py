"""Plugins from MCP servers. The MCP library, 12 MB and half a second, is loaded with the first `McpSource`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plugins.sources.mcp.registration import McpRegistration, StdioServer, ToolRule

if TYPE_CHECKING:
    from plugins.sources.mcp.source import McpSource

__all__ = ["McpRegistration", "McpSource", "StdioServer", "ToolRule"]


def __getattr__(name: str) -> Any:
    if name == "McpSource":
        from plugins.sources.mcp.source import McpSource

        return McpSource
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
