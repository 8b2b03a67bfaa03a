/// A layer over SQLite's file system for tests: it makes writes fail, and loses what was not synced when it "crashes".
#ifndef FAULT_VFS_H
#define FAULT_VFS_H
#include <stdint.h>

/// Registers the file system under the name "fault". Returns SQLite's code.
int fault_vfs_register(void);

/// Forgets all that is noted about files, and lets everything work.
void fault_vfs_reset(void);

typedef enum { FAULT_NONE, FAULT_FULL, FAULT_IO, FAULT_CRASH } fault_kind;

/// From the `after`-th write, truncation or sync on, counted from now, these fail: once (FAULT_FULL: ENOSPC, FAULT_IO: EIO) or
/// all of them, reads too (FAULT_CRASH: the machine has stopped).
void fault_vfs_arm(fault_kind kind, uint64_t after);

/// Writes, truncations and syncs so far.
uint64_t fault_vfs_count(void);

/// After a crash and when all connections are closed: of each sector of 512 bytes that was written since the file's last
/// sync, either all writes are undone or the last one stands, by lot; so pages may be torn, and may be written in any order.
/// Returns the number of sectors undone.
uint64_t fault_vfs_lose_unsynced(uint64_t seed);

#endif
