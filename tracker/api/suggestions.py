"""The nearest right word to a wrong one."""

import difflib
from collections.abc import Iterable

from django.utils.translation import gettext as _


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """“ Did you mean “country”?” to stand after a sentence; empty where nothing is near."""
    by_lower = {each.lower(): each for each in known}
    near = difflib.get_close_matches(word.lower()[:100], by_lower, n=1, cutoff=0.5)
    return " " + _("Did you mean “%(word)s”?") % {"word": by_lower[near[0]]} if near else ""


def shown(text: object) -> str:
    """A client's text as a message may repeat it: short and printable."""
    return "".join(c if c.isprintable() else "�" for c in str(text)[:60])
