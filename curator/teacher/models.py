"""The model list of an OpenAI-compatible server (`GET /models`), as far as a teacher needs it."""

from __future__ import annotations

from difflib import get_close_matches

from pydantic import BaseModel, ValidationError

from curator.errors import CuratorError

MAX_NAMED = 8


class _Model(BaseModel):
    id: str
    owned_by: str | None = None


class ModelList(BaseModel):
    """What the server says it serves."""

    data: list[_Model]

    @property
    def of_vllm(self) -> bool:
        """Whether the server is vLLM, which takes request fields that others refuse."""
        return any(model.owned_by == "vllm" for model in self.data)

    @property
    def names(self) -> list[str]:
        """The models' names."""
        return [model.id for model in self.data]

    def require(self, model: str, endpoint: str) -> None:
        """Raise CuratorError, naming the most similar models, unless `model` is listed."""
        names = self.names
        if model in names:
            return
        near = get_close_matches(model, names, n=MAX_NAMED, cutoff=0.0)
        more = f" and {len(names) - len(near)} more" if len(names) > len(near) else ""
        raise CuratorError(
            f"{endpoint} does not serve the model {model!r}",
            hint=f"it serves: {', '.join(near)}{more}" if near else "it serves no model at all",
        )


def read_models(body: bytes) -> ModelList | None:
    """Read the list; None when this is none."""
    try:
        return ModelList.model_validate_json(body)
    except ValidationError:
        return None
