"""The version of this installation."""

from __future__ import annotations

from importlib import metadata


def installed_version(distribution: str = "vaiven") -> str:
    """Return the version of an installed distribution, or nothing where it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""
