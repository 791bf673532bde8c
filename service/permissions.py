"""What a caller may be allowed to do; `service/rpc/permissions.py` says which of them an RPC needs."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """One right. None includes another: who only sets budgets cannot read them, unless it may `use` the service too."""

    USE = "use"
    """Run agents, call functions, keep sessions and plans, search, and read all that the tenant has."""

    DECIDE = "decide"
    """Act as the person who is asked: agree to calls that write, close tickets."""

    KNOWLEDGE = "knowledge"
    """Change the documents from which customers are answered."""

    PLUGINS = "plugins"
    """Register, change and remove plugins."""

    MODELS = "models"
    """Pull, load, unload, measure and build models; the tenant must be one of `models.operators` too."""

    BUDGETS = "budgets"
    """Set and delete budgets."""

    POLICIES = "policies"
    """Change the tenant's policy of which model may answer."""

    RESTORE = "restore"
    """Turn pseudonyms back into personal data."""


ALL_PERMISSIONS: Final = frozenset(Permission)
