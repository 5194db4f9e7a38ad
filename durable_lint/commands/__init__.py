"""The commands beside ``check``, one module for each group. At import they load no more than click."""
