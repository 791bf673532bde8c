"""Messages and services of `vaiven.v1`; `thing_pb2` beside `thing_service_pb2_grpc`."""
