"""The service's settings, by area: frozen, each with its default and description. `settings_sources` reads them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from planners.facts import DEADLINE_S
from planners.loop_limits import LoopLimits
from planners.plan import MAX_STEPS
from planners.plan_findings import PlanLimits
from service.backends.onnx.options import OnnxEngineOptions
from service.knowledge.chunks import ChunkLimits
from service.knowledge.limits import KnowledgeLimits
from service.settings_auth import AuthSettings
from service.settings_cloud import (
    AzureOpenAISettings,
    CloudDeployment,
    FoundrySettings,
    HuggingFaceSettings,
    OpenAISettings,
    repeated,
)
from service.settings_models import ModelsSettings, data_directory
from service.settings_plugins import PluginsSettings
from service.settings_privacy import PrivacySettings
from service.settings_routing import RoutingSettings

ENV_PREFIX: Final = "VAIVEN_"
ENV_DELIMITER: Final = "__"

_ENGINE: Final = OnnxEngineOptions()
_LIBRARY: Final = KnowledgeLimits()
_PLAN: Final = PlanLimits()
_LOOP: Final = LoopLimits()

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]


def embedded_model() -> Path:
    """Return the directory of the model that ships with vaiven."""
    return Path(__file__).resolve().parent.parent / "models" / "colibri" / "weights"


def inherited_environment() -> dict[str, str]:
    """Return this process's environment, for the processes that it starts."""
    return dict(os.environ)


class _Area(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServerSettings(_Area):
    """The gRPC port."""

    address: str = Field(
        default="127.0.0.1:50051", description="Where to listen: `host:port` (port 0: any) or `unix:PATH`."
    )
    tls_certificate: Path | None = Field(
        default=None, description="PEM file of the certificate chain; needs `tls_key`."
    )
    tls_key: Path | None = Field(default=None, description="PEM file of the private key; needs `tls_certificate`.")
    reuse_port: bool = Field(
        default=False, description="Whether further processes of this user may listen on the same port."
    )
    reflection: bool = Field(default=False, description="Whether clients may ask which services there are.")
    max_message_bytes: Count = Field(default=16 * 1024 * 1024, description="The largest message in either direction.")
    max_concurrent_streams: Count = Field(default=128, description="Calls at once on one connection.")
    max_concurrent_rpcs: Count = Field(default=512, description="Calls at once in all; one more is refused.")
    default_deadline_s: Seconds = Field(
        default=300.0, description="Deadline in seconds of a call whose client set none."
    )
    max_deadline_s: Seconds = Field(
        default=3600.0, description="The longest deadline in seconds; a longer one is cut to it."
    )
    keepalive_time_s: Seconds = Field(default=60.0, description="Seconds of silence after which a client is probed.")
    keepalive_timeout_s: Seconds = Field(default=20.0, description="Seconds that a probed client has to answer.")
    connection_age_s: Seconds = Field(
        default=1800.0, description="Age in seconds at which a connection takes no new calls."
    )
    connection_idle_s: Seconds = Field(
        default=300.0, description="Seconds without a call after which a connection is closed."
    )
    drain_grace_s: Annotated[float, Field(ge=0)] = Field(
        default=20.0, description="Seconds that running runs have to finish when the service is told to stop."
    )

    @model_validator(mode="after")
    def _check(self) -> ServerSettings:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key belong together: set both or neither")
        if self.default_deadline_s > self.max_deadline_s:
            raise ValueError("default_deadline_s must not be above max_deadline_s")
        return self


class SidePortSettings(_Area):
    """The HTTP port for probes and metrics."""

    port: Annotated[int, Field(ge=0, le=65535)] | None = Field(
        default=None,
        description="Port of `/livez`, `/readyz` and `/metrics` (0: any free one); not set: none is opened.",
    )
    host: str = Field(
        default="127.0.0.1", description="Address of that port; it has no credentials, so keep it inside."
    )


class StoreSettings(_Area):
    """Where runs, sessions, documents and tickets are kept."""

    path: Path = Field(
        default_factory=lambda: data_directory() / "vaiven.db", description="The SQLite file; made where it is missing."
    )
    shared: bool = Field(
        default=True, description="Whether further processes of this machine may have it open at the same time."
    )
    reader_threads: Annotated[int, Field(ge=1, le=64)] = Field(default=4, description="Threads that read the store.")
    write_capacity: Count = Field(
        default=1024, description="Writes that may wait for the disk before further ones queue up."
    )


class RunsSettings(_Area):
    """The runs of agents."""

    max_concurrent: Count = Field(default=64, description="Runs at once; one more is refused with a time to try again.")
    max_duration_s: Seconds = Field(
        default=600.0, description="The longest a run may take in seconds, whatever its deadline."
    )


class PlanningSettings(_Area):
    """How requests become calls, and what a plan may take."""

    default: Literal["direct", "auto"] = Field(
        default="direct",
        description="What a request gets that does not say: one `direct` call, or what functions and model lead to.",
    )
    max_steps: Annotated[int, Field(ge=1, le=MAX_STEPS)] = Field(
        default=_PLAN.max_steps, description="The most steps of a plan."
    )
    max_duration_s: Seconds | None = Field(
        default=None,
        description="The longest in seconds that a plan may come to, waiting for people not counted; not set: any.",
    )
    max_parallel: Count = Field(default=_PLAN.max_parallel, description="Steps of one plan at the same time.")
    max_attempts: Count = Field(
        default=_PLAN.max_attempts, description="How often a step is called that fails and may be called again."
    )
    step_deadline_s: Seconds = Field(
        default=DEADLINE_S, description="Seconds that a step may take where the plan does not say."
    )
    max_turns: Count = Field(default=_LOOP.max_turns, description="Turns of a loop of calls; in the last it answers.")
    max_calls: Count = Field(default=_LOOP.max_calls, description="Calls of a loop.")
    max_loop_s: Seconds = Field(
        default=_LOOP.max_s, description="Seconds that a loop may take, waiting for people not counted."
    )

    def loop_limits(self) -> LoopLimits:
        """Return what a loop of calls may take."""
        return LoopLimits(max_turns=self.max_turns, max_calls=self.max_calls, max_s=self.max_loop_s)

    def limits(self) -> PlanLimits:
        """Return what a plan may take."""
        return PlanLimits(
            max_steps=self.max_steps,
            max_s=self.max_duration_s,
            max_parallel=self.max_parallel,
            max_attempts=self.max_attempts,
        )


class OnnxSettings(_Area):
    """Local models on onnxruntime-genai."""

    embedded: bool = Field(default=True, description="Whether the model that ships with vaiven is served.")
    models: dict[str, Path] = Field(
        default_factory=dict, description="Further models: an id for each directory that the genai builder made."
    )
    provider: Literal["cpu", "cuda", "directml"] = Field(
        default=_ENGINE.provider,
        description="Where models run; one that does not load is an error, never replaced by another.",
    )
    engine: Literal["auto", "batched", "paged", "genai"] = Field(
        default=_ENGINE.engine,
        description="What runs models: batched or paged (all in each step), genai (in turn); auto: the first that can.",
    )
    intra_op_threads: Annotated[int, Field(ge=0)] = Field(
        default=_ENGINE.intra_op_threads,
        description="Threads of one decoding step; 0: one for a small model, else the physical cores, at most 4.",
    )
    allow_spinning: bool = Field(
        default=_ENGINE.allow_spinning,
        description="Whether idle threads burn CPU while they wait; only on a machine of its own.",
    )
    max_active: Count = Field(default=_ENGINE.max_active, description="Requests that a model decodes at the same time.")
    max_queued: Annotated[int, Field(ge=0)] = Field(
        default=_ENGINE.max_queued, description="Requests that wait for a model before refusal."
    )
    max_queued_tokens: Count = Field(
        default=_ENGINE.max_queued_tokens,
        description="Tokens of prompts and longest answers that wait for a model before refusal (batched engine).",
    )
    prefill_chunk_tokens: Count = Field(
        default=_ENGINE.prefill_chunk_tokens, description="Prompt tokens computed between looks at other requests."
    )
    flush_interval_s: Annotated[float, Field(ge=0)] = Field(
        default=_ENGINE.flush_interval_s, description="Least seconds between two sendings of one request's text."
    )
    idle_generators: Annotated[int, Field(ge=0)] = Field(
        default=_ENGINE.idle_generators,
        description="Finished generators that genai keeps for prompts that begin alike.",
    )
    kv_memory_bytes: Count = Field(
        default=_ENGINE.kv_memory_bytes, description="Bytes of key-value memory of a model's requests."
    )
    prefix_memory_bytes: Annotated[int, Field(ge=0)] = Field(
        default=_ENGINE.prefix_memory_bytes,
        description="Bytes of it that keep prompts and answers for requests that begin alike (batched engine).",
    )
    adapter_memory_bytes: Annotated[int, Field(ge=0)] = Field(
        default=_ENGINE.adapter_memory_bytes,
        description="Bytes of the adapters that are loaded beside a model that was made ready for some.",
    )
    adapters: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Adapters that are loaded with a model, by its id."
    )
    speculate: bool = Field(
        default=_ENGINE.speculate,
        description="Whether the tokens of a lone greedy answer are guessed and then checked (batched engine).",
    )
    context_tokens: Annotated[int, Field(ge=0)] = Field(
        default=_ENGINE.context_tokens, description="Lowers a model's own context; 0 keeps it."
    )
    allow_unverified: bool = Field(
        default=_ENGINE.allow_unverified, description="Whether a model without a SHA256SUMS file is loaded."
    )
    load_timeout_s: Seconds = Field(
        default=_ENGINE.load_timeout_s, description="Seconds that loading a model may take."
    )
    ready_timeout_s: Annotated[float, Field(ge=0)] = Field(
        default=_ENGINE.ready_timeout_s, description="Seconds that a request waits for a worker that starts."
    )
    close_timeout_s: Annotated[float, Field(ge=0)] = Field(
        default=_ENGINE.close_timeout_s, description="Seconds that a worker may take to end before it is killed."
    )
    max_restarts: Annotated[int, Field(ge=0)] = Field(
        default=_ENGINE.max_restarts, description="Crashes in a row that make a model failed."
    )
    restart_backoff_s: Annotated[float, Field(ge=0.001)] = Field(
        default=_ENGINE.restart_backoff_s, description="Seconds before a worker's first restart; doubled each time."
    )
    restart_backoff_max_s: Seconds = Field(
        default=_ENGINE.restart_backoff_max_s, description="The longest pause in seconds before a restart."
    )

    def options(self) -> OnnxEngineOptions:
        """Return what the engine takes."""
        return OnnxEngineOptions(**self.model_dump(exclude={"embedded", "models", "adapters"}))

    @model_validator(mode="after")
    def _check(self) -> OnnxSettings:
        self.options()
        return self


class EconomicsSettings(_Area):
    """Prices."""

    price_book: Path | None = Field(
        default=None, description="A file of your own prices, which go before those that ship with vaiven."
    )


class KnowledgeSettings(_Area):
    """Documents and the search in them."""

    max_file_bytes: Count = Field(default=_LIBRARY.max_file_bytes, description="The largest file that is ingested.")
    max_pages: Count = Field(default=_LIBRARY.max_pages, description="The most pages of a PDF.")
    max_text_chars: Count = Field(
        default=_LIBRARY.max_text_chars, description="The most characters of text in one file."
    )
    max_passages: Count = Field(default=_LIBRARY.max_passages, description="The most passages of one file.")
    parse_timeout_s: Seconds = Field(
        default=_LIBRARY.parse_timeout_s, description="Seconds that reading one file may take."
    )
    parse_memory_bytes: Count = Field(
        default=_LIBRARY.parse_memory_bytes, description="Memory of the process that reads files (Linux only)."
    )
    parallel_parses: Count = Field(
        default=_LIBRARY.parallel_parses, description="Files that are read at the same time."
    )
    max_results: Count = Field(default=_LIBRARY.max_results, description="The most passages that one search returns.")
    passage_target_words: Count = Field(
        default=_LIBRARY.chunk.target_words, description="Words at which a passage may end."
    )
    passage_max_words: Count = Field(default=_LIBRARY.chunk.max_words, description="The most words of a passage.")
    passage_max_chars: Count = Field(default=_LIBRARY.chunk.max_chars, description="The most characters of a passage.")

    def limits(self) -> KnowledgeLimits:
        """Return what the library takes."""
        chunk = ChunkLimits(self.passage_target_words, self.passage_max_words, self.passage_max_chars)
        passage = {"passage_target_words", "passage_max_words", "passage_max_chars"}
        return KnowledgeLimits(**self.model_dump(exclude=passage), chunk=chunk)


class LoggingSettings(_Area):
    """What the service writes to its error output."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least level that is written."
    )
    format: Literal["auto", "json", "console"] = Field(
        default="auto",
        description="`json`: one object a line; `console`: for eyes; `auto`: console on a terminal, else json.",
    )


class Settings(BaseSettings):
    """All settings; read them with `service.settings_sources.load_settings`."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=ENV_PREFIX,
        env_nested_delimiter=ENV_DELIMITER,
    )

    server: ServerSettings = Field(default_factory=ServerSettings, description="The gRPC port.")
    auth: AuthSettings = Field(default_factory=AuthSettings, description="Who may call.")
    side_port: SidePortSettings = Field(default_factory=SidePortSettings, description="The HTTP port.")
    store: StoreSettings = Field(default_factory=StoreSettings, description="The store.")
    runs: RunsSettings = Field(default_factory=RunsSettings, description="Runs.")
    planning: PlanningSettings = Field(default_factory=PlanningSettings, description="Plans.")
    onnx: OnnxSettings = Field(default_factory=OnnxSettings, description="Local models.")
    models: ModelsSettings = Field(default_factory=ModelsSettings, description="Models kept on this machine.")
    azure_openai: AzureOpenAISettings = Field(default_factory=AzureOpenAISettings, description="Azure OpenAI.")
    openai: OpenAISettings = Field(default_factory=OpenAISettings, description="OpenAI's protocol.")
    huggingface: HuggingFaceSettings = Field(default_factory=HuggingFaceSettings, description="Hugging Face.")
    foundry: FoundrySettings = Field(default_factory=FoundrySettings, description="Azure AI Foundry.")
    routing: RoutingSettings = Field(default_factory=RoutingSettings, description="Which model answers.")
    privacy: PrivacySettings = Field(default_factory=PrivacySettings, description="Personal data.")
    economics: EconomicsSettings = Field(default_factory=EconomicsSettings, description="Prices.")
    knowledge: KnowledgeSettings = Field(default_factory=KnowledgeSettings, description="Documents.")
    plugins: PluginsSettings = Field(default_factory=PluginsSettings, description="Plugins.")
    logging: LoggingSettings = Field(default_factory=LoggingSettings, description="The log.")

    def cloud(self) -> Iterator[CloudDeployment]:
        """Iterate over all deployments that are called over the network, in the order of the areas."""
        yield from self.azure_openai.deployments
        yield from self.openai.deployments
        yield from self.huggingface.deployments
        yield from self.foundry.deployments

    @model_validator(mode="after")
    def _check(self) -> Settings:
        if twice := repeated(self.cloud()):
            raise ValueError(f"two deployments are called {twice}: give one of them another deployment_id")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take only what is handed in, so that a `Settings()` in a test depends on nothing."""
        return (init_settings,)
