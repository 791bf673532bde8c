"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "absent", "warning", "failed"]
"""`absent`: not here and not asked for; `failed`: the service cannot run as it is set up."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: `about` what, how it is, and what to do where it is not well (`advice`)."""

    area: str
    about: str
    state: State
    message: str
    advice: str = ""
