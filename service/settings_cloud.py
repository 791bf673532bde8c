"""The settings of models over the network: one list of deployments for each provider."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from service.backends.azure_openai.options import AzureOpenAIOptions
from service.backends.foundry.options import FoundryOptions
from service.backends.huggingface.options import HuggingFaceOptions
from service.backends.openai.options import OpenAIOptions
from service.economics.price_book import GLOBAL

QualityTier: TypeAlias = Literal["basic", "standard", "high"]
"""How good a model's answers are, in its operator's judgement."""


class _Placement(BaseModel):
    """What routing has to know of a deployment, and the wire client not."""

    deployment_id: Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9._-]{0,62})?$")] = Field(
        default="", description="The deployment's id, unique in the service; not set: `model_id`."
    )
    region: str = Field(
        default=GLOBAL, min_length=1, description="Where it computes, by the price book's and policies' name."
    )
    price_model: str = Field(
        default="",
        description="The model's name in the price book; not set: the provider's name for it (Azure: `model_id`).",
    )
    quality: QualityTier = Field(default="standard", description="How good its answers are.")
    weight: Annotated[float, Field(gt=0, le=1000)] = Field(
        default=1.0, description="Its share of the work, relative to other deployments of the same model."
    )

    requests_per_minute: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="The most requests a minute; not set: what its answers tell."
    )
    tokens_per_minute: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="The most tokens of prompts and answers a minute; not set: what its answers tell."
    )

    def placed_id(self, model_id: str) -> str:
        """Return the deployment's id."""
        return self.deployment_id or model_id


class AzureOpenAIDeployment(AzureOpenAIOptions, _Placement):
    """A deployment at Azure OpenAI."""


class OpenAIDeployment(OpenAIOptions, _Placement):
    """A model at OpenAI, or at a server that speaks its protocol."""


class HuggingFaceDeployment(HuggingFaceOptions, _Placement):
    """A model behind Hugging Face's software."""


class FoundryDeployment(FoundryOptions, _Placement):
    """A deployment at Azure AI Foundry."""


CloudDeployment: TypeAlias = AzureOpenAIDeployment | OpenAIDeployment | HuggingFaceDeployment | FoundryDeployment


class _Area(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AzureOpenAISettings(_Area):
    """Azure OpenAI."""

    deployments: tuple[AzureOpenAIDeployment, ...] = Field(default=(), description="Deployments at Azure OpenAI.")


class OpenAISettings(_Area):
    """OpenAI's protocol."""

    deployments: tuple[OpenAIDeployment, ...] = Field(
        default=(), description="Models at OpenAI, and at servers that speak its protocol."
    )


class HuggingFaceSettings(_Area):
    """Hugging Face's software."""

    deployments: tuple[HuggingFaceDeployment, ...] = Field(
        default=(), description="Models behind Inference Providers, text-generation-inference or vLLM."
    )


class FoundrySettings(_Area):
    """Azure AI Foundry."""

    deployments: tuple[FoundryDeployment, ...] = Field(default=(), description="Deployments at Azure AI Foundry.")


def repeated(deployments: Iterator[CloudDeployment]) -> str:
    """Return a deployment's id that is there twice, or an empty string."""
    seen: set[str] = set()
    for deployment in deployments:
        placed = deployment.placed_id(deployment.model_id)
        if placed in seen:
            return placed
        seen.add(placed)
    return ""
