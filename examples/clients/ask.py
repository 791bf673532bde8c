"""Ask vaiven in ten lines, as the README has it: `.venv/bin/python examples/clients/ask.py`, beside `make serve`."""

# ruff: noqa: T201 - it prints, that is what it is for

import grpc
from vaiven.v1.agent_service_pb2 import RunRequest
from vaiven.v1.agent_service_pb2_grpc import AgentServiceStub

with grpc.insecure_channel("127.0.0.1:50051") as channel:
    for event in AgentServiceStub(channel).Run(RunRequest(input="write a python function that reverses a string")):
        if event.WhichOneof("payload") == "text_delta":
            print(event.text_delta.text, end="", flush=True)
        elif event.WhichOneof("payload") == "completed":
            print("\n", event.completed.usage)
