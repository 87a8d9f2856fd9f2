"""Names, numbers and places out of messages: the one stage without which nothing sees a message.

Owns which names are known, how they are written, and by what they are replaced. Promises that no later step
meets a name.
May import `messages` and `storage`.
"""

from egregora_core.privacy._leaks import name_finder
from egregora_core.privacy._name_words import NameWords, name_words, stored_name_words
from egregora_core.privacy._names import KnownName, known_names, names_of, ordinary_names
from egregora_core.privacy._occurring import are_many
from egregora_core.privacy._pseudonym_words import two_words, without_two_words
from egregora_core.privacy._pseudonyms import Register
from egregora_core.privacy._scrubbing import without_names
from egregora_core.privacy._stage import occurring_names

__all__ = [
    "KnownName",
    "NameWords",
    "Register",
    "are_many",
    "known_names",
    "name_finder",
    "name_words",
    "names_of",
    "occurring_names",
    "ordinary_names",
    "stored_name_words",
    "two_words",
    "without_names",
    "without_two_words",
]
