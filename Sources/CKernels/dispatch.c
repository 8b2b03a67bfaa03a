#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include "kernels.h"

#include <stdlib.h>
#if defined(__linux__) && defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

// One table for each instruction set that the machine has, and the one in use.
static ck_table tables[CK_ISA_AMX + 1];
static ck_table chosen;
static ck_isa active;
_Thread_local const ck_table *ck_current = &chosen;

static const char *const names[] = {"scalar", "neon", "avx2", "avx512", "avx512vnni", "amx"};

const char *ck_isa_name(ck_isa isa) { return names[isa]; }

#define TABLE(suffix)                                                    \
    ((ck_table){                                                         \
        .dot_f32 = ck_dot_f32_##suffix,                                  \
        .squared_distance_f32 = ck_squared_distance_f32_##suffix,        \
        .dot_f32_f16 = ck_dot_f32_f16_##suffix,                          \
        .dot_i8 = ck_dot_i8_##suffix,                                    \
        .dots_i8 = ck_dots_i8_##suffix,                                  \
        .dots_i8_signs = ck_dots_i8_signs_##suffix,                      \
        .insert_u64 = ck_insert_u64_##suffix,                            \
        .sketch_sums = ck_sketch_sums_##suffix,                          \
        .hamming = ck_hamming_##suffix,                                  \
        .quantize_i8 = ck_quantize_i8_##suffix,                          \
        .dequantize = ck_dequantize_##suffix,                            \
        .convert_f32_to_f16 = ck_convert_f32_to_f16_##suffix,            \
        .convert_f16_to_f32 = ck_convert_f16_to_f32_##suffix,            \
        .rms_norm = ck_rms_norm_##suffix,                                \
        .layer_norm = ck_layer_norm_##suffix,                            \
        .softmax = ck_softmax_##suffix,                                  \
        .largest = ck_largest_##suffix,                                  \
        .silu_multiply = ck_silu_multiply_##suffix,                      \
        .gelu = ck_gelu_##suffix,                                        \
        .gelu_tanh = ck_gelu_tanh_##suffix,                              \
        .add_scaled = ck_add_scaled_##suffix,                            \
        .rotate = ck_rotate_##suffix,                                    \
        .finish_rows = ck_finish_rows_##suffix,                          \
        .attention = ck_attention_##suffix,                              \
        .attention_fast = ck_attention_##suffix,                         \
        .engine_f32 = &ck_engine_f32_##suffix,                           \
    })

#if defined(__x86_64__)
// The system saves the eight tile registers of a thread only for processes that have asked for them.
static bool may_use_tiles(void) {
#if defined(__linux__)
    enum { request_permission = 0x1023, tile_data = 18 };
    return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
    return false;
#endif
}

ck_isa ck_best_isa(void) {
    __builtin_cpu_init();
#define HAS(feature) (__builtin_cpu_supports(feature) != 0)
    if (!(HAS("avx2") && HAS("fma") && HAS("f16c") && HAS("popcnt"))) return CK_ISA_SCALAR;
    if (!(HAS("avx512f") && HAS("avx512bw") && HAS("avx512dq") && HAS("avx512vl"))) return CK_ISA_AVX2;
    if (!(HAS("avx512vnni") && HAS("avx512vbmi") && HAS("avx512vpopcntdq"))) return CK_ISA_AVX512;
    if (!(HAS("amx-tile") && HAS("amx-bf16") && HAS("amx-int8") && HAS("avx512bf16"))) return CK_ISA_AVX512VNNI;
    return may_use_tiles() ? CK_ISA_AMX : CK_ISA_AVX512VNNI;
}

static ck_table table_of(ck_isa isa) {
    ck_table table = TABLE(scalar);
    if (isa >= CK_ISA_AVX2) table = TABLE(avx2);
    if (isa >= CK_ISA_AVX512) table = TABLE(avx512);
    if (isa >= CK_ISA_AVX2) {
        table.engine_q8 = &ck_engine_q8_avx2;
        table.engine_q16 = &ck_engine_q16_avx2;
        table.engine_rows = &ck_engine_rows_avx2;
    }
    if (isa >= CK_ISA_AVX512VNNI) {
        table.dot_i8 = ck_dot_i8_avx512vnni;
        table.dots_i8 = ck_dots_i8_avx512vnni;
        table.dots_i8_signs = ck_dots_i8_signs_avx512vnni;
        table.insert_u64 = ck_insert_u64_avx512vnni;
        table.sketch_sums = ck_sketch_sums_avx512vnni;
        table.hamming = ck_hamming_avx512vnni;
        table.engine_q8 = &ck_engine_q8_avx512vnni;
        table.engine_q16 = &ck_engine_q16_avx512vnni;
        table.engine_rows = &ck_engine_rows_avx512vnni;
    }
    if (isa >= CK_ISA_AMX) {
        table.attention_fast = ck_attention_amx;
        table.engine_bf16 = &ck_engine_bf16_amx;
    }
    return table;
}
#elif defined(__aarch64__)
ck_isa ck_best_isa(void) { return CK_ISA_NEON; }

static ck_table table_of(ck_isa isa) {
    if (isa >= CK_ISA_NEON) return TABLE(neon);
    return TABLE(scalar);
}
#else
ck_isa ck_best_isa(void) { return CK_ISA_SCALAR; }

static ck_table table_of(ck_isa isa) {
    (void)isa;
    return TABLE(scalar);
}
#endif

// What the machine has of instruction sets up to the wanted one.
static ck_isa available(ck_isa wanted) {
    ck_isa best = ck_best_isa(), least = best == CK_ISA_NEON ? CK_ISA_NEON : CK_ISA_AVX2;
    ck_isa isa = wanted < best ? wanted : best;
    return isa < least ? CK_ISA_SCALAR : isa;
}

ck_isa ck_active_isa(void) { return ck_current == &chosen ? active : (ck_isa)(ck_current - tables); }

ck_isa ck_use_isa_on_thread(ck_isa isa) {
    isa = available(isa);
    ck_current = &tables[isa];
    return isa;
}

__attribute__((constructor)) static void choose(void) {
    const char *name = getenv("FOOTNOTE_ISA");
    active = ck_best_isa();
    for (ck_isa isa = CK_ISA_SCALAR; isa <= CK_ISA_AMX; isa++) {
        tables[isa] = table_of(available(isa));
        if (name && strcmp(name, names[isa]) == 0) active = available(isa);
    }
    chosen = tables[active];
}
