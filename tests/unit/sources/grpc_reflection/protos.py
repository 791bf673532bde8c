"""Protos of the tests, compiled when they are asked for."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from google.protobuf import descriptor_pb2
from grpc_tools import protoc

_WELL_KNOWN = Path(protoc.__file__).parent / "_proto"

EVERYTHING = """
syntax = "proto3";
package all.v1;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";

// How a thing looks.
enum Color { COLOR_UNSPECIFIED = 0; RED = 1; GREEN = 2; }
enum Alias { option allow_alias = true; ZERO = 0; ONE = 1; UNO = 1; }

// A part.
message Part { string name = 1; int64 count = 2; repeated Part parts = 3; map<string, Part> named = 4; }

// Everything that a message can hold.
message Everything {
  double f_double = 1; float f_float = 2;
  int32 f_int32 = 3; int64 f_int64 = 4; uint32 f_uint32 = 5; uint64 f_uint64 = 6;
  sint32 f_sint32 = 7; sint64 f_sint64 = 8;
  fixed32 f_fixed32 = 9; fixed64 f_fixed64 = 10; sfixed32 f_sfixed32 = 11; sfixed64 f_sfixed64 = 12;
  bool f_bool = 13;
  // A name for people.
  string f_string = 14;
  bytes f_bytes = 15;
  Color f_enum = 16; Alias f_alias = 17;
  optional int32 maybe_int = 20; optional string maybe_string = 21; optional Color maybe_enum = 22;
  repeated int32 ints = 30; repeated string strings = 31; repeated Color colors = 32; repeated bytes blobs = 33;
  repeated uint64 longs = 34; repeated double doubles = 35;
  Part part = 40; repeated Part parts = 41;
  map<string, string> by_text = 50; map<int32, Color> by_int = 51; map<bool, int64> by_bool = 52;
  map<uint64, Part> by_long = 53; map<sint64, bytes> by_sint = 54;
  oneof choice { string as_text = 60; int32 as_number = 61; Part as_part = 62; google.protobuf.Empty as_nothing = 63; }
  oneof other { bool yes = 64; bool no = 65; }
  google.protobuf.Timestamp when = 70; google.protobuf.Duration how_long = 71; google.protobuf.FieldMask mask = 72;
  google.protobuf.Struct struct = 73; google.protobuf.Value value = 74; google.protobuf.ListValue list = 75;
  google.protobuf.NullValue nothing = 76; google.protobuf.Empty empty = 77;
  google.protobuf.DoubleValue w_double = 80; google.protobuf.FloatValue w_float = 81;
  google.protobuf.Int64Value w_int64 = 82; google.protobuf.UInt64Value w_uint64 = 83;
  google.protobuf.Int32Value w_int32 = 84; google.protobuf.UInt32Value w_uint32 = 85;
  google.protobuf.BoolValue w_bool = 86; google.protobuf.StringValue w_string = 87;
  google.protobuf.BytesValue w_bytes = 88;
  repeated google.protobuf.Timestamp times = 90; map<string, google.protobuf.Struct> structs = 91;
  Everything myself = 100;
}

service Echo {
  // Gives back what it is given.
  rpc Echo(Everything) returns (Everything) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc EchoMany(Everything) returns (stream Everything) { option idempotency_level = IDEMPOTENT; }
  rpc Collect(stream Everything) returns (Everything);
  rpc Talk(stream Everything) returns (stream Everything);
  rpc Nothing(google.protobuf.Empty) returns (google.protobuf.Empty);
  rpc Text(google.protobuf.StringValue) returns (google.protobuf.StringValue);
  rpc Times(google.protobuf.Timestamp) returns (stream google.protobuf.Timestamp);
  rpc AnyTime(google.protobuf.Any) returns (google.protobuf.Any);
}
"""

LEGACY = """
syntax = "proto2";
package old.v1;
enum Level { LOW = 1; HIGH = 5; }
message Legacy {
  required string id = 1;
  optional int32 count = 2 [default = 7];
  optional int64 big = 3 [default = -9007199254740993];
  optional double ratio = 4 [default = inf];
  optional string text = 5 [default = "a \\"b\\""];
  optional bytes blob = 6 [default = "\\001\\377"];
  optional bool flag = 7 [default = true];
  optional Level level = 8 [default = HIGH];
  repeated group Item = 9 { required int32 number = 1; }
  extensions 100 to 199;
}
extend Legacy { optional string note = 100; }
service Old { rpc Keep(Legacy) returns (Legacy); }
"""

SHOP = """
syntax = "proto3";
package shop.v1;
import "google/protobuf/any.proto";

// Orders of the shop.
service Orders {
  // Return one order.
  rpc GetOrder(GetOrderRequest) returns (Order) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc WatchOrder(GetOrderRequest) returns (stream Order);
  rpc UpdateOrder(UpdateOrderRequest) returns (Order);
}
message GetOrderRequest { int64 order_id = 1; }
enum State { STATE_UNSPECIFIED = 0; OPEN = 1; SHIPPED = 2; }
message Order { int64 order_id = 1; State state = 2; string note = 3; google.protobuf.Any detail = 4; }
message Filter { string tenant = 1; string customer = 2; }
message UpdateOrderRequest {
  Order order = 1; Filter filter = 2; bool dry_run = 3;
  oneof by { string user = 4; string robot = 5; }
  google.protobuf.Any extra = 6;
}
"""


@cache
def compiled(*texts: str, source_info: bool = False) -> bytes:
    """Return the FileDescriptorSet of protos, `0.proto`, `1.proto`, …, with their imports."""
    with tempfile.TemporaryDirectory() as folder:
        names = [f"{i}.proto" for i in range(len(texts))]
        for name, text in zip(names, texts, strict=True):
            (Path(folder) / name).write_text(text, encoding="utf-8")
        out = Path(folder) / "set"
        flags = ["--include_imports", *(["--include_source_info"] if source_info else [])]
        places = [f"-I{folder}", f"-I{_WELL_KNOWN}"]
        code = protoc.main(["protoc", *places, *flags, f"--descriptor_set_out={out}", *names])
        assert code == 0, "the proto of a test does not compile"
        return out.read_bytes()


def files_of(descriptor_set: bytes) -> list[descriptor_pb2.FileDescriptorProto]:
    """Return the files of a set."""
    return list(descriptor_pb2.FileDescriptorSet.FromString(descriptor_set).file)


def set_of(*files: descriptor_pb2.FileDescriptorProto) -> bytes:
    """Return a set of `files`."""
    return descriptor_pb2.FileDescriptorSet(file=files).SerializeToString()
