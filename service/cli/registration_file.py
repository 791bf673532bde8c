"""A registration that is written in a file: a `Plugin` of the contract, in YAML or JSON, checked field by field.

Names are those of the contract. Beside them, a text or a document may lie in a file of its own (`document_file`),
effects and the like may be said by their last word (`read`), and durations as `5s` or as a number of seconds.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from service.cli.exits import USAGE, CommandError

if TYPE_CHECKING:
    from google.protobuf.message import Message
    from vaiven.v1.plugin_pb2 import Plugin

MAX_BYTES: Final = 1024 * 1024
"""Of the file itself; what it names beside it may be larger."""

_SAID: Final = frozenset({"name", "description", "owners", "source", "etag"})
"""What of a plugin a person says; all else the service says."""
_FILE: Final = "_file"


def read_registration(path: Path) -> Plugin:
    """Return what the file registers; `name` may be the plugin's id alone.

    Raises:
        CommandError: It cannot be read, or a field in it is unknown or wrong; the error names the field.
    """
    from vaiven.v1.plugin_pb2 import Plugin

    raw = _load(path)
    plugin = Plugin()
    try:
        for name in raw:
            if name not in _SAID:
                raise _WrongError(str(name), f"is not said here; what is: {', '.join(sorted(_SAID))}")
        _fill(plugin, raw, "", path.parent)
        if plugin.HasField("source") and plugin.source.WhichOneof("source") is None:
            raise _WrongError("source", "must have one of grpc, openapi, mcp and prompt")
    except _WrongError as wrong:
        raise CommandError(f"{path}: {wrong}.", exit_code=USAGE) from None
    return plugin


class _WrongError(Exception):
    """A field, by its path, and what is wrong with it."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where} {why}")


def _load(path: Path) -> dict[str, Any]:
    import yaml

    try:
        data = path.read_bytes()
        if len(data) > MAX_BYTES:
            raise CommandError(f"{path} is larger than {MAX_BYTES:,} bytes.", exit_code=USAGE)
        raw = yaml.safe_load(data)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", exit_code=USAGE) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f" in line {line + 1}"
        raise CommandError(f"{path} is no YAML{where}.", exit_code=USAGE) from error
    if not isinstance(raw, dict):
        raise CommandError(f"{path} must hold the fields of a plugin: name, source and so on.", exit_code=USAGE)
    return raw


def _fill(message: Message, raw: Any, where: str, folder: Path) -> None:
    """Set the fields of `message` to what `raw` says; `where` is its path, `folder` where files are looked for."""
    if not isinstance(raw, dict):
        raise _WrongError(where, "must have fields of its own")
    kinds = message.DESCRIPTOR.fields_by_name
    for name, value in raw.items():
        at = f"{where}.{name}" if where else str(name)
        beside = str(name).removesuffix(_FILE)
        if name not in kinds and beside != name and beside in kinds and _is_text(kinds[beside]):
            if beside in raw:
                raise _WrongError(at, f"is there, and {beside} too; say one of them")
            setattr(message, beside, _beside(kinds[beside], value, at, folder))
        elif name not in kinds:
            raise _WrongError(at, f"is not known; there are {', '.join(_names(message.DESCRIPTOR))}")
        elif value is not None:
            _set(message, kinds[name], value, at, folder)


def _set(message: Message, kind: Any, value: Any, at: str, folder: Path) -> None:
    group = kind.containing_oneof
    if group is not None and message.WhichOneof(group.name) not in (None, kind.name):
        raise _WrongError(at, f"is there, and {message.WhichOneof(group.name)} too; say one of them")
    held = getattr(message, kind.name)
    if kind.message_type is not None and kind.message_type.GetOptions().map_entry:
        _fill_map(held, kind, value, at, folder)
    elif kind.is_repeated:
        if not isinstance(value, list):
            raise _WrongError(at, "must be a list")
        held.extend(_scalar(kind, item, f"{at}[{place}]") for place, item in enumerate(value))
    elif kind.message_type is not None:
        _fill_part(held, kind.message_type, value, at, folder)
    else:
        setattr(message, kind.name, _scalar(kind, value, at))


def _fill_map(held: Any, kind: Any, value: Any, at: str, folder: Path) -> None:
    if not isinstance(value, dict):
        raise _WrongError(at, "must be names and what holds for each")
    of = kind.message_type.fields_by_name["value"]
    for key, item in value.items():
        place = f"{at}.{key}"
        if not isinstance(key, str):
            raise _WrongError(place, "must be a name; put it in quotes")
        if of.message_type is None:
            held[key] = _scalar(of, item, place)
        else:
            _fill_part(held[key], of.message_type, {} if item is None else item, place, folder)


def _fill_part(part: Any, kind: Any, value: Any, at: str, folder: Path) -> None:
    from google.protobuf import json_format

    part.SetInParent()
    if not kind.full_name.startswith("google.protobuf."):
        return _fill(part, value, at, folder)
    seconds = kind.name == "Duration" and isinstance(value, int | float) and not isinstance(value, bool)
    said: Any = f"{value}s" if seconds else value
    try:
        json_format.ParseDict(said, part)
    except (json_format.ParseError, TypeError, ValueError, AttributeError):
        forms = {"Duration": "a duration such as 5s", "Struct": "an object of JSON"}
        raise _WrongError(at, f"must be {forms.get(kind.name, 'of its form in the contract')}") from None


def _scalar(kind: Any, value: Any, at: str) -> Any:
    """Return the value of a field that has no fields of its own."""
    if kind.enum_type is not None:
        return _enum(kind, value, at)
    if kind.type == kind.TYPE_BYTES:
        raise _WrongError(at, f"is too much to stand here; say {kind.name}{_FILE}, the file that holds it")
    if kind.type == kind.TYPE_STRING:
        if not isinstance(value, str):
            raise _WrongError(at, "must be a text; put it in quotes")
        return value
    if kind.type == kind.TYPE_BOOL:
        if not isinstance(value, bool):
            raise _WrongError(at, "must be true or false")
        return value
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise _WrongError(at, "must be a number, without a fraction, from 0 to 2147483647")
    return value


def _enum(kind: Any, value: Any, at: str) -> int:
    values = kind.enum_type.values
    prefix = values[0].name.removesuffix("UNSPECIFIED")
    words: dict[str, int] = {one.name.removeprefix(prefix).lower(): one.number for one in values if one.number}
    word = str(value).removeprefix(prefix).lower()
    if word not in words:
        raise _WrongError(at, f"must be {' or '.join(words)}")
    return words[word]


def _is_text(kind: Any) -> bool:
    return not kind.is_repeated and kind.type in (kind.TYPE_STRING, kind.TYPE_BYTES)


def _beside(kind: Any, value: Any, at: str, folder: Path) -> str | bytes:
    """Return what the file holds that `value` names, beside the registration."""
    if not isinstance(value, str):
        raise _WrongError(at, "must name a file")
    try:
        data = (folder / value).read_bytes()
        return data if kind.type == kind.TYPE_BYTES else data.decode("utf-8")
    except OSError as error:
        raise _WrongError(at, f"names {value}, which cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _WrongError(at, f"names {value}, which is not text in UTF-8") from None


def _names(kind: Any) -> list[str]:
    return [f"{field.name}{_FILE}" if field.type == field.TYPE_BYTES else field.name for field in kind.fields]
