"""An exported dataset → LoRA adapter → merged model. Knows `schemas` only; not part of this version yet."""
