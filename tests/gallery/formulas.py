"""The gallery's variants as their papers write them, in NumPy and float64.

A case takes a Draw, which makes inputs of its sizes, and gives what the kernel takes, by the names of its arguments, and what it
should give. Operands are (batch, position, head, dim); in here (batch, head, position, dim).
"""
import dataclasses

import numpy as np

CASES = {}


@dataclasses.dataclass
class Case:
    inputs: dict
    results: list
    weights: np.ndarray  # (batch, head, query, key), for the picture
    tolerance: float = 2e-5  # of a result, relative to its largest element: float32 sums of some hundred terms


@dataclasses.dataclass
class Draw:
    random: np.random.Generator
    queries: int
    keys: int
    batch: int = 2
    loudness: float = 1  # of queries and keys: pictures are drawn with quiet ones ...
    common: float = 0  # ... that have something in common

    def normal(self, *shape):
        return self.random.standard_normal(shape, np.float32)

    def operands(self, heads, key_heads, dim, value_dim=None, keys=None):
        keys = self.keys if keys is None else keys
        return {"q": self.common + self.loudness * self.normal(self.batch, self.queries, heads, dim),
                "k": self.common + self.loudness * self.normal(self.batch, keys, key_heads, dim),
                "v": self.normal(self.batch, keys, key_heads, value_dim or dim)}

    @property
    def i(self):  # the queries' places among the keys: the last query stands at the last key
        return np.arange(self.queries)[:, None] + self.keys - self.queries

    @property
    def j(self):
        return np.arange(self.keys)[None, :]


def case(function):
    CASES[function.__name__] = function
    return function


def rows(inputs, heads):
    """q, k, v in float64, heads first, each key head as often as query heads share it."""
    q, k, v = (inputs[name].astype(np.float64).swapaxes(1, 2) for name in "qkv")
    return q, *(np.repeat(x, heads // x.shape[1], axis=1) for x in (k, v))


def softmax(scores, extra=None):
    """Over the last axis; `extra` is one more term of the denominator."""
    top = scores.max(axis=-1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    power = np.exp(scores - top)
    total = power.sum(axis=-1, keepdims=True)
    if extra is not None:
        total = total + np.exp(extra - top)
    return np.divide(power, total, out=np.zeros_like(power), where=total > 0)


def finish(inputs, weights, v, **more):
    return Case(inputs, [(weights @ v).swapaxes(1, 2)], weights, **more)


def masked_softmax(d, heads, key_heads, keep, dim=64):
    """What most variants are: softmax over the keys that a mask keeps."""
    inputs = d.operands(heads, key_heads, dim)
    q, k, v = rows(inputs, heads)
    scores = q @ k.swapaxes(2, 3) / np.sqrt(dim)
    return finish(inputs, softmax(np.where(keep, scores, -np.inf)), v)


@case
def vaswani(d):
    return masked_softmax(d, 8, 8, True)


@case
def multi_query(d):
    return masked_softmax(d, 8, 1, d.j <= d.i)


@case
def grouped_query(d):
    return masked_softmax(d, 8, 2, d.j <= d.i)


@case
def bahdanau(d):
    inputs = d.operands(2, 2, 64)
    inputs |= {"wq": d.normal(2, 64, 32) / 8, "wk": d.normal(2, 64, 32) / 8, "w": d.normal(32)}
    q, k, v = rows(inputs, 2)
    features = np.tanh((q @ inputs["wq"])[:, :, :, None] + (k @ inputs["wk"])[:, :, None])
    return finish(inputs, softmax(features @ inputs["w"].astype(np.float64)), v)


@case
def luong(d):
    inputs = d.operands(4, 4, 64) | {"w": d.normal(4, 64, 64) / 16}
    q, k, v = rows(inputs, 4)
    return finish(inputs, softmax(q @ inputs["w"].astype(np.float64) @ k.swapaxes(2, 3)), v)


@case
def swin_v2(d):
    inputs = d.operands(4, 4, 32)
    inputs |= {"scales": np.float32([5, 10, 20, 100]), "bias": d.normal(4, d.queries, d.keys)}
    q, k, v = rows(inputs, 4)
    cosine = q @ k.swapaxes(2, 3) / np.linalg.norm(q, axis=3)[..., None] / np.linalg.norm(k, axis=3)[:, :, None]
    return finish(inputs, softmax(cosine * inputs["scales"][:, None, None] + inputs["bias"]), v,
                  tolerance=2e-4)  # a scale of 100 magnifies the rounding of the cosine


@case
def l2_distance(d):
    inputs = d.operands(4, 4, 64)
    q, k, v = rows(inputs, 4)
    distance = ((q[:, :, :, None] - k[:, :, None]) ** 2).sum(axis=4)
    return finish(inputs, softmax(-distance / np.sqrt(64)), v)


@case
def alibi(d):
    inputs = d.operands(8, 8, 64) | {"slopes": np.exp2(-np.arange(1, 9, dtype=np.float32))}
    q, k, v = rows(inputs, 8)
    scores = q @ k.swapaxes(2, 3) / 8 - inputs["slopes"][:, None, None] * np.abs(d.i - d.j)
    return finish(inputs, softmax(np.where(d.j <= d.i, scores, -np.inf)), v)


@case
def t5(d):
    inputs = d.operands(8, 8, 64) | {"bias": d.normal(8, 32)}
    inputs["q"] /= 8  # T5 scales its weights instead
    q, k, v = rows(inputs, 8)
    relative = d.j - d.i  # memory position - query position
    n = np.abs(relative)
    with np.errstate(divide="ignore"):
        far = 8 + np.floor(np.log(n / 8) / np.log(128 / 8) * (16 - 8) + 1e-9)
    bucket = np.where(n < 8, n, np.minimum(far, 15)).astype(int) + 16 * (relative > 0)
    return finish(inputs, softmax(q @ k.swapaxes(2, 3) + inputs["bias"][:, bucket]), v)


@case
def gemma2(d):
    inputs = d.operands(8, 4, 64)
    inputs["q"] *= 20  # scores that the cap is felt by
    q, k, v = rows(inputs, 8)
    scores = 50 * np.tanh(q @ k.swapaxes(2, 3) / 8 / 50)
    keep = (d.j <= d.i) & (d.i - d.j < 24)
    return finish(inputs, softmax(np.where(keep, scores, -np.inf)), v, tolerance=1e-4)


def turn(x, cosines, sines, interleaved):
    """RoFormer's R x, with a 2 x 2 rotation for each pair of columns; tables are (position, dim / 2)."""
    half = x.shape[3] // 2
    first, second = (np.s_[..., 0::2], np.s_[..., 1::2]) if interleaved else (np.s_[..., :half], np.s_[..., half:])
    turned = np.empty_like(x)
    turned[first] = x[first] * cosines - x[second] * sines
    turned[second] = x[first] * sines + x[second] * cosines
    return turned


def rotary(d, interleaved):
    inputs = d.operands(8, 2, 64)
    angles = np.arange(d.keys)[:, None] * 10000.0 ** (-2 * np.arange(32) / 64)
    inputs |= {"cosines": np.cos(angles).astype(np.float32), "sines": np.sin(angles).astype(np.float32)}
    q, k, v = rows(inputs, 8)
    q = turn(q, np.cos(angles)[d.i[:, 0]], np.sin(angles)[d.i[:, 0]], interleaved)
    k = turn(k, np.cos(angles), np.sin(angles), interleaved)
    return finish(inputs, softmax(np.where(d.j <= d.i, q @ k.swapaxes(2, 3) / 8, -np.inf)), v)


@case
def rope(d):
    return rotary(d, False)


@case
def rope_interleaved(d):
    return rotary(d, True)


@case
def qk_norm(d):
    inputs = d.operands(8, 2, 64) | {"query_norm": 1 + d.normal(64) / 4, "key_norm": 1 + d.normal(64) / 4}
    q, k, v = rows(inputs, 8)
    q, k = (x / np.sqrt((x ** 2).mean(axis=3, keepdims=True) + 1e-6) * inputs[name]
            for x, name in ((q, "query_norm"), (k, "key_norm")))
    return finish(inputs, softmax(np.where(d.j <= d.i, q @ k.swapaxes(2, 3) / 8, -np.inf)), v)


@case
def streaming_llm(d):
    return masked_softmax(d, 8, 8, (d.j <= d.i) & ((d.i - d.j < 16) | (d.j < 4)))


@case
def gpt_oss(d):
    inputs = d.operands(8, 2, 64) | {"sinks": d.normal(8)}
    q, k, v = rows(inputs, 8)
    keep = (d.j <= d.i) & (d.i - d.j < 32)
    scores = np.where(keep, q @ k.swapaxes(2, 3) / 8, -np.inf)
    return finish(inputs, softmax(scores, inputs["sinks"].astype(np.float64)[:, None, None]), v)


@case
def softmax_plus_one(d):
    inputs = d.operands(8, 8, 64)
    q, k, v = rows(inputs, 8)
    return finish(inputs, softmax(q @ k.swapaxes(2, 3) / 8, 0.0), v)


@case
def sigmoid(d):
    inputs = d.operands(8, 8, 64) | {"sigmoid_bias": np.full(8, -np.log(d.keys), np.float32)}
    q, k, v = rows(inputs, 8)
    return finish(inputs, 1 / (1 + np.exp(-(q @ k.swapaxes(2, 3) / 8 - np.log(d.keys)))), v)


@case
def gau(d):
    inputs = d.operands(1, 1, 128) | {"bias": d.normal(1023) / 4}
    q, k, v = rows(inputs, 1)
    distance = np.arange(d.keys) - np.arange(d.queries)[:, None]
    scores = q @ k.swapaxes(2, 3) / d.keys + inputs["bias"][distance + 511]
    return finish(inputs, np.square(np.maximum(scores, 0)), v)


def simplex(scores, weigh):
    """Weights that sum to 1 by bisection: weigh(scores, threshold) falls as the threshold grows."""
    high = scores.max(axis=3, keepdims=True)
    low = high - 1
    for _ in range(80):
        middle = (low + high) / 2
        above = weigh(scores, middle).sum(axis=3, keepdims=True) >= 1
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return weigh(scores, low)


@case
def sparsemax(d):
    inputs = d.operands(4, 4, 64)
    q, k, v = rows(inputs, 4)
    scores = q @ k.swapaxes(2, 3) / 8
    # Martins and Astudillo, algorithm 1: sort, and find how many scores are above the threshold.
    ordered = -np.sort(-scores, axis=3)
    sums = ordered.cumsum(axis=3)
    count = (1 + np.arange(1, d.keys + 1) * ordered > sums).sum(axis=3, keepdims=True)
    threshold = (np.take_along_axis(sums, count - 1, axis=3) - 1) / count
    return finish(inputs, np.maximum(scores - threshold, 0), v)


@case
def entmax15(d):
    inputs = d.operands(4, 4, 64)
    q, k, v = rows(inputs, 4)
    weights = simplex(q @ k.swapaxes(2, 3) / 8 / 2, lambda x, t: np.maximum(x - t, 0) ** 2)
    return finish(inputs, weights, v)


@case
def longformer(d):
    is_global = np.zeros((d.batch, d.keys), bool)
    is_global[:, [0, d.keys // 2]] = True
    keep = (np.abs(d.i - d.j) <= 12) | is_global[:, None, None, :] | is_global[:, None, :, None]
    made = masked_softmax(d, 8, 8, keep)
    made.inputs["is_global"] = is_global
    return made


@case
def big_bird(d):
    blocks = -(-d.keys // 16)
    b, c = np.arange(blocks)[:, None], np.arange(blocks)
    layout = (np.abs(b - c) <= 1) | (b == 0) | (c == 0)
    layout = layout | (d.random.random((8, blocks, blocks)) < 0.15)
    made = masked_softmax(d, 8, 8, np.repeat(np.repeat(layout, 16, 1), 16, 2)[:, :d.queries, :d.keys])
    made.inputs["layout"] = layout
    return made


@case
def sparse_transformer(d):
    back = d.i - d.j
    return masked_softmax(d, 8, 8, (back >= 0) & ((back < 8) | (back % 8 == 0)))


@case
def longnet(d):
    head = np.arange(4)[:, None, None]
    keep = (d.i // 32 == d.j // 32) & (d.i % 4 == head) & (d.j % 4 == head) & (d.j <= d.i)
    return masked_softmax(d, 4, 4, keep)


@case
def prefix_lm(d):
    prefix = (np.arange(d.batch) + 1) * d.keys // 4
    made = masked_softmax(d, 8, 8, (d.j <= d.i) | (d.j < prefix[:, None, None, None]))
    made.inputs["prefix"] = prefix.astype(np.int32)
    return made


@case
def packed_documents(d):
    starts = np.int32([0, d.keys // 5, d.keys // 2, d.keys])
    document = np.searchsorted(starts, np.arange(d.keys), side="right")
    made = masked_softmax(d, 8, 8, (document[:, None] == document) & (d.j <= d.i))
    made.inputs["starts"] = starts
    return made


@case
def forgetting_transformer(d):
    gates = 1 / (1 + np.exp(-3 - d.normal(d.batch, 8, d.keys)))
    fade = np.cumsum(np.log(gates.astype(np.float64)), axis=2).astype(np.float32)
    inputs = d.operands(8, 8, 64) | {"fade": fade}
    q, k, v = rows(inputs, 8)
    scores = q @ k.swapaxes(2, 3) / 8 + fade.astype(np.float64)[..., None] - fade.astype(np.float64)[:, :, None]
    return finish(inputs, softmax(np.where(d.j <= d.i, scores, -np.inf)), v, tolerance=1e-4)


@case
def kivi(d):
    inputs = d.operands(8, 2, 64)
    key_scales = (np.abs(inputs["k"]).max(axis=(0, 1)) / 127).astype(np.float32)
    value_scales = (np.abs(inputs["v"]).max(axis=3) / 127).astype(np.float32)
    inputs["k"] = np.rint(inputs["k"] / key_scales).astype(np.int8)
    inputs["v"] = np.rint(inputs["v"] / value_scales[..., None]).astype(np.int8)
    numbers = inputs | {"k": inputs["k"] * key_scales.astype(np.float64),
                        "v": inputs["v"] * value_scales.astype(np.float64)[..., None]}
    inputs |= {"key_scales": key_scales, "value_scales": value_scales}
    q, k, v = rows(numbers, 8)
    return finish(inputs, softmax(np.where(d.j <= d.i, q @ k.swapaxes(2, 3) / 8, -np.inf)), v)


@case
def paged(d):
    pages = -(-d.keys // 16)
    inputs = d.operands(8, 2, 64, keys=16 * pages)
    table = d.random.permutation(d.batch * pages + 3)[:d.batch * pages].reshape(d.batch, pages).astype(np.int32)
    lengths = np.int32([d.keys - 7 * b for b in range(d.batch)])
    whole = dict(inputs)
    for name in "kv":
        pool = d.normal(d.batch * pages + 3, 16, 2, 64)
        pool[table] = inputs[name].reshape(d.batch, pages, 16, 2, 64)
        inputs[name] = pool
    inputs |= {"page_table": table, "key_lengths": lengths}
    q, k, v = rows(whole, 8)
    n = lengths[:, None, None, None]
    place, key = np.arange(d.queries)[:, None] + n - d.queries, np.arange(16 * pages)
    return finish(inputs, softmax(np.where((key <= place) & (key < n), q @ k.swapaxes(2, 3) / 8, -np.inf)), v)


@case
def rolling_buffer(d):
    inputs = d.operands(8, 2, 64)
    begins = np.int32([(5 + 11 * b) % d.keys for b in range(d.batch)])
    q, k, v = rows(inputs, 8)
    for name in "kv":  # position p lies in row (p + begin) mod rows
        inputs[name] = np.stack([np.roll(x, begin, axis=0) for x, begin in zip(inputs[name], begins)])
    inputs["ring_begins"] = begins
    return finish(inputs, softmax(np.where(d.j <= d.i, q @ k.swapaxes(2, 3) / 8, -np.inf)), v)


@case
def h2o(d):
    made = masked_softmax(d, 8, 2, d.j <= d.i)
    made.results.append(made.weights.sum(axis=2))
    return made


@case
def linear_attention(d):
    inputs = d.operands(4, 4, 32)
    q, k, v = rows(inputs, 4)
    phi_q, phi_k = (np.where(x > 0, x + 1, np.exp(x)) for x in (q, k))
    # Equation 10: sums over the keys so far, of phi(k) v^T and of phi(k).
    outer = np.cumsum(phi_k[..., None] * v[..., None, :], axis=2)
    total = np.cumsum(phi_k, axis=2)
    out = np.einsum("bhid,bhide->bhie", phi_q, outer) / np.einsum("bhid,bhid->bhi", phi_q, total)[..., None]
    weights = np.where(d.j <= d.i, phi_q @ phi_k.swapaxes(2, 3), 0)
    return Case(inputs, [out.swapaxes(1, 2)], weights / weights.sum(axis=3, keepdims=True))


@case
def retention(d):
    gamma = 1 - np.exp2(-2.0 - np.arange(4))
    inputs = d.operands(4, 4, 64) | {"log2_decay": np.log2(gamma).astype(np.float32)}
    q, k, v = rows(inputs, 4)
    # Equation 6, the recurrent form: the state fades, then takes in the new key and value.
    state, out = np.zeros((d.batch, 4, 64, 64)), []
    for n in range(d.keys):
        state = gamma[:, None, None] * state + k[:, :, n, :, None] * v[:, :, n, None, :]
        out.append(np.einsum("bhd,bhde->bhe", q[:, :, n], state))
    fade = np.where(d.j <= d.i, gamma[:, None, None] ** np.maximum(d.i - d.j, 0), 0)
    return Case(inputs, [np.stack(out, axis=1)], np.abs(q @ k.swapaxes(2, 3)) * fade)


@case
def deberta(d):
    inputs = d.operands(8, 8, 64)
    positions = d.normal(8, 64, 64) * d.loudness, d.normal(8, 64, 64) * d.loudness  # K_r and Q_r: (head, place, dim)
    q, k, v = rows(inputs, 8)
    to_position = (q @ positions[0].swapaxes(1, 2)).astype(np.float32)
    from_position = (k @ positions[1].swapaxes(1, 2)).astype(np.float32)
    inputs |= {"content_to_position": to_position, "position_to_content": from_position}

    def place(distance):  # delta of equation 3, k = 32
        return np.clip(distance + 32, 0, 63)

    scores = q @ k.swapaxes(2, 3)
    scores += np.take_along_axis(to_position, np.broadcast_to(place(d.i - d.j), scores.shape), axis=3)
    scores += np.take_along_axis(from_position, np.broadcast_to(place(d.j.T - d.i.T), scores.shape), axis=3).swapaxes(2, 3)
    return finish(inputs, softmax(scores / np.sqrt(3 * 64)), v)


@case
def multi_head_latent(d):
    inputs = d.operands(4, 1, 576, 512)
    q, k, _ = rows(inputs, 4)
    del inputs["v"]
    scores = q @ k.swapaxes(2, 3) / np.sqrt(192)
    return finish(inputs, softmax(np.where(d.j <= d.i, scores, -np.inf)), k[..., :512])
