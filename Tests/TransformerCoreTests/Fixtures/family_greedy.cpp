// What llama.cpp makes of converted models: for each file named, the largest difference of its logits to those in
// expected.bin (relative to the largest logit), and whether its greedy choices are the same.
// usage: family_greedy FAMILIES_FOLDER CONVERTED_FOLDER NAME...     (CONVERTED_FOLDER/NAME.gguf)
#include "llama_evaluate.h"

#include <algorithm>
#include <cmath>
#include <string>

template <typename T> static std::vector<T> take(std::ifstream &in, size_t count) {
    std::vector<T> values(count);
    in.read(reinterpret_cast<char *>(values.data()), count * sizeof(T));
    return values;
}

static void compare(const std::string &name, const std::string &expected, const std::string &path) {
    std::ifstream in(expected, std::ios::binary);
    auto sizes = take<uint32_t>(in, 2);
    auto tokens = take<llama_token>(in, sizes[0]);
    auto logits = take<float>(in, (size_t)sizes[0] * sizes[1]);
    auto greedy = take<llama_token>(in, take<uint32_t>(in, 1)[0]);
    llama_model *model = loadModel(path.c_str());
    llama_context *context = makeContext(model, 256);
    auto rows = evaluate(context, sizes[1], tokens, 0);
    float largest = 0, difference = 0;
    for (size_t i = 0; i < logits.size(); i++) {
        largest = std::max(largest, std::fabs(logits[i]));
        difference = std::max(difference, std::fabs(logits[i] - rows[i / sizes[1]][i % sizes[1]]));
    }
    size_t same = 0;
    auto last = rows.back();
    for (size_t i = 0; i < greedy.size(); i++) {
        llama_token best = std::max_element(last.begin(), last.end()) - last.begin();
        if (best != greedy[i]) break;
        same++;
        last = evaluate(context, sizes[1], {best}, tokens.size() + i).back();
    }
    printf("%-14s largest difference %.2g, greedy tokens equal %zu of %zu\n", name.c_str(), difference / largest, same,
           greedy.size());
    fflush(stdout);
    llama_free(context);
    llama_model_free(model);
}

int main(int count, char **arguments) {
    if (count < 4) fail("usage: family_greedy FAMILIES_FOLDER CONVERTED_FOLDER NAME...");
    for (int i = 3; i < count; i++) {
        std::string name = arguments[i];
        compare(name, std::string(arguments[1]) + "/" + name + "/expected.bin",
                std::string(arguments[2]) + "/" + name + ".gguf");
    }
}
