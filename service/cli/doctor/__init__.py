"""Looks at this machine: can the service run here, and what is missing."""
