"""An exported dataset → LoRA adapter → merged model, and the loss of a model on a dataset. Knows `schemas` only."""
