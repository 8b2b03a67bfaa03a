// The reader's adapters: a safetensors file made by scripts/train_reader.py, compiled in so that the tool stays one
// file and a program that embeds the library needs no resource bundle beside it.
#ifndef FOOTNOTE_READER_H
#define FOOTNOTE_READER_H

#include <stddef.h>

// The file's first byte, 64-byte aligned; valid for ever.
const void *footnote_reader_data(void);
size_t footnote_reader_size(void);

#endif
