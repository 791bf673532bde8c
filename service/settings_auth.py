"""The settings of authentication: whether callers show credentials, and which ones are taken."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from service.permissions import Permission
from service.settings_models import data_directory

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError("must begin with https://, or with http:// for this machine itself")
    if not parts.hostname or parts.username or parts.fragment:
        raise ValueError("must be an address without user and fragment")
    return url


class AuthSettings(BaseModel):
    """Who may call."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Literal["off", "required"] = Field(
        default="off",
        description="`off`: whoever reaches the port is the tenant `local` and may do everything, so it can listen on "
        "this machine only; `required`: every call shows a key or a token.",
    )
    keys_file: Path = Field(
        default_factory=lambda: data_directory() / "keys.json",
        description="The file of API keys, which `vaiven keys` writes; looked at every second.",
    )
    issuer: str | None = Field(
        default=None,
        min_length=1,
        description="The issuer whose tokens are taken, exactly as the claim `iss` has it.",
    )
    audiences: tuple[str, ...] = Field(
        default=(), description="What tokens must be for: values of the claim `aud`, of which one must be there."
    )
    jwks_url: Annotated[str, AfterValidator(_checked_url)] | None = Field(
        default=None, description="Where the issuer's keys are (JWKS); give this or `jwks_file`."
    )
    jwks_file: Path | None = Field(default=None, description="A file of the issuer's keys (JWKS).")
    tenant_claim: str = Field(default="tid", min_length=1, description="The claim that names the tenant.")
    roles_claim: str = Field(
        default="roles", min_length=1, description="The claim with the roles: a list, or words with spaces between."
    )
    roles: dict[str, tuple[Permission, ...]] = Field(
        default_factory=dict,
        description="The permissions of each role; a role that is called like a permission gives it anyway.",
    )
    clock_skew_s: Annotated[float, Field(ge=0, le=300)] = Field(
        default=30.0, description="Seconds by which the issuer's clock may differ."
    )

    @model_validator(mode="after")
    def _check(self) -> AuthSettings:
        if self.issuer is None:
            if self.audiences or self.jwks_url or self.jwks_file:
                raise ValueError("audiences, jwks_url and jwks_file need an issuer: set auth.issuer too")
            return self
        if not self.audiences:
            raise ValueError("a token of the issuer must be for this service: set auth.audiences")
        if (self.jwks_url is None) == (self.jwks_file is None):
            raise ValueError("the issuer's keys are in one place: set either auth.jwks_url or auth.jwks_file")
        return self
