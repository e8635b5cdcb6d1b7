"""Teachers: whatever turns a list of messages into one completion."""
