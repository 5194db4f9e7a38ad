"""The cheap reader: standard library ``ast`` to small facts without nodes, linked over the whole project."""
