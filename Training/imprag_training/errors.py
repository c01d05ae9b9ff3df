"""What a command says before it ends with exit code 1."""


class Failure(Exception):
    """Bad input or a bad world: what is wrong, where, and what would be right."""
