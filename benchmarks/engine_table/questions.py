"""The questions that are asked: chosen from the corpus itself, so that any text will do; the same for the same text."""
import collections
import random
import re
from dataclasses import dataclass, field

from . import yardstick

SAMPLED = 20_000  # lines of each file
COMMON_SHARE = 0.06  # of the lines; near what "error" has in real logs
FREQUENT_SHARE = 0.4  # near what "info" has
TRIED_RARE = 60
WORD = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z]{4,}(?![A-Za-z0-9_])")
NUMBER = re.compile(r"(?<![A-Za-z0-9_])[0-9]{6,12}(?![A-Za-z0-9_])")
ADDRESS = re.compile(r"(?<![0-9A-Za-z_.])\d{1,3}(?:\.\d{1,3}){3}(?![0-9A-Za-z_.])")


@dataclass
class Question:
    name: str
    figure: str  # the row of the table that it belongs to, if any
    query: str  # in our language
    logsql: str  # and in that of VictoriaLogs
    rg: list  # arguments of the yardstick
    count: int = None  # lines that have it, by rg
    newest: int = 0  # not a count but so many newest lines
    times: dict = field(default_factory=dict)


def sample(corpus):
    """Of each file so many lines, evenly over it."""
    files = []
    for path in corpus.files:
        of_file = path.read_bytes().split(b"\n")
        step = max(1, len(of_file) // SAMPLED)
        files.append([line.decode("utf-8", "replace") for line in of_file[::step]])
    return files


def word_shares(lines):
    shares = collections.Counter()
    for line in lines:
        shares.update({word.lower() for word in WORD.findall(line)})
    return {word: count / len(lines) for word, count in shares.items()}


def pick_common(files, shares, wanted):
    """A word of about that share of the lines; of those, one that most of the files have."""
    spread = collections.Counter(word for lines in files for word in word_shares(lines))
    near = [word for word in shares if wanted / 2 <= shares[word] <= wanted * 2] or list(shares)
    return min(near, key=lambda word: (-spread[word], abs(shares[word] - wanted), word))


def pick_second(shares, lines, common):
    """Another common word that some lines with the first have, but not most."""
    together, of_common = collections.Counter(), 0
    for line in lines:
        words = {word.lower() for word in WORD.findall(line)}
        if common in words:
            of_common += 1
            together.update(words)
    del together[common]
    return min(together or shares, key=lambda word: (abs(together[word] / max(1, of_common) - 0.3), -shares[word], word))


def pick_rare(lines, corpus):
    candidates = sorted({number for line in lines for number in NUMBER.findall(line)})
    random.Random(7).shuffle(candidates)
    best, fewest = None, None
    for word in candidates[:TRIED_RARE]:
        count = yardstick.run_rg(yardstick.exact_word(word), corpus)[2]
        if fewest is None or 0 < count < fewest:
            best, fewest = word, count
        if fewest <= 3:
            break
    return best or "1234567"


def pick_address(lines):
    counts = collections.Counter(address for line in lines for address in ADDRESS.findall(line))
    ranked = sorted(counts, key=lambda address: (counts[address], address))
    return ranked[len(ranked) // 2] if ranked else "10.250.10.6"


def spelling(word, lines):
    """The word as most lines write it: regular expressions mind the case."""
    counts = collections.Counter(found for line in lines for found in WORD.findall(line) if found.lower() == word)
    return counts.most_common(1)[0][0]


def choose(corpus):
    files = sample(corpus)
    lines = [line for of_file in files for line in of_file]
    shares = word_shares(lines)
    common = pick_common(files, shares, COMMON_SHARE)
    second = pick_second(shares, lines, common)
    rare = pick_rare(lines, corpus)
    address = pick_address(lines)
    long_words = [word for word in shares if len(word) >= 8]
    inner = min(long_words or [common], key=lambda word: (abs(shares[word] - COMMON_SHARE), word))[2:-2]
    digits = rare[1:-1]
    literal = spelling(second, lines) + r".*[0-9]{3}7"
    bare = r"[a-z]{3}[^a-z0-9][0-9]{2}[02468]"

    def word(name, figure, text, newest=0):
        query = text if text.isalnum() else f'"{text}"'
        return Question(name, figure, query, f"i({query})", ["-i", "-w", "-F", "-e", text], newest=newest)

    asked = [
        word("rare word", "rare", rare),
        word("address", "", address),
        word("common word", "common", common),
        word("frequent word", "common", pick_common(files, shares, FREQUENT_SHARE)),
        Question("two words", "common", f"{common} {second}", f"i({common}) i({second})",
                 ["-i", "-w", "-F", "-e", common]),
        word("nowhere", "nowhere", "zzyzxnowhere"),
        word("nowhere, a number", "nowhere", "70707071717"),
        word("newest 1000", "newest", common, newest=1000),
        Question("part of a word", "substring", f"*{inner}*", f'~"(?i){inner}"', ["-i", "-F", "-e", inner]),
        Question("part of a number", "substring", f"*{digits}*", f'~"{digits}"', ["-i", "-F", "-e", digits]),
        Question("regex, literal", "regex", f"/{literal}/", f'~"{literal}"', ["-e", literal]),
        Question("regex, none", "regex_bare", f"/{bare}/", f'~"{bare}"', ["-e", bare]),
    ]
    for question in asked:
        if question.name == "two words":
            question.count = yardstick.count_both(common, second, corpus)
        elif "-w" in question.rg:
            question.count = yardstick.run_rg(yardstick.exact_word(question.rg[-1]), corpus)[2]
        else:
            question.count = yardstick.run_rg(question.rg, corpus)[2]
    return asked
