"""How the name of an artifact or of a stage is spelled in a file's name and an address, and how it is read again.

Names have letters, digits, `-`, `_`, and the three characters below, which a file's name or an address cannot have
everywhere. What stands for them is in no name, so each spelling is of one name.
"""

from typing import Final

_NAME: Final = ":/."
_SPELLED: Final = "=~,"
_spell: Final = str.maketrans(_NAME, _SPELLED)
_read: Final = str.maketrans(_SPELLED, _NAME)
LONGEST: Final = 200
"""The characters of a name that still has files of its own: a file's name has 255 bytes, of which some are endings."""


def spelled(name: str) -> str:
    """The name, as files and addresses have it.

    >>> spelled("models/v1.2:churn")
    'models~v1,2=churn'
    """
    return name.translate(_spell)


def name_of(spelling: str) -> str:
    """The name that a spelling is of.

    >>> name_of("models~v1,2=churn")
    'models/v1.2:churn'
    """
    return spelling.translate(_read)
