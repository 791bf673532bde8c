"""Where plugins come from besides installation: gRPC reflection, OpenAPI, MCP and prompt files."""
