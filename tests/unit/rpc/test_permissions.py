"""Every RPC needs a permission, the page on authentication says which, and no permission is without use."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import vaiven.v1
from google.longrunning import operations_proto_pb2

from service.permissions import Permission
from service.rpc.interceptors.chain import OPEN_PREFIXES
from service.rpc.permissions import PERMISSIONS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "authentication.md"
ROW = re.compile(r"\| `(?P<permission>[a-z]+)` \| (?P<what>[^|]+) \| (?P<rpcs>[^|]+) \|")


def methods() -> set[str]:
    modules = [m.name for m in pkgutil.iter_modules(vaiven.v1.__path__) if m.name.endswith("_pb2")]
    files = [importlib.import_module(f"vaiven.v1.{name}").DESCRIPTOR for name in modules]
    services = [service for file in files for service in file.services_by_name.values()]
    operations = operations_proto_pb2.DESCRIPTOR.services_by_name["Operations"]
    return {f"/{s.full_name}/{method.name}" for s in (*services, operations) for method in s.methods}


def test_every_rpc_needs_one_and_nothing_else_does() -> None:
    assert set(PERMISSIONS) == methods()
    assert not any(method.startswith(OPEN_PREFIXES) for method in PERMISSIONS)


def rows() -> dict[str, set[str]]:
    found = (ROW.fullmatch(line) for line in PAGE.read_text(encoding="utf-8").splitlines())
    return {match["permission"]: set(re.findall(r"`(\w+\.\w+)`", match["rpcs"])) for match in found if match}


def test_the_page_says_what_each_permission_allows() -> None:
    needed: dict[str, set[str]] = {permission.value: set() for permission in Permission}
    for method, permission in PERMISSIONS.items():
        service, name = method.split("/")[1:]
        needed[permission].add(f"{service.rpartition('.')[2]}.{name}")
    # What is not named there needs `use`.
    assert rows() == needed | {Permission.USE.value: set()}
