"""The tenants' own policies: stored, changed one limit at a time, in force at once; see `service.rpc.ports.Routes`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import Connection

from service.errors import InvalidArgumentError, StaleEtagError, Violation
from service.routing.plan import StoredPolicies
from service.routing.policy import NO_POLICY, RoutingPolicy
from service.runs.plugins import PluginCatalogue
from service.runs.spec import Principal
from service.store import idempotency, policies
from service.store.idempotency import RequestKey
from service.store.policies import PolicyRow
from service.store.store import Store

LIMITS: Final = tuple(field.name for field in fields(RoutingPolicy))
"""The limits of a policy that can be changed on their own."""


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """What a tenant stored for `subject`: empty for all its requests, or a plugin's or function's name.

    `update_time` None: nothing is stored. Of a change, `etag` where it is not empty must be that of what is stored.
    """

    subject: str
    policy: RoutingPolicy = NO_POLICY
    etag: str = ""
    update_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """A change to make: `limits` (some of `LIMITS`; None: all) are taken from `wanted`, the others stay."""

    wanted: StoredPolicy
    limits: frozenset[str] | None = None
    validate_only: bool = False
    request_id: str | None = None

    def applied_to(self, present: RoutingPolicy) -> RoutingPolicy:
        """Return the policy after the change."""
        if self.limits is None:
            return self.wanted.policy
        return replace(present, **{name: getattr(self.wanted.policy, name) for name in self.limits})


class PolicyDesk:
    """Keeps the tenants' policies in the store; see also `service.routing.plan.PolicySource`."""

    def __init__(self, store: Store, plugins: PluginCatalogue, in_force: StoredPolicies) -> None:
        """Keep policies in `store`, from where `in_force` takes them before something is routed."""
        self._store = store
        self._plugins = plugins
        self._in_force = in_force
        self._versions: dict[str, int] = {}
        in_force.come_from(self)

    def is_current(self, tenant: str) -> bool:
        """Return whether nothing changed since the tenant's policies were read."""
        return self._versions.get(tenant) == self._store.version(policies.topic_of(tenant))

    async def policies(self, tenant: str) -> Mapping[str, RoutingPolicy]:
        """Return what the tenant has stored, by subject."""
        # Taken before the rows are read: what changes meanwhile is read next time.
        version = self._store.version(policies.topic_of(tenant))
        rows = await self._store.read(lambda connection: policies.policies_of(connection, tenant))
        self._versions[tenant] = version
        return {row.subject: _read(row.policy) for row in rows}

    async def stored(self, principal: Principal, subject: str) -> StoredPolicy:
        """Return what the tenant stored for the subject, which may be nothing.

        Raises:
            NotFoundError: The plugin or function does not exist.
        """
        await self._check(principal, subject)
        tenant = principal.tenant
        return _shown(
            subject, await self._store.read(lambda connection: policies.get_policy(connection, tenant, subject))
        )

    async def update(self, principal: Principal, change: PolicyChange) -> StoredPolicy:
        """Make a change, and return what is stored after it; it holds for all that is routed from then on.

        Raises:
            InvalidArgumentError: A limit of that name does not exist, or the request id was used for another change.
            NotFoundError: The plugin or function does not exist.
            StaleEtagError: The policy changed since the caller read it.
        """
        unknown = sorted((change.limits or frozenset()) - set(LIMITS))
        if unknown:
            raise InvalidArgumentError(
                "update_mask names limits that a policy does not have.",
                violations=[Violation("update_mask", f"limits.{name} does not exist") for name in unknown],
            )
        await self._check(principal, change.wanted.subject)
        after = await self._store.write(lambda connection: _changed(connection, principal.tenant, change))
        await self._in_force.catch_up(principal.tenant)  # also for runs that are going on here
        return after

    async def _check(self, principal: Principal, subject: str) -> None:
        if "/functions/" in subject:
            (await self._plugins.of(principal, (subject,))).function(subject)
        elif subject:
            await self._plugins.get(principal, subject)


def _changed(connection: Connection, tenant: str, change: PolicyChange) -> StoredPolicy:
    """Make the change, or only look what it would come to; a replay gives what the first call gave."""
    subject = change.wanted.subject

    def make() -> str:
        present = _shown(subject, policies.get_policy(connection, tenant, subject))
        if change.wanted.etag and change.wanted.etag != present.etag:
            raise StaleEtagError("The policy changed since it was read; read it again.")
        row = PolicyRow(tenant, subject, _written(change.applied_to(present.policy)), datetime.now(UTC))
        if not change.validate_only:
            policies.put_policy(connection, row)
        return json.dumps([row.policy, row.update_time.isoformat()])

    key = None
    if change.request_id is not None and not change.validate_only:
        key = RequestKey(tenant, "UpdatePolicy", change.request_id, _fingerprint(change))
    policy, time = json.loads(idempotency.once(connection, key, make).result)
    if change.validate_only:
        return StoredPolicy(subject, _read(policy))
    return _shown(subject, PolicyRow(tenant, subject, policy, datetime.fromisoformat(time)))


def _shown(subject: str, row: PolicyRow | None) -> StoredPolicy:
    if row is None:
        return StoredPolicy(subject, etag=_digest(subject))
    return StoredPolicy(
        subject, _read(row.policy), _digest(subject, row.policy, row.update_time.isoformat()), row.update_time
    )


_JSON: Final = TypeAdapter(RoutingPolicy)


def _written(policy: RoutingPolicy) -> str:
    """Return the policy as JSON, the same for the same policy."""
    plain = _JSON.dump_python(policy, mode="json", exclude_defaults=True)
    return json.dumps({name: sorted(v) if name in _SETS else v for name, v in plain.items()}, sort_keys=True)


_SETS: Final = frozenset({"regions", "capabilities", "models", "backends", "excluded_models", "excluded_backends"})


def _read(text: str) -> RoutingPolicy:
    policy: RoutingPolicy = _JSON.validate_json(text)
    return policy


def _fingerprint(change: PolicyChange) -> str:
    wanted = change.wanted
    limits = "*" if change.limits is None else ",".join(sorted(change.limits))
    return _digest(wanted.subject, _written(wanted.policy), wanted.etag, limits)


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
