"""All SQL of compute, a module per resource."""
