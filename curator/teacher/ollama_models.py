"""What an Ollama server says of its models: `POST /api/show` of one, `GET /api/tags` of all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError


class ModelCard(BaseModel):
    """One model, as far as a teacher needs it. Servers before 0.6.4 tell no capabilities."""

    capabilities: list[str] | None = None
    model_info: Mapping[str, Any] | None = None

    @property
    def thinks(self) -> bool:
        """Whether the model puts its reasoning into a field of its own when asked to."""
        return "thinking" in (self.capabilities or ())

    @property
    def chats(self) -> bool:
        """Whether the model writes text; what cannot be told is taken for yes."""
        return self.capabilities is None or "completion" in self.capabilities

    @property
    def context_length(self) -> int | None:
        """Most tokens of prompt and completion together, as the model was trained; None when it is not said."""
        info = self.model_info or {}
        length = info.get(f"{info.get('general.architecture')}.context_length")
        return length if isinstance(length, int) and length > 0 else None


class _Tag(BaseModel):
    name: str


class _Tags(BaseModel):
    models: list[_Tag] | None = None


def read_card(body: bytes) -> ModelCard | None:
    """Read the reply of `/api/show`; None when it is none."""
    try:
        return ModelCard.model_validate_json(body)
    except ValidationError:
        return None


def read_names(body: bytes) -> list[str] | None:
    """Read the names out of the reply of `/api/tags`; None when it is none."""
    try:
        return [tag.name for tag in _Tags.model_validate_json(body).models or ()]
    except ValidationError:
        return None
