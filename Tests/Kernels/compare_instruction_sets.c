// Compares the kernels of every instruction set of a machine with their plain twins, without Swift: for machines that can
// only be emulated. Built and run by scripts/check-neon.sh; ends with status 1 when something differs.
#include "CKernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

static void check(const char *what, const char *isa, float error, float tolerance) {
    if (error <= tolerance) return;  // false for what is not a number
    printf("%s, %s: error %g, allowed are %g\n", isa, what, error, tolerance);
    failures++;
}

static uint64_t state = 88172645463325252u;

static uint64_t bits(void) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state;
}

// Uniform in -1 ... 1.
static float number(void) { return (float)(bits() >> 40) / (1 << 23) - 1; }

static float *numbers(size_t count) {
    float *values = malloc((count + 1) * sizeof(float));
    for (size_t i = 0; i < count; i++) values[i] = number();
    return values;
}

// Largest difference over the root mean square of what is expected.
static float difference(const float *actual, const float *expected, size_t count) {
    double squares = 0, largest = 0;
    for (size_t i = 0; i < count; i++) {
        squares += (double)expected[i] * expected[i];
        double distance = fabs((double)actual[i] - expected[i]);
        if (!(distance <= largest)) largest = distance;
    }
    return (float)(largest / (sqrt(squares / (double)count) + 1e-30));
}

static const struct {
    ck_type type;
    const char *name;
    int halves[2];
} formats[] = {
    {CK_F32, "F32", {-1, -1}},    {CK_F16, "F16", {-1, -1}},  {CK_BF16, "BF16", {-1, -1}}, {CK_Q4_0, "Q4_0", {0, -1}},
    {CK_Q4_1, "Q4_1", {0, 2}},    {CK_Q5_0, "Q5_0", {0, -1}}, {CK_Q5_1, "Q5_1", {0, 2}},   {CK_Q8_0, "Q8_0", {0, -1}},
    {CK_Q2_K, "Q2_K", {80, 82}},  {CK_Q3_K, "Q3_K", {108, -1}}, {CK_Q4_K, "Q4_K", {0, 2}}, {CK_Q5_K, "Q5_K", {0, 2}},
    {CK_Q6_K, "Q6_K", {208, -1}}, {CK_IQ4_NL, "IQ4_NL", {0, -1}}, {CK_IQ4_XS, "IQ4_XS", {0, -1}},
};

static uint8_t *random_weights(int format, size_t count) {
    ck_type type = formats[format].type;
    size_t bytes = ck_type_bytes(type, count), block = ck_block_bytes(type);
    uint8_t *data = malloc(bytes + 64);
    for (size_t i = 0; i < bytes; i++) data[i] = (uint8_t)(bits() >> 33);
    for (size_t at = 0; at < bytes; at += block) {
        for (int h = 0; h < 2 && formats[format].halves[h] >= 0; h++) {
            uint16_t half = ck_f32_to_f16(h ? 0.07f + 0.02f * number() : 0.01f + 0.005f * number());
            memcpy(data + at + formats[format].halves[h], &half, 2);
        }
        float value = number();
        uint16_t half = ck_f32_to_f16(value);
        if (type == CK_F32) memcpy(data + at, &value, 4);
        if (type == CK_F16) memcpy(data + at, &half, 2);
        if (type == CK_BF16) memcpy(data + at, (uint8_t *)&value + 2, 2);
    }
    return data;
}

static void check_product(const char *isa, int format, ck_engine engine, size_t inputs, size_t outputs, size_t rows) {
    uint8_t *data = random_weights(format, inputs * outputs);
    float *x = numbers(rows * inputs), *expected = calloc(rows * outputs, 4), *actual = calloc(rows * outputs, 4);
    ck_weight weight = {.type = formats[format].type, .data = data, .inputs = inputs, .outputs = outputs};
    ck_finish finish = {.epilogue = CK_STORE, .output = actual, .stride = outputs};
    ck_matmul_plain(x, rows, inputs, weight.type, data, 0, outputs, expected, outputs);
    size_t bytes = ck_activation_bytes(engine, rows, inputs);
    void *packed = bytes ? aligned_alloc(64, (bytes + 63) / 64 * 64) : NULL;
    if (packed) ck_pack_activations(engine, x, 0, rows, inputs, 0, packed);
    const void *activations = packed ? packed : x;
    float tolerance = engine == CK_ENGINE_Q8 ? 0.05f : engine == CK_ENGINE_BF16 ? 0.02f : 2e-4f;
    // The single-precision engine multiplies a few rows without panels, too; the one for rows does nothing else.
    if (engine == CK_ENGINE_ROWS || engine == CK_ENGINE_F32) {
        ck_multiply_rows(engine, &weight, NULL, 0, outputs, activations, rows, &finish);
        check(formats[format].name, isa, difference(actual, expected, rows * outputs), tolerance);
    }
    if (engine != CK_ENGINE_ROWS) {
        memset(actual, 255, rows * outputs * 4);
        for (size_t panel = 0; panel * ck_panel_outputs(engine) < outputs; panel++)
            ck_multiply_panel(engine, &weight, NULL, panel, activations, 0, rows, &finish);
        check(formats[format].name, isa, difference(actual, expected, rows * outputs), tolerance);
    }
    free(data), free(x), free(expected), free(actual), free(packed);
}

static void check_products(const char *isa) {
    static const size_t sizes[][3] = {{256, 1, 3}, {768, 33, 17}, {1280, 70, 5}, {512, 65, 23}};
    for (int format = 0; format < (int)(sizeof formats / sizeof *formats); format++)
        for (ck_engine engine = CK_ENGINE_F32; engine <= CK_ENGINE_ROWS; engine++) {
            bool blocks = ck_block_elements(formats[format].type) > 1;
            if (!ck_engine_available(engine) || (!blocks && engine != CK_ENGINE_F32 && engine != CK_ENGINE_BF16)) continue;
            for (size_t i = 0; i < 4; i++)
                check_product(isa, format, engine, sizes[i][0] - (blocks ? 0 : 3), sizes[i][1], sizes[i][2]);
        }
}

static void check_decoding(const char *isa, ck_isa best) {
    for (int format = 0; format < (int)(sizeof formats / sizeof *formats); format++) {
        uint8_t *data = random_weights(format, 768);
        float expected[768], actual[768];
        ck_use_isa_on_thread(CK_ISA_SCALAR);
        ck_dequantize(formats[format].type, data, expected, 768);
        ck_use_isa_on_thread(best);
        ck_dequantize(formats[format].type, data, actual, 768);
        check(formats[format].name, isa, memcmp(expected, actual, sizeof expected) ? 1 : 0, 0);
        free(data);
    }
}

// Runs a kernel once as it is and once as its plain twin; `EXPRESSION` fills `out`.
#define COMPARE(name, tolerance, EXPRESSION)                          \
    do {                                                              \
        float *out = expected;                                        \
        ck_use_isa_on_thread(CK_ISA_SCALAR);                          \
        memcpy(out, start, sizeof start);                             \
        EXPRESSION;                                                   \
        out = actual;                                                 \
        ck_use_isa_on_thread(best);                                   \
        memcpy(out, start, sizeof start);                             \
        EXPRESSION;                                                   \
        check(name, isa, difference(actual, expected, 2048), tolerance); \
    } while (0)

static void check_layers(const char *isa, ck_isa best) {
    static const size_t sizes[] = {1, 7, 17, 63, 1023};
    static float start[2048], expected[2048], actual[2048], weights[2048], other[2048];
    for (size_t i = 0; i < 2048; i++) start[i] = 3 * number(), weights[i] = number(), other[i] = number();
    for (size_t s = 0; s < 5; s++) {
        size_t n = sizes[s];
        COMPARE("dot", 1e-4f, out[0] = ck_dot_f32(weights, other, n));
        COMPARE("squared distance", 1e-4f, out[0] = ck_squared_distance_f32(weights, other, n));
        COMPARE("RMS norm", 1e-5f, ck_rms_norm(start, 2, n, weights, 1e-5f, out));
        COMPARE("layer norm", 1e-4f, ck_layer_norm(start, other, 2, n, weights, weights, 1e-5f, out));
        COMPARE("softmax", 1e-5f, ck_softmax(out, n));
        COMPARE("SiLU", 1e-5f, ck_silu_multiply(start, weights, out, n));
        COMPARE("GELU", 1e-5f, ck_gelu(out, n));
        COMPARE("GELU by tanh", 1e-5f, ck_gelu_tanh(out, n));
        COMPARE("sum", 1e-6f, ck_add_scaled(out, weights, 0.5f, n));
    }
    COMPARE("rotation", 1e-6f, ck_rotate(out, 5, 64, 32, 0, weights, other));
    COMPARE("rotation of neighbours", 1e-6f, ck_rotate(out, 5, 64, 24, 1, weights, other));
}

static void check_attention(const char *isa, ck_isa best) {
    enum { heads = 3, width = 40, rows = 9, positions = 77 };
    float *queries = numbers(rows * heads * width), *keys = numbers(positions * width), *values = numbers(positions * width);
    uint16_t half_keys[positions * width], half_values[positions * width];
    ck_convert_f32_to_f16(keys, half_keys, positions * width);
    ck_convert_f32_to_f16(values, half_values, positions * width);
    static float start[2048], expected[2048], actual[2048];
    ck_head_cache plain = {keys, values, width, CK_F32}, half = {half_keys, half_values, width, CK_F16};
    COMPARE("attention", 1e-4f, ck_attention(queries, heads * width, rows, heads, plain, positions - rows + 1, 1, width,
                                              0.2f, out, heads * width));
    COMPARE("attention in half precision", 1e-4f,
            ck_attention(queries, heads * width, rows, heads, half, positions - rows + 1, 1, width, 0.2f, out, heads * width));
    free(queries), free(keys), free(values);
}

static void check_sketches(const char *name, ck_isa isa, size_t count) {
    enum { rows = 9 };
    int8_t *values = malloc(count);
    int32_t *scratch = malloc(count * sizeof *scratch), sums[2][rows];
    size_t words = ck_sketch_words(count);
    uint64_t *planes[2], *sketches[2][rows];
    for (int twin = 0; twin < 2; twin++) {
        ck_use_isa_on_thread(twin ? CK_ISA_SCALAR : isa);
        state = 99;
        for (int row = 0; row < rows; row++) {
            for (size_t i = 0; i < count; i++) values[i] = (int8_t)(bits() >> 40) / 2;
            sketches[twin][row] = calloc(words, sizeof(uint64_t));
            ck_sketch_i8(values, count, scratch, sketches[twin][row]);
        }
        planes[twin] = malloc(4 * words * sizeof(uint64_t));
        ck_sketch_query query = ck_sketch_query_i8(values, count, 1, 1, scratch, planes[twin]);
        ck_sketch_sums(&query, (const uint64_t *const *)sketches[twin], rows, sums[twin]);
    }
    for (int row = 0; row < rows; row++)
        check("sketches", name, memcmp(sketches[0][row], sketches[1][row], words * sizeof(uint64_t)) != 0, 0);
    check("queries of sketches", name, memcmp(planes[0], planes[1], 4 * words * sizeof(uint64_t)) != 0, 0);
    check("sums of sketches", name, memcmp(sums[0], sums[1], sizeof sums[0]) != 0, 0);
    ck_use_isa_on_thread(isa);
    for (int twin = 0; twin < 2; twin++) {
        for (int row = 0; row < rows; row++) free(sketches[twin][row]);
        free(planes[twin]);
    }
    free(values), free(scratch);
}

int main(void) {
    ck_isa best = ck_best_isa();
    for (ck_isa isa = CK_ISA_NEON; isa <= best; isa++) {
        if (ck_use_isa_on_thread(isa) != isa) continue;
        const char *name = ck_isa_name(isa);
        int before = failures;
        check_products(name);
        check_decoding(name, isa), check_layers(name, isa), check_attention(name, isa);
        check_sketches(name, isa, 384), check_sketches(name, isa, 777);
        printf("%s: %s\n", name, failures == before ? "equal to the plain kernels" : "differs");
    }
    return failures != 0;
}
