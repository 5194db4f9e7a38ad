"""The texts of the stress project."""
