"""The models that can answer, for those who ask which there are."""

from __future__ import annotations

from service.backends.base import ModelCard
from service.routing.plan import RoutingPlans
from service.runs.listing import page_by_name
from service.runs.names import id_in
from service.runs.spec import Page, Principal


class ModelDirectory:
    """Shows the models that routing chooses from; see `service.rpc.ports.Models`."""

    def __init__(self, plans: RoutingPlans) -> None:
        """Show the models of the plan that is in force."""
        self._plans = plans

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[ModelCard]:
        """Return a page of the models, by name."""
        cards = self._plans.now.candidates.cards()
        return page_by_name(cards, lambda card: card.model_id, "models", page_size, page_token)

    async def get(self, principal: Principal, name: str) -> ModelCard:
        """Return one model.

        Raises:
            NotFoundError: There is none of that name.
        """
        return self._plans.now.candidates.get(id_in(name, "models")).shown
