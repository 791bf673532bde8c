"""Which fields of a request a model may set, as a tree along the messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from plugins.sources.base import SourceError
from plugins.sources.grpc_reflection.files import WELL_KNOWN
from plugins.sources.grpc_reflection.registration import MethodRule

_MAX_PATHS: Final = 1_000


@dataclass(slots=True)
class FieldRule:
    """What holds for one field, and for those below it.

    `allowed`: a model may set it or something in it. `whole`: everything below may be set, unless it is `fixed`.
    """

    children: dict[str, FieldRule] = field(default_factory=dict)
    allowed: bool = False
    whole: bool = False
    fixed: bool = False
    required: bool = False

    def fixes(self, name: str) -> bool:
        """Return whether the field `name`, or something in it, is fixed."""
        child = self.children.get(name)
        return child is not None and (child.fixed or any(map(child.fixes, child.children)))

    def shows(self, name: str) -> bool:
        """Return whether a model sees the field `name` of this message."""
        child = self.children.get(name)
        if child is not None and child.fixed:
            return False
        return self.whole or (child is not None and child.allowed)


def field_rules(request: Descriptor, rule: MethodRule, where: str) -> FieldRule:
    """Return the tree for a method with that `request`; `where` names the rule in the registration.

    Raises:
        SourceError: `RULE_INVALID` if a path names no field, or leads through what is no single message.
    """
    root = FieldRule(whole=rule.fields is None)
    if len(rule.fields or ()) + len(rule.required) > _MAX_PATHS:
        raise SourceError("RULE_INVALID", f"names more than {_MAX_PATHS} fields", where)
    for path in rule.fields or ():
        nodes = _walk(root, request, path.split("."), f"{where}.fields")
        for node in nodes:
            node.allowed = True
        nodes[-1].whole = True
    for path in rule.required:
        for node in _walk(root, request, path.split("."), f"{where}.required"):
            node.required = True
    for parts in _leaves(request, rule.fixed, f"{where}.fixed"):
        *_, last = _walk(root, request, parts, f"{where}.fixed")
        last.fixed = True
    _spread(root)
    _check_required(root, f"{where}.required")
    return root


def merged(arguments: Mapping[str, Any], fixed: Mapping[str, Any]) -> dict[str, Any]:
    """Return `arguments` with the `fixed` values put in, which win."""
    result = dict(arguments)
    for name, value in fixed.items():
        given = result.get(name)
        result[name] = merged(given, value) if isinstance(value, Mapping) and isinstance(given, Mapping) else value
    return result


def is_message(one: FieldDescriptor) -> bool:
    """Return whether the field holds one message whose fields can be named."""
    return one.message_type is not None and not one.is_repeated and one.message_type.full_name not in WELL_KNOWN


def _walk(root: FieldRule, request: Descriptor, parts: list[str], where: str) -> list[FieldRule]:
    """Return the nodes along `parts`, made where they are not there."""
    node, nodes = root, []
    descriptor: Descriptor | None = request
    for i, name in enumerate(parts):
        one = descriptor.fields_by_name.get(name) if descriptor is not None else None
        if one is None:
            raise SourceError("RULE_INVALID", f"{request.full_name} has no field {'.'.join(parts)[:200]}", where)
        if i + 1 < len(parts) and not is_message(one):
            raise SourceError("RULE_INVALID", f"{one.full_name} is no single message", where)
        node = node.children.setdefault(name, FieldRule())
        nodes.append(node)
        descriptor = one.message_type
    return nodes


def _leaves(descriptor: Descriptor, fixed: Mapping[str, Any], where: str) -> list[list[str]]:
    """Return the paths of the fixed values; an object given for a message fixes what it holds, not the message."""
    paths = []
    for name, value in fixed.items():
        one = descriptor.fields_by_name.get(name)
        if one is None:
            raise SourceError("RULE_INVALID", f"{descriptor.full_name} has no field {str(name)[:200]}", where)
        if one.message_type is not None and is_message(one) and isinstance(value, Mapping) and value:
            paths += [[name, *rest] for rest in _leaves(one.message_type, value, where)]
        else:
            paths.append([name])
    return paths


def _spread(node: FieldRule) -> None:
    """Let a field that may be set as a whole say so to the fields below it that have a rule."""
    for child in node.children.values():
        if node.whole:
            child.allowed = child.whole = True
        _spread(child)


def _check_required(node: FieldRule, where: str) -> None:
    for name, child in node.children.items():
        if child.required and not node.shows(name):
            raise SourceError("RULE_INVALID", f"{name} must be set by the model, but is not allowed or is fixed", where)
        _check_required(child, where)
