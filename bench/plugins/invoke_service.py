"""A vaiven service in a process of its own, with an installed plugin that calls the large service by a generated stub.

Prints its port, ends with its input.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, Final

import grpc.aio
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from semantic_kernel.functions import kernel_function

from bench.plugins.grpc_service import SERVICE, descriptor
from plugins.manifest import FunctionManifest, ModelUse, PluginManifest
from plugins.output import FunctionOutput, FunctionResult
from plugins.sources.base import ImportedFunction
from plugins.sources.grpc_reflection import GrpcRegistration, GrpcSource, check_target
from service.testing.app import scripted_app

INSTALLED: Final = "direct"
FUNCTION: Final = "method0"


class DirectPlugin:
    """Calls the first method as somebody would write it by hand; a fixed function, nothing of a registration."""

    target: str = ""
    """`host:port`, set before the service is opened."""

    def __init__(self) -> None:
        pool = DescriptorPool()
        pool.AddSerializedFile(descriptor(1).SerializeToString())
        self._request: Any = message_factory.GetMessageClass(pool.FindMessageTypeByName("bench.v1.Request0"))
        self._response: Any = message_factory.GetMessageClass(pool.FindMessageTypeByName("bench.v1.Response0"))
        self._stub: Any = None

    @kernel_function(name=FUNCTION, description="Call the first method.")
    async def method0(
        self,
        text_1: str,
        text_2: str,
        text_3: str,
        text_4: str,
        text_5: str,
        text_6: str,
        text_7: str,
        text_8: str,
        order_id: Any,
        shared: Any,
    ) -> AsyncGenerator[FunctionOutput, None]:
        """Call the first method with these fields."""
        if self._stub is None:
            self._stub = grpc.aio.insecure_channel(self.target).unary_unary(
                f"/{SERVICE}/Method0",
                request_serializer=self._request.SerializeToString,
                response_deserializer=self._response.FromString,
            )
        texts = (text_1, text_2, text_3, text_4, text_5, text_6, text_7, text_8)
        said = {f"text_{number}": text for number, text in enumerate(texts, 1)}
        request = self._request(**said, order_id=int(order_id), shared=dict(shared))
        response = await self._stub(request, timeout=30.0)
        data = json_format.MessageToDict(response, preserving_proto_field_name=True)
        yield FunctionResult(response.text_1, data)


def manifest(like: ImportedFunction) -> PluginManifest:
    """Return the manifest of the installed plugin, whose function takes the same arguments as the imported one."""
    function = FunctionManifest(
        name=FUNCTION,
        description="Call the first method.",
        effect="read",
        input_schema=dict(like.input_schema),
        output_schema={**like.output_schema, "additionalProperties": False},
        models=ModelUse(generations=0),
    )
    return PluginManifest.model_validate(
        {
            "name": INSTALLED,
            "version": "1.0.0",
            "kind": "python",
            "description": "Calls a service by a stub.",
            "class": "bench.plugins.invoke_service:DirectPlugin",
            "functions": [function],
        }
    )


async def _serve(port: int) -> None:
    # The class is found by its module's name, which is another one than that of what is run.
    from bench.plugins.invoke_service import DirectPlugin as Installed

    target = check_target(f"127.0.0.1:{port}")
    Installed.target = target
    source = GrpcSource(GrpcRegistration("large", target, services=(f"{SERVICE}/Method0",)))
    (function,) = (await source.read()).functions
    await source.aclose()
    with tempfile.TemporaryDirectory() as folder:
        async with scripted_app(Path(folder), "", manifests=[manifest(function)]) as app:
            print(app.port, flush=True)
            await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """Serve until the input closes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int, help="of the large service")
    asyncio.run(_serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
