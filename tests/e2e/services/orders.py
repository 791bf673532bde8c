"""A gRPC service in Python with server reflection; says its port on the first line of its output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from grpc_reflection.v1alpha import reflection

# Compiled here, and known to no one else: what vaiven learns of the service comes by reflection.
sys.path.insert(0, str(Path(__file__).parent))
pb, services = grpc.protos_and_services("orders.proto")


ORDERS = {1042: ("STATE_SENT", "Ada"), 1187: ("STATE_PACKED", "Ana Costa"), 77: ("STATE_PACKED", "Bruno Lima")}


def order(number: int, state: str = "") -> Any:
    """Return an order of two lamps."""
    known, customer = ORDERS[number]
    return pb.Order(
        number=number,
        state=state or known,
        customer=customer,
        lines=[pb.Order.Line(article="lamp", pieces=2)],
        prices={"lamp": 19.5},
    )


class Orders(services.OrdersServicer):  # type: ignore[name-defined,misc] # made while this runs
    """The orders of a shop."""

    def GetOrder(self, request: Any, context: grpc.ServicerContext) -> Any:
        if request.number not in ORDERS:
            context.abort(grpc.StatusCode.NOT_FOUND, f"there is no order {request.number}")
        return order(request.number)

    def ListStates(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        yield order(request.number, "STATE_PACKED")
        yield order(request.number, "STATE_SENT")

    def CancelOrder(self, request: Any, context: grpc.ServicerContext) -> Any:
        return order(request.number, "STATE_CANCELLED")


def main() -> None:
    """Serve until the process is ended."""
    server = grpc.server(ThreadPoolExecutor(4))
    services.add_OrdersServicer_to_server(Orders(), server)
    reflection.enable_server_reflection(["warehouse.v1.Orders", reflection.SERVICE_NAME], server)
    sys.stdout.write(f"{server.add_insecure_port('127.0.0.1:0')}\n")
    sys.stdout.flush()
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
