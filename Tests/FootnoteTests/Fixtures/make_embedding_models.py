#!/usr/bin/env python3
"""Makes tiny random embedding models and cross-encoders as sentence-transformers publishes them, each with the kind of
tokenizer that its family has, and what sentence-transformers makes of some texts with them.

usage: make_embedding_models.py [NAME...]          (all when none is named)

Each gets a folder in EmbeddingModels/ as it would be published, and expected.json:

embedding models   {"prompts": {"query", "document"}, "maximum_tokens", "dimension", "cases": [{"text", "role", "ids",
                   "vector"}]}; ids with prompt and framing, vectors of unit length
cross-encoders     {"cases": [{"query", "passage", "ids", "score"}]}

Needs the packages torch, transformers, tokenizers, sentencepiece and sentence-transformers.
"""
import json
import pathlib
import shutil
import sys
import tempfile

import sentencepiece
import torch
import transformers
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
import base64

here = pathlib.Path(__file__).parent
root = here.parents[2]
# Fixed text, so that the fixtures come out the same whatever becomes of the documentation.
strings = [json.loads(line) for line in (root / "Tests/TokenizersTests/Fixtures/strings.jsonl").read_text().split("\n") if line]
strings = [text if isinstance(text, str) else text.get("text", "") for text in strings]
corpus = [text for text in strings if "\0" not in text and 8 < len(text) < 2000][:400]
VOCABULARY = 420
QWEN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
        r"|\s+(?!\S)|\s+")

TEXTS = [
    ("How do I rotate the signing keys?", "query"),
    ("The keys are rotated every 90 days by the scheduler.", "document"),
    ("Größe naïve café ﬁnancial ½", "document"),
    ("日本語のテスト 你好，世界", "query"),
    ("  two  spaces\tand\n\nlines  ", "document"),
    ("x = [1, 2.5e-3]; func f() -> Int { return 42 } // don't", "document"),
    ("e\u0301 A\u030A composed?", "query"),
    ("👩‍👩‍👧 🏳️‍🌈 emoji", "document"),
    ("The quick brown fox jumps over the lazy dog. " * 12, "document"),
    ("", "query"),
]


def wordpiece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(corpus, trainers.WordPieceTrainer(
        vocab_size=VOCABULARY, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False,
        limit_alphabet=120))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tokenizer, dict(pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]",
                           model_input_names=["input_ids", "token_type_ids", "attention_mask"])


def bytelevel(specials, pre=None, normalizer=None):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre or pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=specials, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False))
    return tokenizer


def roberta():
    tokenizer = bytelevel(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    return tokenizer, dict(bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>", pad_token="<pad>",
                           unk_token="<unk>", mask_token="<mask>")


def modernbert():
    tokenizer = bytelevel(["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"], normalizer=normalizers.NFC())
    # ModernBERT's own vocabulary takes runs of spaces whole.
    tokenizer.add_tokens([AddedToken(" " * n, normalized=True, special=False) for n in (4, 3, 2)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    return tokenizer, dict(cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]", mask_token="[MASK]")


def qwen():
    tokenizer = bytelevel(
        ["<|endoftext|>", "<|im_start|>", "<|im_end|>"], normalizer=normalizers.NFC(), pre=pre_tokenizers.Sequence([
            pre_tokenizers.Split(Regex(QWEN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]))
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False),
        processors.TemplateProcessing(
            single="$A <|endoftext|>", pair="$A $B <|endoftext|>", special_tokens=[("<|endoftext|>", 0)])])
    return tokenizer, dict(eos_token="<|im_end|>", pad_token="<|endoftext|>")


def unigram():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "rules.tsv").write_text("FB01\t66 69\nBD\t31 2F 32\nA\t20\n9\t20\nD\t20\nFF0C\t2C\n")
        # Every character of the text becomes a token: those of one script, and a few of others.
        latin = [text for text in corpus if max(map(ord, text)) < 0x180] + ["日本語のテスト 你好,世界"] * 3
        (folder / "corpus.txt").write_text("\n".join(text.replace("\n", " ") for text in latin))
        sentencepiece.SentencePieceTrainer.train(
            input=f"{folder}/corpus.txt", model_prefix=f"{folder}/m", model_type="unigram", vocab_size=VOCABULARY - 2,
            minloglevel=2, normalization_rule_tsv=f"{folder}/rules.tsv", character_coverage=0.98, hard_vocab_limit=False)
        proto = sentencepiece_model_pb2.ModelProto()
        proto.ParseFromString((folder / "m.model").read_bytes())
    # XLM-R's own order of the first ids.
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    pieces += [(piece.piece, piece.score) for piece in proto.pieces[3:]]
    pieces.append(("<mask>", 0.0))
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")])
    tokenizer.add_special_tokens(
        [AddedToken(t, special=True, normalized=False) for t in ("<s>", "<pad>", "</s>", "<unk>")]
        + [AddedToken("<mask>", special=True, lstrip=True, normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return tokenizer, dict(bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>", pad_token="<pad>",
                           unk_token="<unk>", mask_token="<mask>")


base = dict(hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
            max_position_embeddings=162)
INSTRUCTION = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"

# Kind of model, tokenizer, pooling, options of the model, and what sentence-transformers keeps beside it. Prompts under
# "known" are not in the files: programs know them by the model's name.
EMBEDDERS = {
    "tiny-minilm": ("bert", wordpiece, "mean", dict(base, type_vocab_size=2, pad_token_id=0), dict(limit=24)),
    "tiny-roberta": ("roberta", roberta, "mean", dict(base, type_vocab_size=1, pad_token_id=1), dict(limit=160)),
    "tiny-multilingual-e5-small": ("xlm-roberta", unigram, "mean", dict(base, type_vocab_size=1, pad_token_id=1), dict(
        limit=160, known={"query": "query: ", "document": "passage: "})),
    "tiny-bge-m3": ("xlm-roberta", unigram, "cls", dict(base, type_vocab_size=1, pad_token_id=1), dict(limit=32)),
    "tiny-nomic-embed-text": ("nomic_bert", wordpiece, "mean", dict(base, type_vocab_size=2, pad_token_id=0), dict(
        limit=162, known={"query": "search_query: ", "document": "search_document: "})),
    "tiny-modernbert": ("modernbert", modernbert, "cls", dict(
        base, num_hidden_layers=4, global_attn_every_n_layers=3, local_attention=16, pad_token_id=3, bos_token_id=1,
        eos_token_id=2, cls_token_id=1, sep_token_id=2), dict(
            limit=162, prompts={"query": "search_query: ", "document": "search_document: "})),
    "tiny-qwen3-embedding": ("qwen3", qwen, "lasttoken", dict(
        base, num_key_value_heads=2, head_dim=16, tie_word_embeddings=True, bos_token_id=0, eos_token_id=0), dict(
            limit=162, prompts={"query": INSTRUCTION, "document": ""})),
}
RANKERS = {
    "tiny-marco-ranker": ("bert", wordpiece, dict(base, type_vocab_size=2, pad_token_id=0, num_labels=1)),
    "tiny-bge-ranker": ("xlm-roberta", unigram, dict(base, type_vocab_size=1, pad_token_id=1, num_labels=1)),
    "tiny-roberta-ranker": ("roberta", roberta, dict(base, type_vocab_size=1, pad_token_id=1, num_labels=1)),
}


def randomise(model, seed):
    """Weights that matter: default ones are so small that every layer is nearly the identity."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if parameter.ndim >= 2:
            value = noise * (0.7 if "embed" in name else 0.25)
        else:
            value = parameter.detach() + noise * 0.2 if "norm" in name.lower() else noise * 0.1
        parameter.data.copy_(value.half().float())


def parts(folder, kind, make, options, auto):
    tokenizer, names = make()
    config = transformers.AutoConfig.for_model(kind, **options, vocab_size=tokenizer.get_vocab_size())
    torch.manual_seed(1)
    model = auto.from_config(config, dtype=torch.float32).eval()
    randomise(model, 7)
    model.half().save_pretrained(folder)
    wrapped = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names)
    wrapped.save_pretrained(folder)
    return wrapped


def tidy(folder):
    for name in ["README.md", "generation_config.json"]:
        (folder / name).unlink(missing_ok=True)


@torch.no_grad()
def make_embedder(name, folder):
    kind, make, pooling, options, extra = EMBEDDERS[name]
    with tempfile.TemporaryDirectory() as temporary:
        parts(temporary, kind, make, options, transformers.AutoModel)
        module = Transformer(temporary, max_seq_length=extra["limit"], model_kwargs=dict(dtype="float16"))
        model = SentenceTransformer(
            modules=[module, Pooling(32, pooling_mode=pooling), Normalize()], prompts=extra.get("prompts"), device="cpu")
        model.save_pretrained(str(folder), create_model_card=False)
    tidy(folder)
    model = SentenceTransformer(str(folder), device="cpu", model_kwargs=dict(dtype="float32", attn_implementation="eager"))
    prompts = extra.get("known") or extra.get("prompts") or {"query": "", "document": ""}
    cases = []
    for text, role in TEXTS:
        vector = model.encode(text, prompt=prompts[role], normalize_embeddings=True)
        ids = model.tokenizer(prompts[role] + text, truncation=True, max_length=extra["limit"])["input_ids"]
        cases.append({"text": text, "role": role, "ids": ids, "vector": [round(float(x), 7) for x in vector]})
    (folder / "expected.json").write_text(json.dumps(
        {"prompts": prompts, "maximum_tokens": extra["limit"], "dimension": 32, "cases": cases}, ensure_ascii=False))
    print(name, [round(x, 3) for x in cases[0]["vector"][:3]], len(cases[8]["ids"]))


@torch.no_grad()
def make_ranker(name, folder):
    kind, make, options = RANKERS[name]
    parts(folder, kind, make, options, transformers.AutoModelForSequenceClassification)
    tidy(folder)
    model = CrossEncoder(str(folder), device="cpu", model_kwargs=dict(dtype="float32", attn_implementation="eager"))
    question, cases = TEXTS[0][0], []
    for text, _ in TEXTS[1:8]:
        # The score before any squashing.
        score = model.predict([(question, text)], activation_fn=torch.nn.Identity())[0]
        cases.append({"query": question, "passage": text, "ids": model.tokenizer(question, text)["input_ids"],
                      "score": float(score)})
    (folder / "expected.json").write_text(json.dumps({"cases": cases}, ensure_ascii=False))
    print(name, [round(case["score"], 4) for case in cases])


for name in sys.argv[1:] or [*EMBEDDERS, *RANKERS]:
    folder = here / "EmbeddingModels" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (make_embedder if name in EMBEDDERS else make_ranker)(name, folder)
