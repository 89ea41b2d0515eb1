"""Identity's SQL, a module per part of the model."""
