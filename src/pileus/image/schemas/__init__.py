"""The JSON schemas that clients can fetch, which are also what bodies are held against."""
