"""The processes of a cloud: api.py answers requests, engine.py does the slow work and holds this host's agent."""
