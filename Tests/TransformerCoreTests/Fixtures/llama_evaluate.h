// What the golden programs share: logits of a sequence, by llama.cpp with its plainest arithmetic.
#pragma once
#include <llama.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <vector>

static inline void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

template <typename T> static inline void put(std::ofstream &out, T value) {
    out.write(reinterpret_cast<const char *>(&value), sizeof value);
}

static inline llama_model *loadModel(const char *path) {
    llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
    llama_backend_init();
    llama_model *model = llama_model_load_from_file(path, llama_model_default_params());
    if (!model) fail("cannot load the model");
    return model;
}

// Keys and values in single precision, flash attention off.
static inline llama_context *makeContext(llama_model *model, int length) {
    llama_context_params parameters = llama_context_default_params();
    parameters.n_ctx = length;
    parameters.n_batch = parameters.n_ubatch = length;
    parameters.type_k = parameters.type_v = GGML_TYPE_F32;
    parameters.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    llama_context *context = llama_init_from_model(model, parameters);
    if (!context) fail("cannot make a context");
    return context;
}

// Logits of every position of `tokens`, which follow the `first` tokens that the context holds.
static inline std::vector<std::vector<float>> evaluate(llama_context *context, int vocabulary,
                                                       const std::vector<llama_token> &tokens, int first) {
    llama_batch batch = llama_batch_init(tokens.size(), 0, 1);
    for (size_t i = 0; i < tokens.size(); i++) {
        batch.token[i] = tokens[i];
        batch.pos[i] = first + i;
        batch.n_seq_id[i] = 1;
        batch.seq_id[i][0] = 0;
        batch.logits[i] = 1;
    }
    batch.n_tokens = tokens.size();
    if (llama_decode(context, batch) != 0) fail("decoding failed");
    std::vector<std::vector<float>> rows;
    for (size_t i = 0; i < tokens.size(); i++) {
        const float *logits = llama_get_logits_ith(context, i);
        rows.emplace_back(logits, logits + vocabulary);
    }
    llama_batch_free(batch);
    return rows;
}
