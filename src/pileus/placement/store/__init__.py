"""All SQL of placement, a module per resource."""
