"""How hard a text is to read: the Flesch-Kincaid grade, the years of school somebody needs to read it at ease."""

import re
from collections.abc import Iterable

# A silent end of a word, and words that the groups of vowels tell wrong.
_ENDS = re.compile(r"(?:[^laeiouycsgzx]es|les|[^aeiouytd]ed|[^aeiouyl]e)$")
_KNOWN = {
    **{"are": 1, "one": 1, "whole": 1, "people": 2, "something": 2, "area": 3, "areas": 3, "earlier": 3},
    **{"everything": 3, "compliant": 3, "compliance": 3, "requirement": 3, "requirements": 3, "statement": 2},
}


def syllables(word: str) -> int:
    """The syllables of an English word, by its groups of vowels; a number is one."""
    word = word.lower().strip("’'")
    if not word or not word[0].isalpha():
        return 1
    word = word.removesuffix("’s")
    if word in _KNOWN:
        return _KNOWN[word]
    if len(word) > 3:
        word = _ENDS.sub(lambda found: found[0][0], word)
    groups = len(re.findall(r"[aeiouy]+", word))
    groups += len(re.findall(r"(?:ia(?!l|n)|io(?!n|u)|eo|ua(?!l)|[^q]uo|ying)", word))
    return max(1, groups)


def grade(sentences: Iterable[str]) -> float:
    """The grade of a text given in sentences or paragraphs."""
    count, words, beats = 0, 0, 0
    for sentence in sentences:
        for part in re.split(r"(?<=[.:;?!])\s+", sentence):
            found = re.findall(r"[\w’'.]*\w", part)
            if found:
                count, words = count + 1, words + len(found)
                beats += sum(syllables(one) for word in found for one in word.split("-"))
    return 0.39 * words / count + 11.8 * beats / words - 15.59
