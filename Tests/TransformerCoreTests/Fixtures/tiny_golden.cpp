// Writes the logits of a small model after each of 40 tokens, float32 `[40, vocabulary]`; see make_llama_golden.sh.
// usage: tiny_golden MODEL OUTPUT
#include "llama_evaluate.h"

int main(int argc, char **argv) {
    if (argc != 3) fail("usage: tiny_golden MODEL OUTPUT");
    llama_model *model = loadModel(argv[1]);
    const int vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model));
    llama_context *context = makeContext(model, 256);
    std::vector<llama_token> tokens;
    for (int i = 0; i < 40; i++) tokens.push_back((i * i * 7 + 3) % vocabulary);
    std::ofstream out(argv[2], std::ios::binary);
    for (const auto &row : evaluate(context, vocabulary, tokens, 0)) {
        for (float logit : row) put<float>(out, logit);
    }
    llama_free(context);
    llama_model_free(model);
}
