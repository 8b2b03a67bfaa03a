// What engines for block-quantised weights share.
#ifndef BLOCK_TYPES_H
#define BLOCK_TYPES_H
#include "kernels.h"

// Calls `function` with a constant for each block-quantised type.
#define FOR_TYPE(type, function, ...)                               \
    switch (type) {                                                 \
    case CK_Q4_0: function(CK_Q4_0, __VA_ARGS__); break;            \
    case CK_Q4_1: function(CK_Q4_1, __VA_ARGS__); break;            \
    case CK_Q5_0: function(CK_Q5_0, __VA_ARGS__); break;            \
    case CK_Q5_1: function(CK_Q5_1, __VA_ARGS__); break;            \
    case CK_Q8_0: function(CK_Q8_0, __VA_ARGS__); break;            \
    case CK_Q2_K: function(CK_Q2_K, __VA_ARGS__); break;            \
    case CK_Q3_K: function(CK_Q3_K, __VA_ARGS__); break;            \
    case CK_Q4_K: function(CK_Q4_K, __VA_ARGS__); break;            \
    case CK_Q5_K: function(CK_Q5_K, __VA_ARGS__); break;            \
    case CK_Q6_K: function(CK_Q6_K, __VA_ARGS__); break;            \
    case CK_IQ4_NL: function(CK_IQ4_NL, __VA_ARGS__); break;        \
    case CK_IQ4_XS: function(CK_IQ4_XS, __VA_ARGS__); break;        \
    default: break;                                                 \
    }

#endif
