"""The peers, each a process that may have an environment of its own: nothing here imports the service."""
