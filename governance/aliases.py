"""What a name that points to a version may be, and what it takes to move one."""

from __future__ import annotations

from data.failures import UserMistake
from governance import tables


def check(reference: str, alias: str, reason: str) -> None:
    """Refuse an alias that is none, and a promotion without a reason.

    Parameters
    ----------
    reference : str
        The version that is to have the alias, for the sentence.

    Raises
    ------
    UserMistake
        If the alias is not a word of up to 80 lower-case letters, digits, ``_`` and ``-`` that begins with a letter,
        or the reason is blank.
    """
    plain = alias.replace("_", "").replace("-", "")
    if not (plain.isascii() and plain.isalnum() and plain.islower() and alias[0].isalpha()):
        raise UserMistake(
            f"{alias!r} cannot be an alias. Use lower-case letters, as in champion or candidate."
        )
    longest = tables.ALIAS_LENGTH
    if len(alias) > longest:
        raise UserMistake(
            f"{alias[:20]}… cannot be an alias: it has {len(alias)} letters, of {longest} at most."
        )
    if not reason.strip():
        raise UserMistake(
            f"The audit log keeps why {reference} became {alias}. Give a reason, as in "
            "--reason 'fewer mistakes on large flowers'."
        )
