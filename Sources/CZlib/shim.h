#include <zlib.h>
#include <string.h>

/* inflateInit2 is a macro, which Swift does not see. */
static inline int footnote_inflate_init(z_stream *stream, int window_bits) {
    memset(stream, 0, sizeof *stream);
    return inflateInit2(stream, window_bits);
}
