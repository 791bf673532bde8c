"""Plugins from MCP servers."""

from plugins.sources.mcp.registration import McpRegistration, StdioServer, ToolRule
from plugins.sources.mcp.source import McpSource

__all__ = ["McpRegistration", "McpSource", "StdioServer", "ToolRule"]
