"""The execution settings of Semantic Kernel for any backend's model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from semantic_kernel.connectors.ai.function_choice_type import FunctionChoiceType
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings

from service.backends.base import ChatMessage, GenerationRequest, Guidance, Sampling, ToolSpec
from service.errors import InvalidArgumentError


class GuidanceSetting(BaseModel):
    """A constraint on the answer, as `base.Guidance`."""

    kind: Literal["json_schema", "regex", "lark_grammar"]
    value: str


class GeneratorPromptExecutionSettings(PromptExecutionSettings):
    """What a caller may set; names and ranges are OpenAI's where it has them. `deadline` is on the loop's clock.

    `tenant`, `priority` and `adapter` are those of `base.GenerationRequest`, the other knobs those of `base.Sampling`.

    `response_format` is OpenAI's: `{"type": "text" | "json_object"}` or
    `{"type": "json_schema", "json_schema": {"name": ..., "schema": {...}}}`.
    """

    ai_model_id: Annotated[str | None, Field(serialization_alias="model")] = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    min_p: float | None = None
    repetition_penalty: float | None = None
    presence_penalty: float | None = None
    logit_bias: dict[int, float] | None = None
    logprobs: int | None = None
    guidance: GuidanceSetting | None = None
    response_format: dict[str, Any] | None = None
    deadline: float | None = None
    tenant: str | None = None
    priority: int | None = None
    adapter: str | None = None
    # Semantic Kernel writes these two from `function_choice_behavior`.
    tools: list[dict[str, Any]] | None = None
    tool_choice: FunctionChoiceType | None = None

    @property
    def unknown_keys(self) -> tuple[str, ...]:
        """Return the names of settings that were given and mean nothing to a model."""
        return tuple(sorted(set(self.extension_data) - set(self.keys)))

    def constraint(self) -> Guidance | None:
        """Return the guidance that `guidance` or `response_format` asks for.

        Raises:
            InvalidArgumentError: Both are given, or the response format is not of a known form.
        """
        if self.guidance is not None and self.response_format is not None:
            raise InvalidArgumentError("Give either guidance or response_format, not both.")
        if self.guidance is not None:
            return Guidance(self.guidance.kind, self.guidance.value)
        return constraint_of(self.response_format)

    def request(
        self, messages: Sequence[ChatMessage], max_output_tokens: int, *, streamed: bool = True
    ) -> GenerationRequest:
        """Return what is asked of a generator with these settings.

        Raises:
            InvalidArgumentError: See `constraint`.
        """
        return GenerationRequest(
            messages=messages,
            max_output_tokens=max_output_tokens,
            sampling=Sampling(
                temperature=self.temperature or 0.0,
                top_p=1.0 if self.top_p is None else self.top_p,
                top_k=self.top_k,
                seed=self.seed,
                stop=(self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ()),
                min_p=self.min_p or 0.0,
                repetition_penalty=1.0 if self.repetition_penalty is None else self.repetition_penalty,
                presence_penalty=self.presence_penalty or 0.0,
                logit_bias=tuple((self.logit_bias or {}).items()),
                logprobs=self.logprobs,
            ),
            guidance=self.constraint(),
            tools=tuple(tool_spec(tool) for tool in self.tools or ()),
            tool_choice="none" if self.tool_choice is None else self.tool_choice.value,
            deadline=self.deadline,
            streamed=streamed,
            tenant=self.tenant or "",
            priority=self.priority or 0,
            adapter=self.adapter or "",
        )


def tool_spec(tool: Mapping[str, Any]) -> ToolSpec:
    """Return the tool that Semantic Kernel words in OpenAI's form."""
    function = tool["function"]
    return ToolSpec(function["name"], function["description"], function["parameters"])


def constraint_of(response_format: Mapping[str, Any] | None) -> Guidance | None:
    """Return the guidance that OpenAI's `response_format` asks for.

    Raises:
        InvalidArgumentError: It is not of a known form.
    """
    match response_format:
        case None | {"type": "text"}:
            return None
        case {"type": "json_object"}:
            return Guidance("json_schema", '{"type":"object"}')
        case {"type": "json_schema", "json_schema": {"schema": dict(schema)}}:
            return Guidance("json_schema", json.dumps(schema, ensure_ascii=False))
    raise InvalidArgumentError("response_format must be of type text, json_object or json_schema with a schema.")
