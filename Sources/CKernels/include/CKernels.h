/// Numeric kernels with one implementation per instruction set, chosen once at start-up.
/// Not visible outside the package.
#ifndef CKERNELS_H
#define CKERNELS_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Sum of a[i]*b[i]. The plain twin that faster versions are compared with.
float ck_dot_f32_scalar(const float *a, const float *b, size_t count);

#ifdef __cplusplus
}
#endif
#endif
