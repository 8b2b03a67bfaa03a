// The table of an engine whose activations have `digits` digits, 1 or 2, for files that define its kernels for both: `pack_rows`,
// `row_bytes_of` and `multiply` with that number, `panel_width`, `panel_bytes` and `pack_panel`.
#ifndef PANEL_ENGINE_H
#define PANEL_ENGINE_H
#include "kernels.h"

// - parameter rows: that are multiplied at once, a multiple of 16.
// - parameter interleaved: packs panels of interleaved weights, or NULL.
#define PANEL_ENGINE(name, digits, rows, interleaved)                                                                \
    static size_t activation_bytes_##digits(size_t count, size_t inputs) {                                           \
        return count * row_bytes_of(digits, inputs);                                                                 \
    }                                                                                                                \
    static void pack_activations_##digits(const float *input, size_t first, size_t count, size_t inputs,             \
                                          float outliers, void *packed) {                                            \
        pack_rows(digits, input, first, count, inputs, outliers, packed);                                            \
    }                                                                                                                \
    static void multiply_##digits(const void *activations, size_t first, size_t count, ck_type type,                 \
                                  const void *panel, size_t inputs, float *results) {                                \
        multiply(digits, activations, first, count, type, panel, inputs, results);                                   \
    }                                                                                                                \
    const ck_engine_kernels name = {                                                                                 \
        .panel_outputs = panel_width,                                                                                \
        .rows_at_once = rows,                                                                                        \
        .panel_bytes = panel_bytes,                                                                                  \
        .pack_panel = pack_panel,                                                                                    \
        .pack_interleaved = interleaved,                                                                             \
        .activation_bytes = activation_bytes_##digits,                                                               \
        .pack_activations = pack_activations_##digits,                                                               \
        .multiply = multiply_##digits,                                                                               \
    };

#endif
