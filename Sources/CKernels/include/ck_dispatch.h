/// Instruction sets, and which of them this process uses.
#ifndef CK_DISPATCH_H
#define CK_DISPATCH_H

#ifdef __cplusplus
extern "C" {
#endif

/// In rising order: a machine that has one has those before it (NEON stands alone above scalar).
typedef enum {
    CK_ISA_SCALAR,
    CK_ISA_NEON,
    CK_ISA_AVX2,
    CK_ISA_AVX512,
    CK_ISA_AVX512VNNI,
    CK_ISA_AMX,
} ck_isa;

/// The instruction set in use on this thread: the best that the machine has, or the one that `FOOTNOTE_ISA` names
/// (scalar, neon, avx2, avx512, avx512vnni, amx) if the machine has it.
ck_isa ck_active_isa(void);

/// The best instruction set that this machine has.
ck_isa ck_best_isa(void);

/// Switches the calling thread alone to another instruction set, for tests that compare them.
/// Returns what is then in use: `isa`, or the best below it that the machine has.
ck_isa ck_use_isa_on_thread(ck_isa isa);

/// The name that `FOOTNOTE_ISA` takes.
const char *ck_isa_name(ck_isa isa);

#ifdef __cplusplus
}
#endif
#endif
