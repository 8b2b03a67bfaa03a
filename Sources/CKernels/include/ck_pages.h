/// Memory from the system in whole pages.
#ifndef CK_PAGES_H
#define CK_PAGES_H
#include <stddef.h>

/// Zeroed memory, aligned to pages; NULL when there is none.
void *_Nullable ck_allocate_pages(size_t bytes);
/// Frees what `ck_allocate_pages` gave for as many bytes.
void ck_free_pages(void *_Nullable memory, size_t bytes);
/// Takes the pages that lie wholly inside a file's read-only mapping out of the process's memory. They are read again, from
/// the system's cache if they still are in it, when somebody touches them.
void ck_release_pages(const void *_Nullable start, size_t bytes);
#endif
