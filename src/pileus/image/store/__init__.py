"""All SQL of image, a module per resource."""
