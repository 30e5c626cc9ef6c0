"""The attention problems that Heed and its peers run: heed-bench's cases, as others have to be told of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    name: str
    batch: int
    heads: int
    key_heads: int
    queries: int
    keys: int
    dim: int
    dtype: str = "f32"  # how queries, keys, values and the output are stored
    causal: bool = False
    window: int = 0  # keys that a query sees, its own the last; 0: all
    padded: bool = False  # batch entries have different lengths
    alibi: bool = False
    softcap: float = 0.0
    cosine: bool = False  # cosines times a scale for each head
    weights_as: str = ""  # what weights may be rounded to where they multiply values; others do that for bf16 anyway
    features: int = 0  # of the additive score w . tanh(Wq q + Wk k)

    @property
    def group(self):
        """Query heads to a key head."""
        return self.heads // self.key_heads

    @property
    def preset(self):
        """As heedc's --preset takes it."""
        parts = [("causal", self.causal), (f"window={self.window - 1}", self.window), ("lengths", self.padded),
                 ("alibi", self.alibi), (f"softcap={self.softcap:g}", self.softcap), ("cosine", self.cosine),
                 (f"additive={self.features}", self.features), (f"weights_as={self.weights_as}", self.weights_as)]
        return ",".join(name for name, present in parts if present) or "dense"

    @property
    def is_plain_product(self):
        """Whether scores are scaled products and nothing else is done to them."""
        return not (self.alibi or self.softcap or self.cosine or self.features)


CASES = {case.name: case for case in [
    Case("bert128", 1, 12, 12, 128, 128, 64),
    Case("minilm128", 8, 12, 12, 128, 128, 32, padded=True),
    Case("bert512", 1, 12, 12, 512, 512, 64),
    Case("gpt1k", 1, 12, 12, 1024, 1024, 64, causal=True),
    Case("llama2k", 1, 8, 2, 2048, 2048, 128, causal=True),
    Case("long8k", 1, 2, 2, 8192, 8192, 64, causal=True),
    Case("swa8k", 1, 2, 2, 8192, 8192, 64, causal=True, window=1024),
    Case("decode4k", 1, 32, 8, 1, 4096, 128),
    Case("decode4k-bf16", 1, 32, 8, 1, 4096, 128, dtype="bf16"),
    Case("alibi1k", 1, 12, 12, 1024, 1024, 64, causal=True, alibi=True),
    Case("softcap1k", 1, 12, 12, 1024, 1024, 64, causal=True, softcap=30.0),
    Case("cosine1k", 1, 12, 12, 1024, 1024, 64, cosine=True),
    Case("additive256", 1, 8, 8, 256, 256, 64, features=64),
    Case("llama2k-bf16", 1, 8, 2, 2048, 2048, 128, causal=True, dtype="bf16"),
    Case("llama2k-bf16w", 1, 8, 2, 2048, 2048, 128, causal=True, dtype="bf16", weights_as="bf16"),
    Case("decode4k-bf16w", 1, 32, 8, 1, 4096, 128, dtype="bf16", weights_as="bf16"),
    Case("dense1k", 1, 12, 12, 1024, 1024, 64),
]}
"""All but the last are what a plain run compares."""
SUITE = [name for name in CASES if name != "dense1k"]
