"""All SQL of network, a module per resource."""
