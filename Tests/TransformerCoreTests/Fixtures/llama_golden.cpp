// Writes golden data for the decoder tests with llama.cpp: see make_llama_golden.sh for how to build and run it.
// usage: llama_golden MODEL.gguf PROMPTS TEXT OUTPUT_FOLDER
//   PROMPTS  one prompt a line, \n for a line break; special-token spellings mean special tokens
//   TEXT     a text for the perplexity test; its first 20,480 tokens are kept
#include "llama_evaluate.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <string>

static constexpr int kGreedy = 64;      // tokens generated after each prompt
static constexpr int kTop = 8;          // logits kept at each position
static constexpr int kSamples = 8;      // positions of each prompt with logits spread over the vocabulary
static constexpr int kStride = 128;     // one id in so many is kept there
static constexpr size_t kTextTokens = 20480;

static std::vector<llama_token> tokenize(const llama_vocab *vocab, const std::string &text, bool special) {
    std::vector<llama_token> tokens(text.size() + 16);
    int count = llama_tokenize(vocab, text.data(), text.size(), tokens.data(), tokens.size(), false, special);
    if (count < 0) fail("tokenizing failed");
    tokens.resize(count);
    return tokens;
}

static std::string readFile(const char *path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) fail("cannot read the input");
    return {std::istreambuf_iterator<char>(in), {}};
}

static void writeRow(std::ofstream &out, const std::vector<float> &row) {
    std::vector<int> ids(row.size());
    std::iota(ids.begin(), ids.end(), 0);
    std::partial_sort(ids.begin(), ids.begin() + kTop, ids.end(),
                      [&](int a, int b) { return row[a] != row[b] ? row[a] > row[b] : a < b; });
    for (int i = 0; i < kTop; i++) {
        put<uint16_t>(out, ids[i]);
        put<float>(out, row[ids[i]]);
    }
}

int main(int argc, char **argv) {
    if (argc != 5) fail("usage: llama_golden MODEL.gguf PROMPTS TEXT OUTPUT_FOLDER");
    llama_model *model = loadModel(argv[1]);
    const llama_vocab *vocab = llama_model_get_vocab(model);
    const int vocabulary = llama_vocab_n_tokens(vocab);
    llama_context *context = makeContext(model, 1024);

    std::string folder = argv[4];
    std::ofstream out(folder + "/smollm2_logits.bin", std::ios::binary);
    std::string prompts = readFile(argv[2]);
    std::vector<std::string> lines;
    for (size_t start = 0; start < prompts.size();) {
        size_t end = std::min(prompts.find('\n', start), prompts.size());
        std::string line = prompts.substr(start, end - start);
        for (size_t at = 0; (at = line.find("\\n", at)) != std::string::npos; at++) line.replace(at, 2, "\n");
        if (!line.empty()) lines.push_back(line);
        start = end + 1;
    }
    put<uint32_t>(out, lines.size());
    put<uint32_t>(out, kGreedy);
    put<uint32_t>(out, kTop);
    put<uint32_t>(out, kSamples);
    put<uint32_t>(out, kStride);
    for (const std::string &line : lines) {
        llama_memory_clear(llama_get_memory(context), true);
        std::vector<llama_token> tokens = tokenize(vocab, line, true);
        const size_t promptCount = tokens.size();
        std::vector<std::vector<float>> rows = evaluate(context, vocabulary, tokens, 0);
        for (int step = 0; step < kGreedy; step++) {
            const std::vector<float> &last = rows.back();
            tokens.push_back(std::max_element(last.begin(), last.end()) - last.begin());
            auto row = evaluate(context, vocabulary, {tokens.back()}, tokens.size() - 1);
            rows.push_back(std::move(row[0]));
        }
        // Layout: prompt length, all tokens, top logits of each row, then rows sampled over the vocabulary.
        put<uint32_t>(out, promptCount);
        for (llama_token token : tokens) put<uint16_t>(out, token);
        for (const auto &row : rows) writeRow(out, row);
        for (int sample = 0; sample < kSamples; sample++) {
            size_t position = (rows.size() - 1) * sample / (kSamples - 1);
            put<uint32_t>(out, position);
            // The first id moves on, so that the samples of a prompt cover different ids.
            for (int id = sample * (kStride / kSamples); id < vocabulary; id += kStride) put<float>(out, rows[position][id]);
        }
        printf("%zu prompt tokens: %s\n", promptCount, line.substr(0, 60).c_str());
    }

    std::vector<llama_token> text = tokenize(vocab, readFile(argv[3]), false);
    if (text.size() < kTextTokens) fail("the text is too short");
    std::ofstream textOut(folder + "/smollm2_text.bin", std::ios::binary);
    for (size_t i = 0; i < kTextTokens; i++) put<uint16_t>(textOut, text[i]);
    llama_free(context);
    llama_model_free(model);
}
