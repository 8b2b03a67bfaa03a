#include "reader.h"

// #embed is C23; clang has it as an extension of C11.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const _Alignas(64) unsigned char data[] = {
#embed "reader.safetensors"
};

const void *footnote_reader_data(void) { return data; }

size_t footnote_reader_size(void) { return sizeof data; }
