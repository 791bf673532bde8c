"""The options that every command that starts a run has."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.amounts import money_from_words
from service.cli.exits import USAGE, CommandError
from service.cli.lookup import full_name
from service.cli.names import whole
from service.cli.policy_options import Level, privacy_level
from service.cli.words import read_text

if TYPE_CHECKING:
    from google.type.money_pb2 import Money
    from vaiven.v1.generation_pb2 import GenerationParameters, Locality
    from vaiven.v1.routing_pb2 import RoutingPolicy

    from service.cli.caller import Caller


class Where(StrEnum):
    """Where the model must run."""

    LOCAL = "local"
    CLOUD = "cloud"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run is made; what is not given is left to the service."""

    session: Annotated[str, typer.Option(help="Read and extend this session.", metavar="SESSION")] = ""
    model: Annotated[str, typer.Option(help="Let only this model answer.", metavar="MODEL")] = ""
    where: Annotated[Where | None, typer.Option(help="Where the model must run.", metavar="local|cloud")] = None
    max_output_tokens: Annotated[
        int | None, typer.Option(help="The most tokens of the answer.", metavar="NUMBER", min=1)
    ] = None
    temperature: Annotated[
        float | None, typer.Option(help="How random: 0 is not at all.", metavar="NUMBER", min=0, max=2)
    ] = None
    top_p: Annotated[
        float | None, typer.Option(help="Draw from the likeliest that have this share.", metavar="NUMBER", min=0, max=1)
    ] = None
    top_k: Annotated[
        int | None, typer.Option(help="Draw from this many of the likeliest.", metavar="NUMBER", min=1)
    ] = None
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same answer.", metavar="NUMBER", min=0)] = (
        None
    )
    stop: Annotated[list[str], typer.Option(help="End before this text; may be repeated.", metavar="TEXT")] = field(
        default_factory=list
    )
    min_p: Annotated[
        float | None,
        typer.Option(
            help="Leave out what is less likely than this share of the likeliest.", metavar="NUMBER", min=0, max=1
        ),
    ] = None
    repetition_penalty: Annotated[
        float | None, typer.Option(help="Make what was said rarer: above 1.", metavar="NUMBER", min=0, max=2)
    ] = None
    presence_penalty: Annotated[
        float | None, typer.Option(help="Make what the answer has rarer: above 0.", metavar="NUMBER", min=-2, max=2)
    ] = None
    logit_bias: Annotated[
        list[str],
        typer.Option(help="Make a token of the model likelier, or rarer; may be repeated.", metavar="TOKEN=BIAS"),
    ] = field(default_factory=list)
    logprobs: Annotated[
        int | None,
        typer.Option(help="Tell each token's probability and so many others'.", metavar="NUMBER", min=0, max=20),
    ] = None
    priority: Annotated[
        int | None,
        typer.Option(help="The higher, the sooner, of requests that wait.", metavar="NUMBER", min=-10, max=10),
    ] = None
    schema: Annotated[
        Path | None, typer.Option(help="Hold the answer to the JSON Schema in this file.", metavar="FILE")
    ] = None
    regex: Annotated[str, typer.Option(help="Hold the answer to this regular expression.", metavar="REGEX")] = ""
    grammar: Annotated[
        Path | None, typer.Option(help="Hold the answer to the Lark grammar in this file.", metavar="FILE")
    ] = None
    adapter: Annotated[str, typer.Option(help="Switch on this adapter of the model.", metavar="ADAPTER")] = ""
    privacy: Annotated[
        Level | None, typer.Option(help="Where your words may go.", metavar="any|pseudonymised|local-only")
    ] = None
    max_cost: Annotated[str, typer.Option(help="The most that all of it may cost.", metavar="AMOUNT")] = ""
    max_generation_cost: Annotated[
        str, typer.Option(help="The most that each generation of it may cost.", metavar="AMOUNT")
    ] = ""
    region: Annotated[
        list[str], typer.Option(help="Compute in this region only; may be repeated.", metavar="REGION")
    ] = field(default_factory=list)
    allow_continuation: Annotated[
        bool | None, typer.Option(help="Let another model go on with an answer that broke off.")
    ] = None
    degrade_to_local: Annotated[
        bool | None, typer.Option(help="Let a model answer that budgets can afford, where they are short.")
    ] = None
    keep_running: Annotated[
        bool, typer.Option("--keep-running", help="Let the run go on when this command is interrupted.")
    ] = False

    def session_name(self, caller: Caller) -> str:
        """Return the session's resource name, or nothing.

        Raises:
            CommandError: It cannot be a name, or several sessions are called so.
        """
        return full_name(caller, "sessions", self.session) if self.session else ""

    def model_name(self) -> str:
        """Return the model's resource name, or nothing."""
        return whole("models", self.model) if self.model else ""

    def locality(self) -> Locality.ValueType:
        """Return where the model must run."""
        from vaiven.v1 import generation_pb2

        match self.where:
            case Where.LOCAL:
                return generation_pb2.LOCALITY_LOCAL
            case Where.CLOUD:
                return generation_pb2.LOCALITY_CLOUD
            case None:
                return generation_pb2.LOCALITY_UNSPECIFIED

    def most(self) -> Money | None:
        """Return the most that the run may cost, None where that is not said.

        Raises:
            CommandError: The amount is none.
        """
        return money_from_words(self.max_cost, "--max-cost") if self.max_cost else None

    def policy(self) -> RoutingPolicy:
        """Return the further limits that were given.

        Raises:
            CommandError: The amount is none.
        """
        from vaiven.v1.routing_pb2 import RoutingPolicy

        each = self.max_generation_cost
        return RoutingPolicy(
            privacy=privacy_level(self.privacy),
            max_cost=money_from_words(each, "--max-generation-cost") if each else None,
            regions=self.region,
            allow_continuation=self.allow_continuation,
            degrade_to_local=self.degrade_to_local,
        )

    def generation(self) -> GenerationParameters:
        """Return the parameters that were given.

        Raises:
            CommandError: They contradict each other, or a file cannot be read.
        """
        from vaiven.v1.generation_pb2 import GenerationParameters

        if sum(map(bool, (self.schema, self.regex, self.grammar))) > 1:
            raise CommandError("Give one of --schema, --regex and --grammar.", exit_code=USAGE)
        found = GenerationParameters(
            max_output_tokens=self.max_output_tokens,
            temperature=self.temperature,
            top_p=self.top_p,
            top_k=self.top_k,
            seed=self.seed,
            stop=self.stop,
            min_p=self.min_p,
            repetition_penalty=self.repetition_penalty,
            presence_penalty=self.presence_penalty,
            logit_bias=dict(_bias(words) for words in self.logit_bias),
            logprobs=self.logprobs,
            priority=self.priority,
            adapter=self.adapter or None,
        )
        # An empty one would be a choice too.
        if self.schema is not None:
            found.json_schema = read_text(str(self.schema))
        elif self.grammar is not None:
            found.lark_grammar = read_text(str(self.grammar))
        elif self.regex:
            found.regex = self.regex
        return found


def _bias(words: str) -> tuple[int, float]:
    token, _, bias = words.partition("=")
    try:
        return int(token), float(bias)
    except ValueError as error:
        raise CommandError(f"--logit-bias {words} is not TOKEN=BIAS, e.g. 42=-100.", exit_code=USAGE) from error


def new_request_id() -> str:
    """Return an id that makes a call repeatable."""
    return str(uuid.uuid4())
