"""Plugins that are registered while the service runs: kept in the store, read from their sources, live at once."""
