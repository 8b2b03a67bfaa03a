/// Numeric kernels with one implementation per instruction set, chosen once at start-up.
/// Not visible outside the package.
#ifndef CKERNELS_H
#define CKERNELS_H

#include "ck_dispatch.h"
#include "ck_threads.h"
#include "ck_blocks.h"
#include "ck_vectors.h"
#include "ck_layers.h"
#include "ck_attention.h"
#include "ck_linear.h"
#include "ck_atomic.h"
#include "ck_pages.h"
#include "ck_index.h"
#include "ck_sketch.h"

#endif
