"""A case's numbers, and what is right for them."""

import numpy as np

LENGTHS = [128, 100, 77, 128, 64, 51, 90, 33]  # of a padded batch, as parts of 128


class Problem:
    """Inputs of a case as float32 arrays, the same in every process. What is stored as bfloat16 holds numbers that
    bfloat16 has."""

    def __init__(self, case):
        self.case = case
        random = np.random.default_rng(7)

        def normal(*shape):
            return random.standard_normal(shape, dtype=np.float32)

        self.query = normal(case.batch, case.heads, case.queries, case.dim)
        self.key = normal(case.batch, case.key_heads, case.keys, case.dim)
        self.value = normal(case.batch, case.key_heads, case.keys, case.dim)
        if case.softcap:
            self.query *= 6  # so that the cap matters
        if case.dtype == "bf16":
            self.query, self.key, self.value = map(round_to_bfloat16, (self.query, self.key, self.value))
        self.scale = case.dim**-0.5
        if case.padded:
            self.lengths = np.array(LENGTHS[: case.batch], np.int32) * case.keys // 128
        if case.alibi:
            self.slopes = alibi_slopes(case.heads)
        if case.cosine:
            self.scales = (5 + 10 * random.random(case.heads, dtype=np.float32)).astype(np.float32)
        if case.features:
            self.query_weights = normal(case.dim, case.features) / 8
            self.key_weights = normal(case.dim, case.features) / 8
            self.feature_weights = normal(case.features)

    def counts(self):
        """Which pairs count, to be broadcast to (batch, head, query, key); None where all do."""
        case = self.case
        if case.padded:
            return (np.arange(case.keys) < self.lengths[:, None])[:, None, None, :]
        if not case.causal:
            return None
        away = np.arange(case.queries)[:, None] - np.arange(case.keys)
        mask = away >= 0
        if case.window:
            mask &= away < case.window
        return mask[None, None]

    def bias(self):
        """What is added to scores, -inf where a pair does not count, float32; None where nothing is."""
        counts = self.counts()
        if counts is None:
            return None
        added = np.float32(0)
        if self.case.alibi:
            away = np.arange(self.case.queries)[:, None] - np.arange(self.case.keys)
            added = -self.slopes[:, None, None] * np.abs(away).astype(np.float32)
        return np.where(counts, added, np.float32(-np.inf)).astype(np.float32)

    def pairs(self):
        """How many pairs count, over all heads and batch entries."""
        case = self.case
        if case.padded:
            return int(case.heads * case.queries * self.lengths.sum())
        if not case.causal:
            return case.batch * case.heads * case.queries * case.keys
        seen = np.minimum(np.arange(case.queries) + 1, case.window or case.keys)
        return int(case.batch * case.heads * seen.sum())

    def operations(self):
        """Useful ones, as heed-bench counts them: 2 a pair for each column of the key and of the value."""
        return 2 * self.pairs() * ((self.case.features or self.case.dim) + self.case.dim)

    def reference(self):
        """The output in float64, (batch, head, query, dim)."""
        case, out = self.case, np.empty(self.query.shape)
        bias = self.bias()
        for b in range(case.batch):
            for h in range(case.heads):
                key, value = (x[b, h // case.group].astype(np.float64) for x in (self.key, self.value))
                for first in range(0, case.queries, 512):
                    rows = slice(first, first + 512)
                    scores = self.scores(h, self.query[b, h, rows].astype(np.float64), key)
                    if bias is not None:
                        scores += bias[b % len(bias), h % bias.shape[1]][rows if bias.shape[2] > 1 else slice(None)]
                    weights = np.exp(scores - scores.max(-1, keepdims=True))
                    out[b, h, rows] = weights @ value / weights.sum(-1, keepdims=True)
        return out

    def scores(self, head, query, key):
        case = self.case
        if case.features:
            sums = (query @ self.query_weights)[:, None] + (key @ self.key_weights)[None]
            return np.tanh(sums) @ self.feature_weights
        if case.cosine:
            query, key = (x / np.linalg.norm(x, axis=-1, keepdims=True) for x in (query, key))
            return query @ key.T * self.scales[head]
        scores = query @ key.T * self.scale
        return case.softcap * np.tanh(scores / case.softcap) if case.softcap else scores


def alibi_slopes(heads):
    """Press et al. 2022, section 3: a geometric sequence, and for other numbers than powers of two what lies between."""
    power = 1 << (heads.bit_length() - 1)
    slopes = [2 ** (-8 * (i + 1) / power) for i in range(power)]
    slopes += [2 ** (-4 * (2 * i + 1) / power) for i in range(heads - power)]
    return np.array(slopes, np.float32)


def round_to_bfloat16(numbers):
    return bfloat16_values(bfloat16_bits(numbers))


def bfloat16_bits(numbers):
    bits = np.ascontiguousarray(numbers, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16)


def bfloat16_values(bits):
    return (bits.astype(np.uint32) << 16).view(np.float32)
