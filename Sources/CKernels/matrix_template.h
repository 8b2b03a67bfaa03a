// Single-precision matrix products over the vectors of vector_template.h, which must be included first. The including
// file defines TILE_ROWS, how many rows of results stay in registers beside two vectors of columns.
//
// Weights come in panels of `panel_width` outputs, transposed so that one k lies in neighbouring vectors; each element
// of an input row is broadcast against them. (Goto and van de Geijn 2008)

enum { panel_width = 2 * lanes };

// result[r * result_stride + n] for `rows` rows, a constant at each place of use, so that all sums stay in registers.
INLINE void multiply_some(const float *input, size_t stride, const float *panel, size_t inputs, float *result,
                          size_t result_stride, const size_t rows) {
    vec left[TILE_ROWS], right[TILE_ROWS];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) left[r] = right[r] = (vec){};
    for (size_t k = 0; k < inputs; k++, panel += panel_width) {
        vec p0 = load(panel), p1 = load(panel + lanes);
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) {
            vec x = fill(input[r * stride + k]);
            left[r] = madd(x, p0, left[r]);
            right[r] = madd(x, p1, right[r]);
        }
    }
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        store(result + r * result_stride, left[r]);
        store(result + r * result_stride + lanes, right[r]);
    }
}

// The same for any number of rows.
static void multiply_tiles(const float *input, size_t stride, size_t rows, const float *panel, size_t inputs,
                           float *result, size_t result_stride) {
    for (; rows >= TILE_ROWS; rows -= TILE_ROWS, input += TILE_ROWS * stride, result += TILE_ROWS * result_stride)
        multiply_some(input, stride, panel, inputs, result, result_stride, TILE_ROWS);
    for (; rows >= 4; rows -= 4, input += 4 * stride, result += 4 * result_stride)
        multiply_some(input, stride, panel, inputs, result, result_stride, 4);
    for (; rows > 0; rows--, input += stride, result += result_stride)
        multiply_some(input, stride, panel, inputs, result, result_stride, 1);
}

static void multiply_f32(const void *activations, size_t first, size_t rows, ck_type type, const void *panel,
                         size_t inputs, float *result) {
    (void)type;
    multiply_tiles((const float *)activations + first * inputs, inputs, rows, panel, inputs, result, panel_width);
}

static void pack_panel_f32(ck_type type, const void *weight, size_t count, size_t inputs, void *panel) {
    enum { most = 256 };  // of the largest blocks
    float part[panel_width][most];
    size_t elements = ck_block_elements(type), step = elements < 32 ? 32 : elements;
    float *out = panel;
    size_t row_bytes = ck_type_bytes(type, inputs);
    for (size_t k = 0; k < inputs; k += step) {
        size_t width = inputs - k < step ? inputs - k : step;
        for (size_t n = 0; n < panel_width; n++) {
            if (n < count)
                ck_kernels.dequantize(type, (const char *)weight + n * row_bytes + ck_type_bytes(type, k), part[n],
                                      width);
            else
                memset(part[n], 0, sizeof part[n]);
        }
        for (size_t i = 0; i < width; i++, out += panel_width)
            for (size_t n = 0; n < panel_width; n++) out[n] = part[n][i];
    }
}

static size_t panel_bytes_f32(ck_type type, size_t inputs) {
    (void)type;
    return inputs * panel_width * sizeof(float);
}

const ck_engine_kernels NAME(ck_engine_f32) = {
    .panel_outputs = panel_width,
    .rows_at_once = 8 * TILE_ROWS,
    .panel_bytes = panel_bytes_f32,
    .pack_panel = pack_panel_f32,
    .multiply = multiply_f32,
};

// What becomes of one row of results on its way to the output; `epilogue` is a constant at each place of use.
INLINE void finish_row(const ck_epilogue epilogue, const float *result, const float *gated, const float *bias,
                       const float *gated_bias, size_t count, float *output) {
    for (size_t i = 0; i < count; i += lanes) {
        size_t width = count - i;
        bool whole = width >= lanes;
        vec y = whole ? load(result + i) : load_part(result + i, width);
        if (bias) y += whole ? load(bias + i) : load_part(bias + i, width);
        if (epilogue == CK_ADD) y += whole ? load(output + i) : load_part(output + i, width);
        if (epilogue == CK_GELU) y = gelu_of(y);
        if (epilogue == CK_GELU_TANH) y = gelu_tanh_of(y);
        if (epilogue == CK_SILU_GATE) {
            vec up = whole ? load(gated + i) : load_part(gated + i, width);
            if (gated_bias) up += whole ? load(gated_bias + i) : load_part(gated_bias + i, width);
            y = silu_product(y, up);
        }
        if (whole) store(output + i, y); else store_part(output + i, y, width);
    }
}

void NAME(ck_finish_rows)(const ck_finish *finish, const float *results, const float *gated, size_t width,
                                 size_t first, size_t rows, size_t column, size_t count) {
    const float *bias = finish->bias ? finish->bias + column : NULL;
    const float *gated_bias = finish->bias ? finish->bias + finish->gatedOffset + column : NULL;
    for (size_t r = 0; r < rows; r++, results += width, gated += width) {
        float *output = finish->output + (first + r) * finish->stride + column;
        switch (finish->epilogue) {
        case CK_STORE: finish_row(CK_STORE, results, gated, bias, gated_bias, count, output); break;
        case CK_ADD: finish_row(CK_ADD, results, gated, bias, gated_bias, count, output); break;
        case CK_GELU: finish_row(CK_GELU, results, gated, bias, gated_bias, count, output); break;
        case CK_GELU_TANH: finish_row(CK_GELU_TANH, results, gated, bias, gated_bias, count, output); break;
        case CK_SILU_GATE: finish_row(CK_SILU_GATE, results, gated, bias, gated_bias, count, output); break;
        }
    }
}
