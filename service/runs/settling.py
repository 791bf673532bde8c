"""Plugins that were not read yet, right after the service began: waited for a moment, then told of."""

from __future__ import annotations

from typing import Final

from service.runs import events
from service.runs.plugins import PluginCatalogue
from service.runs.scope import RunScope

MOST_S: Final = 5.0
"""How many seconds a run waits at most. Sources answer within a fraction of one, if they answer."""


async def settle(scope: RunScope, plugins: PluginCatalogue) -> None:
    """Let a run that may call any function wait until they are known; warn of plugins that are none of its choices.

    A run that names its functions or plugins waits for those where it looks them up, and for no others.
    """
    spec = scope.spec
    if spec.function is not None or spec.plan is not None or spec.allowed_functions:
        return
    if loading := await plugins.settled(scope.principal, min(MOST_S, scope.remaining_s)):
        names = ", ".join(loading)
        await scope.emit(
            events.Warning(
                "PLUGIN_LOADING",
                f"Not yet read since the service began, and so none of the choices: {names}. Ask again in a moment.",
            )
        )
