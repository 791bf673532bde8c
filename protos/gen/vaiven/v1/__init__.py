"""`thing_pb2` has the messages, `thing_service_pb2_grpc` the stubs."""
