"""Builders of fixes: small edits of the text, found with the help of the libcst tree. ``apply`` puts them together."""
