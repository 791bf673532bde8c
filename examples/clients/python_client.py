"""Ask vaiven and print the answer as it is written: `.venv/bin/python examples/clients/python_client.py "…"`.

Start the service first (`make serve`). The stubs are in `protos/gen`, which `vaiven` installs with itself.
"""

# ruff: noqa: T201 - it prints, that is what it is for

from __future__ import annotations

import os
import sys

import grpc
from vaiven.v1.agent_service_pb2 import RunRequest
from vaiven.v1.agent_service_pb2_grpc import AgentServiceStub


def ask(words: str) -> None:
    """Print the text of the answer, and how it ended."""
    with grpc.insecure_channel(os.environ.get("VAIVEN_ADDRESS", "127.0.0.1:50051")) as channel:
        for event in AgentServiceStub(channel).Run(RunRequest(input=words)):
            kind = event.WhichOneof("payload")
            if kind == "text_delta":
                print(event.text_delta.text, end="", flush=True)
            elif kind in ("completed", "incomplete", "failed", "cancelled"):
                print(f"\n-- {kind}, {getattr(event, kind).usage.output_tokens} tokens")


if len(sys.argv) < 2:
    print(f'Say what you want: python {sys.argv[0]} "write a python function that reverses a string"', file=sys.stderr)
    sys.exit(2)
try:
    ask(" ".join(sys.argv[1:]))
except grpc.RpcError as error:
    sys.exit(f"{error.code().name}: {error.details()}")
