#!/usr/bin/env python3
"""What the published implementation gives for 50 inputs of 1 to 256 tokens: the file that
tests/models compares Heed's MiniLM with.

    python3 -m venv /tmp/goldens
    /tmp/goldens/bin/pip install torch==2.15.0 transformers==5.23.0 tokenizers safetensors
    /tmp/goldens/bin/python scripts/goldens.py .deps/minilm tests/models/goldens.safetensors

Of input N the file holds
    N.ids        int32 (tokens)
    N.hidden     float32 (layers + 1, 256): of each layer's (tokens, hidden) states, the embedding
                 layer's first, the values at flat index 9973 k mod (tokens * hidden), k = 0 .. 255
    N.attention  float32 (layers, 64): of each layer's (heads, tokens, tokens) weights, likewise
    N.embedding  float32 (hidden): mean over the tokens, divided by its Euclidean norm
"""

import sys

import torch
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from transformers import BertModel

STRIDE = 9973  # a prime that divides no tensor's size

SENTENCES = [
    "",
    "it",
    "Attention!",
    "The animal didn't cross the street because it was too tired",
    "The animal didn't cross the street because it was too wide",
    "A man is eating food.",
    "A man is eating a piece of bread.",
    "The girl is carrying a baby.",
    "Two men pushed carts through the woods.",
    "A cheetah is running behind its prey.",
    "How do I reset my password?",
    "Unaffable antidisestablishmentarianists misunderstood electroencephalography.",
    "Der Hund überquerte die Straße nicht, weil er zu müde war.",
    "El café está muy caliente; ¿quieres más azúcar?",
    "动物没有过马路，因为它太累了。",
    "Съешь же ещё этих мягких французских булок.",
    "3.14159 is close to 22/7, and 1,000,000 is 10^6.",
    "E = mc^2; a^2 + b^2 = c^2; f(x) = sin(x) / x",
    "Contact support@example.com or visit https://example.com/help?id=42#top.",
    "😀 🎉 ❤️",
    "[MASK] is the capital of France.",
    "The quick brown fox jumps over the lazy dog.",
    "Colorless green ideas sleep furiously.",
    "Buffalo buffalo Buffalo buffalo buffalo buffalo Buffalo buffalo.",
    "To be, or not to be, that is the question.",
    "She said that he said that they said that nobody had said anything.",
    "The trophy doesn't fit into the brown suitcase because it is too large.",
    "He poured water from the bottle into the cup until it was full.",
    "Kernels are compiled ahead of time, so nothing but the numbers is left to do.",
]

PASSAGE = """When we look at the plants of an old garden, one of the first points that strikes us
is that they differ more from each other than the same plants do in the fields around it. A
gardener who keeps seeds from the best of each year will see, after twenty summers, flowers that
his grandfather would not have recognised. Nobody planned them. Each choice was small; each was
made for the sake of one summer's bloom, and yet together they point in a direction as plainly as
if someone had drawn it beforehand. The weather had a part in it, and so had the soil, the bees,
and the neighbour's goat, who ate what grew closest to the fence. If we ask which of these made
the garden what it is, we ask too simple a question: it was all of them, each through the others.
A hard winter killed the tender plants, which left room for the tough ones, which drew other
insects, which carried other pollen. The same is true of languages, of cities, and of the tools
on a workbench. Their history is not a line but a web, and whoever pulls at one thread moves the
rest. That is why a good description begins with what is there, in detail and without haste, and
only then asks how it came about; and why a careful reader keeps a record of what did not fit,
since it is there that the next question usually waits.""".split()


def inputs(tokenizer):
    """Token ids: [CLS] alone, the sentences, and ever longer beginnings of the passage."""
    passages = [" ".join(PASSAGE[:words]) for words in range(10, 200, 10)] + [" ".join(PASSAGE * 2)]
    encoded = [tokenizer.encode(text).ids for text in SENTENCES + passages]
    return [[tokenizer.token_to_id("[CLS]")]] + encoded


def sample(tensor, count):
    """(layers, ...) to (layers, count)."""
    flat = tensor.reshape(tensor.shape[0], -1)
    return flat[:, torch.arange(count) * STRIDE % flat.shape[1]].contiguous().numpy()


def main():
    folder, out = sys.argv[1:]
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    model = BertModel.from_pretrained(folder, attn_implementation="eager").eval()

    goldens = {}
    for number, ids in enumerate(inputs(tokenizer)):
        ids = torch.tensor([ids], dtype=torch.int32)
        with torch.no_grad():
            result = model(input_ids=ids, output_hidden_states=True, output_attentions=True)
        embedding = result.last_hidden_state[0].mean(dim=0)
        goldens |= {
            f"{number}.ids": ids[0].numpy(),
            f"{number}.hidden": sample(torch.cat(result.hidden_states), 256),
            f"{number}.attention": sample(torch.cat(result.attentions), 64),
            f"{number}.embedding": (embedding / embedding.norm()).numpy(),
        }
    save_file(goldens, out)
    lengths = sorted(goldens[f"{number}.ids"].size for number in range(len(goldens) // 4))
    print(f"{out}: {len(lengths)} inputs of {lengths} tokens")


main()
