"""Recorded answers of Argo Events, case by case, against ours: `python -m tests.oracle DIR`."""


class NotBuilt(Exception):
    """This case needs something that eventyard knows of but does not offer yet."""
