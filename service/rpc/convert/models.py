"""Models and their prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from google.type import money_pb2
from vaiven.v1 import generation_pb2, model_pb2

from service.backends.base import ModelCard, Price
from service.economics.money import Money
from service.rpc.convert.values import money_to_proto
from service.runs.names import model_name

_LOCALITIES: Final = {
    "local": generation_pb2.LOCALITY_LOCAL,
    "cloud": generation_pb2.LOCALITY_CLOUD,
}
_STATES: Final = {
    "ready": model_pb2.MODEL_STATE_READY,
    "loading": model_pb2.MODEL_STATE_LOADING,
    "failed": model_pb2.MODEL_STATE_FAILED,
    "unloaded": model_pb2.MODEL_STATE_UNLOADED,
}


def model_to_proto(card: ModelCard) -> model_pb2.Model:
    """Return the facts of a model."""
    return model_pb2.Model(
        name=model_name(card.model_id),
        display_name=card.display_name,
        backend=card.backend,
        locality=_LOCALITIES[card.locality],
        state=_STATES[card.state],
        state_message=card.state_message,
        context_tokens=card.context_tokens,
        max_output_tokens=card.max_output_tokens,
        supports_tools=card.supports_tools,
        supports_json_schema=card.supports_json_schema,
        supports_grammar=card.supports_grammar,
        supports_vision=card.supports_vision,
        price=None if card.price is None else _price_to_proto(card.price),
        precision=card.precision,
        execution_provider=card.execution_provider,
        size_bytes=card.size_bytes,
        license=card.license,
        languages=card.languages,
        supports_logprobs=card.supports_logprobs,
        supports_adapters=card.supports_adapters,
        adapters=card.adapters,
    )


def _price_to_proto(price: Price) -> model_pb2.ModelPrice:
    return model_pb2.ModelPrice(
        input_per_mtok=_amount(price.currency, price.input_per_mtok),
        output_per_mtok=_amount(price.currency, price.output_per_mtok),
        cached_input_per_mtok=_amount(price.currency, price.cached_input_per_mtok),
    )


def _amount(currency: str, amount: float) -> money_pb2.Money:
    # By way of its shortest decimal spelling, so that 0.15 stays 0.15.
    return money_to_proto(Money.from_decimal(currency, Decimal(str(amount))))
