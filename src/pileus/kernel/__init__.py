"""What every service stands on, and nothing of any service."""
