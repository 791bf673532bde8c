"""The settings of the models that this machine keeps: where they lie, where they come from, who may change them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from service.backends.openai_protocol.options import ApiKey, Seconds

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _checked_hub(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError("must begin with https://, or with http:// for this machine itself")
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("must be the address of a hub, without user, query or fragment")
    return url.rstrip("/")


def data_directory() -> Path:
    """Return where this user's data of vaiven belongs on this platform.

    Source: XDG Base Directory Specification 0.8; Apple's File System Programming Guide; Windows' known folders.
    """
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "vaiven"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "vaiven"
    stated = os.environ.get("XDG_DATA_HOME", "")
    return (Path(stated) if Path(stated).is_absolute() else Path.home() / ".local" / "share") / "vaiven"


class ModelsSettings(BaseModel):
    """The models that are kept on this machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    directory: Path = Field(
        default_factory=lambda: data_directory() / "models",
        description="Where models are kept that were pulled or built; made where it is missing.",
    )
    hub_url: Annotated[str, AfterValidator(_checked_hub)] = Field(
        default="https://huggingface.co",
        description="The hub from which models are pulled; it speaks Hugging Face's protocol.",
    )
    hub_token: ApiKey | None = Field(default=None, description="A token of that hub, for what it does not give to all.")
    hub_timeout_s: Seconds = Field(default=30.0, description="Seconds in which the hub must send something.")
    import_directories: tuple[Path, ...] = Field(
        default=(), description="Directories from which folders and archives of models may be taken."
    )
    operators: tuple[str, ...] = Field(
        default=("local",), description="The tenants that may pull, load, unload, measure and build models."
    )
    memory_bytes: Annotated[int, Field(ge=0)] = Field(
        default=0, description="Bytes that all loaded models together may need; 0: no limit."
    )
    pinned: tuple[str, ...] = Field(
        default=(), description="Ids of models that are loaded at the start and never unloaded to make room."
    )
    max_operations: Annotated[int, Field(ge=1)] = Field(
        default=4, description="Long operations at once; one more is refused."
    )
    builder_python: Path | None = Field(
        default=None, description="A Python that has what builds models; not set: the service's own."
    )
    build_memory_bytes: Annotated[int, Field(ge=1)] = Field(
        default=16 * 1024**3, description="Bytes of memory that building a model may take."
    )
    build_timeout_s: Seconds = Field(default=4 * 3600.0, description="Seconds that building a model may take.")
