"""The functions of a vaiven service as an MCP server; a client of the service like any other."""
