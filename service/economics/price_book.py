"""The price book: what models cost, from the file that ships with vaiven and from the operator's own.

Both have the same form, which `docs/costs.md` explains. What the operator says of a model goes before what is shipped.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Annotated, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.backends.base import Price
from service.economics.own_hardware import Hardware

ANY_REGION: Final = "*"
GLOBAL: Final = "global"
"""The region of a price where the provider has but one, or asks least for choosing the region itself."""

SHIPPED: Final = "prices.toml"

_Key: TypeAlias = tuple[str, str, str]
_Amount: TypeAlias = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=15)]
_Positive: TypeAlias = Annotated[Decimal, Field(gt=0, le=1_000_000_000, max_digits=15)]
_Currency: TypeAlias = Annotated[str, Field(pattern="^[A-Z]{3}$")]
_Word: TypeAlias = Annotated[str, Field(min_length=1)]


class PriceBookError(ValueError):
    """A price book cannot be read; one line for each thing that is wrong says where and what."""


@dataclass(frozen=True, slots=True)
class PriceEntry:
    """What a model costs on a backend in a region (`*`: any), since or as of `date`; `source` says who says so."""

    backend: str
    model: str
    region: str
    price: Price
    date: date
    source: str


class PriceBook:
    """Prices by backend, model and region."""

    def __init__(self, layers: Sequence[Mapping[_Key, PriceEntry]]) -> None:
        """Look into `layers` in their order."""
        self._layers = tuple(layers)

    def __iter__(self) -> Iterator[PriceEntry]:
        """Iterate over the entries that count, by backend, model and region."""
        merged: dict[_Key, PriceEntry] = {}
        for layer in reversed(self._layers):
            merged.update(layer)
        return iter([merged[key] for key in sorted(merged)])

    def find(self, backend: str, model: str, region: str = GLOBAL) -> PriceEntry | None:
        """Return the entry of a model, by its provider's name for it, or None: then its price is not known."""
        for layer in self._layers:
            entry = layer.get((backend, model, region)) or layer.get((backend, model, ANY_REGION))
            if entry is not None:
                return entry
        return None

    def price(self, backend: str, model: str, region: str = GLOBAL) -> Price | None:
        """Return the price of the model, None where it is not known."""
        entry = self.find(backend, model, region)
        return None if entry is None else entry.price


def load_price_book(operator_file: Path | None = None) -> PriceBook:
    """Read the shipped prices and, before them, the operator's.

    Raises:
        PriceBookError: A file cannot be read or is not as it should be.
    """
    shipped = resources.files("service.economics").joinpath(SHIPPED).read_text(encoding="utf-8")
    layers = [read_prices(shipped, SHIPPED)]
    if operator_file is not None:
        try:
            text = operator_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise PriceBookError(f"{operator_file} cannot be read: {error}.") from error
        layers.insert(0, read_prices(text, str(operator_file)))
    return PriceBook(layers)


def read_prices(text: str, name: str) -> dict[_Key, PriceEntry]:
    """Return the entries of a file; `name` is for errors.

    Raises:
        PriceBookError: It is not TOML, not of the form, or says two things of one model.
    """
    try:
        read = _File.model_validate(tomllib.loads(text, parse_float=Decimal))
    except tomllib.TOMLDecodeError as error:
        raise PriceBookError(f"{name} is not TOML: {error}.") from error
    except ValidationError as error:
        lines = [f"{name}: {_place(problem['loc'])}: {problem['msg']}." for problem in error.errors()]
        raise PriceBookError("\n".join(lines)) from None
    entries: dict[_Key, PriceEntry] = {}
    for entry in (*_listed(read), *_owned(read, name)):
        key = (entry.backend, entry.model, entry.region)
        if key in entries:
            raise PriceBookError(f"{name}: there are two prices of {entry.backend}/{entry.model} in {entry.region}.")
        entries[key] = entry
    return entries


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Listed(_Table):
    backend: _Word
    model: _Word
    regions: Annotated[tuple[_Word, ...], Field(min_length=1)]
    currency: _Currency
    input: _Amount
    cached_input: _Amount
    output: _Amount
    date: date
    source: _Word


class _Machine(_Table):
    currency: _Currency
    purchase_price: _Amount
    years: _Positive
    utilisation: Annotated[Decimal, Field(gt=0, le=1)]
    watts: _Amount
    idle_watts: _Amount = Decimal(0)
    price_per_kwh: _Amount


class _Own(_Table):
    backend: _Word
    model: _Word
    hardware: _Word
    input_tokens_per_s: _Positive
    output_tokens_per_s: _Positive
    date: date


class _File(_Table):
    price: tuple[_Listed, ...] = ()
    hardware: Mapping[str, _Machine] = Field(default_factory=dict)
    own: tuple[_Own, ...] = ()


def _listed(read: _File) -> Iterator[PriceEntry]:
    for row in read.price:
        price = Price(row.currency, float(row.input), float(row.output), float(row.cached_input))
        for region in row.regions:
            yield PriceEntry(row.backend, row.model, region, price, row.date, row.source)


def _owned(read: _File, name: str) -> Iterator[PriceEntry]:
    for row in read.own:
        if row.hardware not in read.hardware:
            raise PriceBookError(
                f"{name}: {row.backend}/{row.model} names hardware.{row.hardware}, which is not there."
            )
        machine = Hardware(**read.hardware[row.hardware].model_dump())
        price = machine.price(input_tokens_per_s=row.input_tokens_per_s, output_tokens_per_s=row.output_tokens_per_s)
        yield PriceEntry(row.backend, row.model, ANY_REGION, price, row.date, f"hardware.{row.hardware}")


def _place(parts: Sequence[int | str]) -> str:
    """Return where in the file something is, e.g. `price[2].output`; rows count from 0."""
    words = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return words.removeprefix(".") or "the file"
