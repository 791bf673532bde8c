"""The settings of privacy: whether personal data is masked, with which key it is remembered."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from service.privacy.patterns import PatternError, compiled
from service.privacy.seals import read_key


class PrivacySettings(BaseModel):
    """How personal data is kept from models elsewhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    masking: bool = Field(
        default=True,
        description="Whether requests of the policy `pseudonymised` may go to models elsewhere, masked.",
    )
    key: SecretStr | None = Field(
        default=None,
        description="Seals what stands for whom in sessions: 32 bytes in base64. Unset: that is not kept beyond a run.",
    )
    patterns: Annotated[tuple[str, ...], Field(max_length=50)] = Field(
        default=(), description="What else is personal, e.g. numbers of customers: bounded regular expressions."
    )

    @field_validator("key")
    @classmethod
    def _check_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None:
            try:
                read_key(key.get_secret_value())
            except ValueError:
                # Not the value, and nothing of it.
                raise ValueError("must be 32 bytes in base64; `openssl rand -base64 32` makes one") from None
        return key

    @field_validator("patterns")
    @classmethod
    def _check_patterns(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for place, pattern in enumerate(patterns, start=1):
            try:
                compiled(pattern)
            except PatternError as error:
                raise ValueError(f"number {place} {error}") from error
        return patterns
