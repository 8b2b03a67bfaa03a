// Matrix products, engine by engine: what is common to all instruction sets.
#include "kernels.h"

static const ck_engine_kernels *kernels_of(ck_engine engine) {
    switch (engine) {
    case CK_ENGINE_F32: return ck_kernels.engine_f32;
    case CK_ENGINE_BF16: return ck_kernels.engine_bf16;
    case CK_ENGINE_Q8: return ck_kernels.engine_q8;
    case CK_ENGINE_Q16: return ck_kernels.engine_q16;
    case CK_ENGINE_ROWS: return ck_kernels.engine_rows;
    }
    return NULL;
}

bool ck_engine_available(ck_engine engine) { return kernels_of(engine) != NULL; }

size_t ck_panel_outputs(ck_engine engine) { return kernels_of(engine)->panel_outputs; }

size_t ck_panel_bytes(ck_engine engine, ck_type type, size_t inputs) {
    return kernels_of(engine)->panel_bytes(type, inputs);
}

static size_t outputs_in(const ck_weight *weight, size_t first, size_t width) {
    return weight->outputs - first < width ? weight->outputs - first : width;
}

void ck_pack_panel(ck_engine engine, const ck_weight *weight, size_t panel, void *packed) {
    const ck_engine_kernels *kernels = kernels_of(engine);
    size_t first = panel * kernels->panel_outputs;
    const char *rows = (const char *)weight->data + first * ck_type_bytes(weight->type, weight->inputs);
    kernels->pack_panel(weight->type, rows, outputs_in(weight, first, kernels->panel_outputs), weight->inputs, packed);
}

size_t ck_activation_bytes(ck_engine engine, size_t rows, size_t inputs) {
    const ck_engine_kernels *kernels = kernels_of(engine);
    return kernels->activation_bytes ? kernels->activation_bytes(rows, inputs) : 0;
}

void ck_pack_activations(ck_engine engine, const float *input, size_t first, size_t rows, size_t inputs,
                         float outliers, void *packed) {
    kernels_of(engine)->pack_activations(input, first, rows, inputs, outliers, packed);
}

size_t ck_interleaved_bytes(ck_engine engine, ck_type type, size_t inputs) {
    const ck_engine_kernels *kernels = kernels_of(engine);
    return kernels && kernels->interleaved_bytes ? kernels->interleaved_bytes(type, inputs) : 0;
}

bool ck_packs_interleaved(ck_engine engine) { return kernels_of(engine)->pack_interleaved != NULL; }

void ck_interleave(ck_engine engine, const ck_weight *weight, size_t set, void *out) {
    size_t first = set * CK_INTERLEAVED_OUTPUTS, row = ck_type_bytes(weight->type, weight->inputs);
    kernels_of(engine)->interleave(weight->type, (const char *)weight->data + first * row,
                                   outputs_in(weight, first, CK_INTERLEAVED_OUTPUTS), weight->inputs, out);
}

// Where the outputs from `first` on lie interleaved.
static const char *interleaved_at(const ck_weight *weight, size_t first) {
    size_t set = ck_interleaved_bytes(CK_ENGINE_ROWS, weight->type, weight->inputs);
    return (const char *)weight->interleaved + first / CK_INTERLEAVED_OUTPUTS * set;
}

static const void *panel_of(ck_engine engine, const ck_weight *weight, size_t panel, char *scratch) {
    size_t bytes = ck_panel_bytes(engine, weight->type, weight->inputs);
    if (weight->panels) return (const char *)weight->panels + panel * bytes;
    const ck_engine_kernels *kernels = kernels_of(engine);
    size_t first = panel * kernels->panel_outputs, count = outputs_in(weight, first, kernels->panel_outputs);
    if (weight->interleaved && kernels->pack_interleaved)
        kernels->pack_interleaved(weight->type, interleaved_at(weight, first), count, weight->inputs, scratch);
    else ck_pack_panel(engine, weight, panel, scratch);
    return scratch;
}

void ck_multiply_panel(ck_engine engine, const ck_weight *weight, const ck_weight *gated, size_t panel,
                       const void *activations, size_t first, size_t rows, const ck_finish *finish) {
    const ck_engine_kernels *kernels = kernels_of(engine);
    size_t width = kernels->panel_outputs, inputs = weight->inputs;
    size_t panel_bytes = (kernels->panel_bytes(weight->type, inputs) + 63) & ~(size_t)63;
    size_t gated_bytes = gated ? kernels->panel_bytes(gated->type, inputs) : 0;
    char *scratch = ck_scratch(CK_SCRATCH_PANEL, panel_bytes + gated_bytes);
    const void *packed = panel_of(engine, weight, panel, scratch);
    const void *packed_gated = gated ? panel_of(engine, gated, panel, scratch + panel_bytes) : NULL;
    size_t count = outputs_in(weight, panel * width, width);

    size_t step = kernels->rows_at_once;
    float *results = ck_scratch(CK_SCRATCH_OUTPUT, 2 * step * width * sizeof(float));
    float *gated_results = results + step * width;
    for (size_t end = first + rows; first < end; first += step) {
        size_t some = end - first < step ? end - first : step;
        kernels->multiply(activations, first, some, weight->type, packed, inputs, results);
        if (gated) kernels->multiply(activations, first, some, gated->type, packed_gated, inputs, gated_results);
        ck_kernels.finish_rows(finish, results, gated_results, width, first, some, weight->column + panel * width,
                               count);
    }
    if (kernels->leave) kernels->leave();
}

// Single precision: results[r * count + n] for `count` outputs.
static void multiply_stored(const float *input, size_t rows, ck_type type, const char *weight, size_t inputs,
                            size_t count, float *results) {
    float *row = ck_scratch(CK_SCRATCH_PANEL, inputs * sizeof(float));
    for (size_t n = 0; n < count; n++, weight += ck_type_bytes(type, inputs), results++) {
        if (type == CK_F16) {
            for (size_t r = 0; r < rows; r++)
                results[r * count] = ck_kernels.dot_f32_f16(input + r * inputs, (const uint16_t *)weight, inputs);
            continue;
        }
        const float *values = (const float *)weight;
        if (type != CK_F32) {
            ck_kernels.dequantize(type, weight, row, inputs);
            values = row;
        }
        for (size_t r = 0; r < rows; r++)
            results[r * count] = ck_kernels.dot_f32(input + r * inputs, values, inputs);
    }
}

static void multiply_some(ck_engine engine, const ck_weight *weight, size_t begin, size_t end,
                          const void *activations, size_t rows, float *results) {
    const ck_engine_kernels *kernels = kernels_of(engine);
    if (weight->interleaved && kernels->multiply_interleaved)
        return kernels->multiply_interleaved(activations, rows, weight->type, interleaved_at(weight, begin),
                                             weight->inputs, end - begin, results);
    const char *stored = (const char *)weight->data + begin * ck_type_bytes(weight->type, weight->inputs);
    if (kernels->multiply_stored)
        kernels->multiply_stored(activations, rows, weight->type, stored, weight->inputs, end - begin, results);
    else
        multiply_stored(activations, rows, weight->type, stored, weight->inputs, end - begin, results);
}

void ck_multiply_rows(ck_engine engine, const ck_weight *weight, const ck_weight *gated, size_t begin, size_t end,
                      const void *activations, size_t rows, const ck_finish *finish) {
    size_t width = end - begin;
    float *results = ck_scratch(CK_SCRATCH_OUTPUT, 2 * rows * width * sizeof(float));
    float *gated_results = results + rows * width;
    multiply_some(engine, weight, begin, end, activations, rows, results);
    if (gated) multiply_some(engine, gated, begin, end, activations, rows, gated_results);
    ck_kernels.finish_rows(finish, results, gated_results, width, 0, rows, weight->column + begin, width);
}

void ck_matmul_plain(const float *input, size_t rows, size_t inputs, ck_type type, const void *weight, size_t begin,
                     size_t end, float *output, size_t outputStride) {
    float *row = ck_scratch(CK_SCRATCH_PANEL, inputs * sizeof(float));
    size_t bytes = ck_type_bytes(type, inputs);
    for (size_t n = begin; n < end; n++) {
        ck_dequantize_scalar(type, (const char *)weight + n * bytes, row, inputs);
        for (size_t r = 0; r < rows; r++)
            output[r * outputStride + n] = ck_dot_f32_scalar(input + r * inputs, row, inputs);
    }
}
