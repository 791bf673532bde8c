"""A prompt as it leaves this machine: made once for one answer, when somebody is looked at to whom it would leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from service.backends.base import ChatMessage, GenerationRequest, Guidance, ToolSpec
from service.errors import VaivenError
from service.privacy.masked import MaskedRequest, RunMasking


@dataclass(frozen=True, slots=True)
class Told:
    """What a model is told: the whole of a prompt, by which its length is counted."""

    messages: tuple[ChatMessage, ...]
    tools: tuple[ToolSpec, ...] = ()
    guidance: Guidance | None = None


class Leaving(Protocol):
    """Says what a model elsewhere is told, where that is something else than what one on this machine is."""

    async def told(self) -> Told:
        """Return what it is told."""
        ...


class LeavingPrompt:
    """A prompt with pseudonyms."""

    def __init__(self, masking: RunMasking, request: GenerationRequest, *, offered: bool) -> None:
        """Replace nothing yet. `offered`: the model is told of the functions that it may call."""
        self._masking = masking
        self._request = request
        self._offered = offered
        self._masked: MaskedRequest | None = None
        self._failure: VaivenError | None = None

    async def masked(self) -> MaskedRequest:
        """Return it with pseudonyms, which are not stored yet (`RunMasking.keep`).

        Raises:
            MaskingError: It could not be done, so that it must not leave.
            VaultLockedError: The session's pseudonyms cannot be read.
        """
        if self._failure is not None:
            raise self._failure
        if self._masked is None:
            try:
                self._masked = await self._masking.previewed(self._request)
            except VaivenError as error:
                self._failure = error
                raise
        return self._masked

    async def keep(self) -> None:
        """Store what stands for whom, before it leaves; raises as `RunMasking.keep`."""
        await self._masking.keep()

    async def told(self) -> Told:
        """Return what it is told; with values where those cannot be replaced: then it does not leave."""
        try:
            sent = (await self.masked()).request
        except VaivenError:
            # It may be that a model on this machine answers. If not, whoever asks for `masked` is told.
            sent = self._request
        return Told(tuple(sent.messages), tuple(sent.tools) if self._offered else (), sent.guidance)
