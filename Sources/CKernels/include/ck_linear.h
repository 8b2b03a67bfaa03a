/// Products of activations with weight matrices.
///
/// An engine is a way to multiply: how activations are packed, how weights are packed into panels (of a few dozen
/// outputs, so that one panel stays in cache while all rows pass), and how a panel is multiplied.
#ifndef CK_LINEAR_H
#define CK_LINEAR_H
#include "ck_blocks.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    /// Single precision throughout.
    CK_ENGINE_F32,
    /// Weights and activations rounded to bfloat16, sums in single precision.
    CK_ENGINE_BF16,
    /// Block-quantised weights as they are, activations rounded to 8 bits in the same blocks.
    CK_ENGINE_Q8,
    /// The same, activations rounded to 16 bits where it is worth it; see `ck_pack_activations`.
    CK_ENGINE_Q16,
    /// The same for a few rows, from weights as they are stored: it has no panels.
    CK_ENGINE_ROWS,
} ck_engine;

/// A matrix [outputs, inputs] as stored, and where its outputs begin in a row of results.
typedef struct {
    ck_type type;
    const void *data;
    size_t inputs, outputs, column;
    /// All panels of one engine, if they were packed in advance, else NULL.
    const void *panels;
    /// All weights interleaved by `ck_interleave`, else NULL. Where the engines in use read them, `data` is not read.
    const void *interleaved;
} ck_weight;

typedef enum { CK_STORE, CK_ADD, CK_GELU, CK_GELU_TANH, CK_SILU_GATE } ck_epilogue;

/// What becomes of results: a bias is added (unless NULL), then `epilogue` is applied on the way to `output`, whose rows
/// are `stride` floats apart. For CK_SILU_GATE the second matrix's biases begin `gatedOffset` after the first's.
typedef struct {
    ck_epilogue epilogue;
    const float *bias;
    size_t gatedOffset;
    float *output;
    size_t stride;
} ck_finish;

/// Whether the instruction set in use has this engine.
bool ck_engine_available(ck_engine engine);
/// Outputs of one panel.
size_t ck_panel_outputs(ck_engine engine);
/// Bytes of one panel of a matrix of that type with that many inputs.
size_t ck_panel_bytes(ck_engine engine, ck_type type, size_t inputs);
/// Packs panel number `panel` of the matrix.
void ck_pack_panel(ck_engine engine, const ck_weight *weight, size_t panel, void *packed);

/// Bytes of packed activations; 0 when the engine takes rows as they are.
size_t ck_activation_bytes(ck_engine engine, size_t rows, size_t inputs);
/// Packs `rows` rows from row `first`, a multiple of 16, on.
///
/// Engines that round to 16 bits may leave it at 8 in blocks of 32 whose largest value is not more than `outliers` times the
/// root mean square of their row; with 0 in none. (Panels of AVX2 do so up to 6 times even where `outliers` is less.)
void ck_pack_activations(ck_engine engine, const float *input, size_t first, size_t rows, size_t inputs, float outliers,
                         void *packed);

/// Multiplies rows first ..< first + rows (`first` a multiple of 16) with one panel of the matrix, and of `gated` beside
/// it when the epilogue takes two.
void ck_multiply_panel(ck_engine engine, const ck_weight *weight, const ck_weight *gated, size_t panel,
                       const void *activations, size_t first, size_t rows, const ck_finish *finish);

/// Outputs whose weights lie interleaved with each other.
enum { CK_INTERLEAVED_OUTPUTS = 16 };
/// Bytes of so many outputs' weights when they lie interleaved, about as many as stored; 0 where the engine in use has no
/// such order for the type.
size_t ck_interleaved_bytes(ck_engine engine, ck_type type, size_t inputs);
/// Whether an engine's panels can be packed from interleaved weights.
bool ck_packs_interleaved(ck_engine engine);
/// Interleaves set number `set` of the matrix's outputs: those that are left of 16, in the memory of 16.
void ck_interleave(ck_engine engine, const ck_weight *weight, size_t set, void *out);

/// Multiplies all of a few rows with outputs begin ..< end straight from stored or interleaved weights; `begin` is a
/// multiple of CK_INTERLEAVED_OUTPUTS where they are interleaved.
void ck_multiply_rows(ck_engine engine, const ck_weight *weight, const ck_weight *gated, size_t begin, size_t end,
                      const void *activations, size_t rows, const ck_finish *finish);

/// output[r, n] = sum over k of input[r, k] * weight[n, k] in plain single precision, for the weight rows
/// begin ..< end. Input rows are contiguous; output rows are `outputStride` floats apart. The twin of the fast ones.
void ck_matmul_plain(const float *input, size_t rows, size_t inputs, ck_type type, const void *weight,
                     size_t begin, size_t end, float *output, size_t outputStride);

#ifdef __cplusplus
}
#endif
#endif
