"""The whole API under requests that no client would send."""
