"""Making forms at the desk."""
