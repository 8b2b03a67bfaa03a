#include "kernels.h"

#include <stdlib.h>

ck_table ck_kernels;
static ck_isa active;

static const char *const names[] = {"scalar", "neon", "avx2", "avx512", "avx512vnni", "amx"};

const char *ck_isa_name(ck_isa isa) { return names[isa]; }
ck_isa ck_active_isa(void) { return active; }
ck_isa ck_best_isa(void) { return CK_ISA_SCALAR; }

static void use_scalar(ck_table *table) {
    *table = (ck_table){
        ck_dot_f32_scalar, ck_squared_distance_f32_scalar, ck_dot_f32_f16_scalar, ck_dot_i8_scalar, ck_hamming_scalar,
        ck_quantize_i8_scalar, ck_dequantize_scalar, ck_convert_f32_to_f16_scalar, ck_convert_f16_to_f32_scalar,
        ck_rms_norm_scalar, ck_layer_norm_scalar, ck_softmax_scalar, ck_silu_multiply_scalar, ck_gelu_scalar,
        ck_gelu_tanh_scalar, ck_add_scaled_scalar, ck_rotate_scalar, ck_attention_scalar,
    };
}

ck_isa ck_select_isa(ck_isa isa) {
    (void)isa;
    use_scalar(&ck_kernels);
    return active = CK_ISA_SCALAR;
}

__attribute__((constructor)) static void choose(void) {
    const char *name = getenv("FOOTNOTE_ISA");
    ck_isa wanted = ck_best_isa();
    for (ck_isa isa = CK_ISA_SCALAR; name && isa <= CK_ISA_AMX; isa++)
        if (strcmp(name, names[isa]) == 0) wanted = isa;
    ck_select_isa(wanted);
}
