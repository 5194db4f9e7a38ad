"""The precise reader: libcst, for the top-level definitions that the index finds suspect."""
