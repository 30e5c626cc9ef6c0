"""The tokenizer against the PyPI package `tokenizers`: tokenizer_test.py TOKENIZE TOKENIZER.json

1,000 seeded lines, then single characters.
"""

import json
import random
import subprocess
import sys
import unicodedata

import tokenizers

SEED = 20261123
ALPHABETS = {
    "chinese": "我们在北京大学学习汉语。今天天气很好，他太累了！㐀㿿𠀀𪜀豈",
    "japanese": "ひらがなカタカナ漢字、東京タワーへ行きました。ガギグ゛ﾊﾟ",
    "korean": "한국어형태소분석기가나다라마바사",
    "accents": "àéîõüñçşğžẞßøłđĳœÆÀÉÎÕÜÑÇŞĞŽØŁĐĲŒİıǅǄﬁﬃ",
    "greek": "Σίσυφος ΣΊΣΥΦΟΣ ὈΔΥΣΣΕΎΣ ἀρχή ΐΰ",
    "cyrillic": "Съешь же ещё этих мягких французских булок ЙЁЇ",
    "arabic": "اَلْعَرَبِيَّةُ السلام عليكم؟ ١٢٣",
    "hebrew": "שָׁלוֹם עוֹלָם ״ציטוט״",
    "devanagari": "हिन्दी में लिखा हुआ। क़ख़ग़",
    "thai": "ภาษาไทยไม่มีช่องว่าง ๑๒๓",
    "vietnamese": "Tiếng Việt có rất nhiều dấu thanh ẤẦẨẪẬ",
    "emoji": "😀🎉👩‍👩‍👧‍👦🏳️‍🌈🇩🇪👍🏽❤️☃★①½",
    "combining": "a\u0301e\u0300\u0323o\u0328\u0304\u0302q\u0307\u0323 \u0308x\u20d0n\u0303\u0345",
    "controls": "a\x00b\x01c\x1fd\x7fe\x80f\x85g\u200bh\u200ei\ufeffj\u00adk\u2028l\u2029m\ufffdn\ue000o",
    "spaces": "a\tb\nc\rd\u00a0e\u2003f\u3000g\u1680h\u202fi\x0bj\x0ck  l",
    "punctuation": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~¡¿«»“”‘’—–…‽·§¶†‡※〈〉、。",
    "symbols": "€£¥©®™°±×÷≤≥∞∑√←→∀∃𝒜𝔘²³",
}
SPECIALS = ["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "[cls]", "[ CLS ]", "[MASK", "[[MASK]]"]
ENGLISH = """the animal did n't cross street because it was too tired unaffable Preprocessing
antidisestablishmentarianism COVID-19 e-mail don't U.S.A. 3.14159 1,000,000 naïve café RÉSUMÉ
state-of-the-art http://example.com/a?b=c&d foo_bar camelCase x86_64 C++20 #hashtag @someone""".split()


def lines():
    """The hand-picked ones first, then random mixtures."""
    rng = random.Random(SEED)
    result = [
        "",
        " ",
        "\t\n",
        "it",
        "[CLS]",
        "a[MASK]b",
        "[CLS][SEP]",
        "ß" * 99,
        "a" * 100,
        "a" * 101,
        "é" * 100,
        "e\u0301" * 100,
        "b" * 5000,
        "中" * 300,
        "...",
        "\u0301",
        "##ing",
        "# # #",
        "The animal didn't cross the street because it was too tired",
    ]
    result += ALPHABETS.values()
    names = list(ALPHABETS)
    while len(result) < 1000:
        words = []
        for _ in range(rng.choice([1, 2, 5, 10, 40])):
            kind = rng.random()
            if kind < 0.35:
                words.append(rng.choice(ENGLISH))
            elif kind < 0.42:
                words.append(rng.choice(SPECIALS))
            elif kind < 0.45:
                words.append(rng.choice("abcxyz") * rng.randint(90, 110))
            else:
                alphabet = ALPHABETS[rng.choice(names)]
                words.append("".join(rng.choices(alphabet, k=rng.randint(1, 12))))
        result.append(rng.choice(["", " ", " ", "  "]).join(words))
    return result


def ours(tool, file, texts, limit):
    done = subprocess.run(
        [tool, file, str(limit)],
        input=json.dumps(texts),
        text=True,
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)


def compare(tool, file, reference, texts, limit):
    if limit:
        reference.enable_truncation(limit)
    else:
        reference.no_truncation()
    wrong = [
        (text, got, want.ids)
        for text, got, want in zip(
            texts, ours(tool, file, texts, limit), reference.encode_batch(texts), strict=True
        )
        if got != want.ids
    ]
    for text, got, want in wrong[:5]:
        print(f"differs (limit {limit}): {text!r}\n  heed      {got[:40]}\n  reference {want[:40]}")
    return wrong


def main():
    tool, file = sys.argv[1:]
    reference = tokenizers.Tokenizer.from_file(file)
    reference.no_padding()
    texts = lines()
    assert len(texts) == 1000
    for limit in (0, 128, 2, 7):
        wrong = compare(tool, file, reference, texts, limit)
        assert not wrong, f"{len(wrong)} of {len(texts)} lines differ (seed {SEED})"

    # Every character of the first two planes between two letters. The package's tables of marks,
    # punctuation and format characters are Unicode 8's; ours are newer (Cn: newer than Python's
    # too), so these categories may differ, and nothing else.
    reference.no_truncation()
    characters = [chr(c) for c in range(0x20000) if not 0xD800 <= c < 0xE000]
    texts = [f"a{c}b" for c in characters]
    differ = [
        c
        for c, got, want in zip(
            characters, ours(tool, file, texts, 0), reference.encode_batch(texts), strict=True
        )
        if got != want.ids
    ]
    newer = {"Mn", "Mc", "Po", "Ps", "Pe", "Pd", "Cf", "So", "Cn"}
    unexplained = [c for c in differ if unicodedata.category(c) not in newer]
    print(
        f"1000 lines equal at 4 limits; {len(characters) - len(differ)} of {len(characters)} "
        f"characters equal, {len(differ)} newer than Unicode 8"
    )
    assert not unexplained, f"characters differ: {[hex(ord(c)) for c in unexplained[:20]]}"
    assert len(differ) <= 600, f"{len(differ)} characters differ"


main()
