"""The catalogue of known models: `known_models.toml` beside this module, read when it is asked for."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.backends.onnx.hub import HubPlace
from service.backends.onnx.options import Provider
from service.errors import NotFoundError

LATEST = "main"
"""What is taken of a repository of which no commit is known; it is resolved to one when a model is pulled."""

CATALOGUE = Path(__file__).with_name("known_models.toml")


@dataclass(frozen=True, slots=True)
class KnownBuild:
    """A build for one provider: the folder of a repository at a commit. `revision` empty, `size_bytes` 0: not known."""

    repository: str
    folder: str
    revision: str = ""
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class KnownModel:
    """What is known of a model; what is not known is 0 or empty, never guessed.

    `kv_values_per_token` numbers are kept of each token; `template` names the form of its chats; `source` is where the
    facts are from. `revision` is the commit of the checkpoint.
    """

    model_id: str
    display_name: str
    license: str
    checkpoint: str
    revision: str = ""
    context_tokens: int = 0
    parameters: int = 0
    kv_values_per_token: int = 0
    template: str = ""
    languages: tuple[str, ...] = ()
    gated: bool = False
    builds: Mapping[str, KnownBuild] = field(default_factory=dict)
    source: str = ""

    def place(self, provider: Provider, *, checkpoint: bool) -> HubPlace:
        """Return where its files are for `provider`, or where the checkpoint is from which it can be built.

        Raises:
            NotFoundError: There is no build for the provider.
        """
        if checkpoint:
            return HubPlace(self.checkpoint, self.revision or LATEST, "")
        build = self.builds.get(provider)
        if build is None:
            raise NotFoundError(
                f"No build of {self.model_id} for {provider} is known. Pull its checkpoint and build one with "
                "QuantizeModel."
            )
        return HubPlace(build.repository, build.revision or LATEST, build.folder)

    def words(self) -> dict[str, object]:
        """Return what is written beside the model's files."""
        words: dict[str, object] = {"display_name": self.display_name, "license": self.license}
        return {**words, "languages": list(self.languages)} if self.languages else words

    def need_bytes(self, build: KnownBuild, context_tokens: int) -> int:
        """Return the memory for the weights and one request of `context_tokens` on a CPU; 0: not known."""
        if not build.size_bytes or not self.kv_values_per_token:
            return 0
        return build.size_bytes + context_tokens * self.kv_values_per_token * 4


def known_models() -> dict[str, KnownModel]:
    """Return the known models by id, in the order of the file."""
    tables: dict[str, dict[str, Any]] = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    found = {}
    for model_id, table in tables.items():
        builds = {provider: KnownBuild(**build) for provider, build in table.pop("builds", {}).items()}
        languages = tuple(table.pop("languages", ()))
        found[model_id] = KnownModel(model_id=model_id, languages=languages, builds=builds, **table)
    return found


def known_model(model_id: str) -> KnownModel:
    """Return one known model.

    Raises:
        NotFoundError: There is none of that id.
    """
    models = known_models()
    if model_id not in models:
        raise NotFoundError(f"No model {model_id} is known; known are {', '.join(models)}.")
    return models[model_id]


def known_revision(repository: str) -> str:
    """Return the commit that is known of a repository, as a checkpoint or of builds, or else `LATEST`."""
    for model in known_models().values():
        if model.checkpoint == repository and model.revision:
            return model.revision
        for build in model.builds.values():
            if build.repository == repository and build.revision:
                return build.revision
    return LATEST
