// See fault_vfs.h. Passes everything on to SQLite's own file system, and keeps of every file what its sectors held at the
// last sync. Not for several processes; threads are kept apart by one lock.
#define _GNU_SOURCE
#include "fault_vfs.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { sector = 512, most_files = 16, most_path = 1024 };

typedef struct {
    int64_t number;
    uint8_t content[sector];
} old_sector;

// A file by name: it outlives its openings.
typedef struct {
    char path[most_path];
    sqlite3_int64 synced_size;
    old_sector *sectors;
    size_t count, room;
} noted_file;

typedef struct {
    sqlite3_file base;
    sqlite3_io_methods methods;
    noted_file *noted;  // NULL for temporary files
    sqlite3_file *real;
} fault_file;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static noted_file files[most_files];
static size_t file_count;
static fault_kind armed;
static uint64_t counted, due;
static sqlite3_vfs *real_vfs;
static sqlite3_vfs vfs;

// MARK: What fails

// Counts a change; SQLITE_OK or how it is to fail. Under the lock.
static int tick(int io_error) {
    counted++;
    if (armed == FAULT_NONE || counted < due) return SQLITE_OK;
    if (armed == FAULT_CRASH) return io_error;
    int code = armed == FAULT_FULL ? SQLITE_FULL : io_error;
    armed = FAULT_NONE;
    return code;
}

static int is_dead(void) { return armed == FAULT_CRASH && counted >= due; }

// MARK: What is noted

static noted_file *note_of(const char *path) {
    for (size_t i = 0; i < file_count; i++)
        if (strcmp(files[i].path, path) == 0) return &files[i];
    if (file_count == most_files || strlen(path) >= most_path) return NULL;
    noted_file *note = &files[file_count++];
    memset(note, 0, sizeof *note);
    strcpy(note->path, path);
    return note;
}

static int holds(const noted_file *note, int64_t number) {
    for (size_t i = 0; i < note->count; i++)
        if (note->sectors[i].number == number) return 1;
    return 0;
}

// Keeps what the sectors of a range hold, where that is not known yet.
static void keep(fault_file *file, int64_t from, int64_t to) {
    noted_file *note = file->noted;
    for (int64_t number = from / sector; number * sector < to; number++) {
        if (number * sector >= note->synced_size || holds(note, number)) continue;
        if (note->count == note->room) {
            size_t room = note->room ? 2 * note->room : 64;
            old_sector *more = realloc(note->sectors, room * sizeof *more);
            if (!more) return;
            note->sectors = more;
            note->room = room;
        }
        old_sector *old = &note->sectors[note->count++];
        old->number = number;
        memset(old->content, 0, sector);
        file->real->pMethods->xRead(file->real, old->content, sector, number * sector);
    }
}

static void note_sync(fault_file *file) {
    file->noted->count = 0;
    file->real->pMethods->xFileSize(file->real, &file->noted->synced_size);
}

// MARK: A file's methods

#define REAL(f) (((fault_file *)(f))->real)
#define CALL(f, method, ...) REAL(f)->pMethods->method(REAL(f), ##__VA_ARGS__)

static int fault_close(sqlite3_file *f) { return CALL(f, xClose); }

static int fault_read(sqlite3_file *f, void *to, int count, sqlite3_int64 offset) {
    pthread_mutex_lock(&lock);
    int code = is_dead() ? SQLITE_IOERR_READ : CALL(f, xRead, to, count, offset);
    pthread_mutex_unlock(&lock);
    return code;
}

static int fault_write(sqlite3_file *f, const void *from, int count, sqlite3_int64 offset) {
    fault_file *file = (fault_file *)f;
    pthread_mutex_lock(&lock);
    int code = file->noted ? tick(SQLITE_IOERR_WRITE) : SQLITE_OK;
    if (code == SQLITE_OK) {
        if (file->noted) keep(file, offset, offset + count);
        code = CALL(f, xWrite, from, count, offset);
    } else if (code != SQLITE_FULL && file->noted && count >= 2 * sector) {
        // What fails may have been written in part.
        keep(file, offset, offset + count / 2);
        CALL(f, xWrite, from, count / 2, offset);
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static int fault_truncate(sqlite3_file *f, sqlite3_int64 size) {
    fault_file *file = (fault_file *)f;
    pthread_mutex_lock(&lock);
    int code = file->noted ? tick(SQLITE_IOERR_TRUNCATE) : SQLITE_OK;
    if (code == SQLITE_OK) {
        if (file->noted) keep(file, size, file->noted->synced_size);
        code = CALL(f, xTruncate, size);
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static int fault_sync(sqlite3_file *f, int flags) {
    fault_file *file = (fault_file *)f;
    pthread_mutex_lock(&lock);
    int code = file->noted ? tick(SQLITE_IOERR_FSYNC) : SQLITE_OK;
    if (code == SQLITE_OK) {
        code = CALL(f, xSync, flags);
        if (code == SQLITE_OK && file->noted) note_sync(file);
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static int fault_size(sqlite3_file *f, sqlite3_int64 *size) { return CALL(f, xFileSize, size); }
static int fault_lock(sqlite3_file *f, int level) { return CALL(f, xLock, level); }
static int fault_unlock(sqlite3_file *f, int level) { return CALL(f, xUnlock, level); }
static int fault_reserved(sqlite3_file *f, int *result) { return CALL(f, xCheckReservedLock, result); }
static int fault_control(sqlite3_file *f, int op, void *value) { return CALL(f, xFileControl, op, value); }
static int fault_sector(sqlite3_file *f) {
    (void)f;
    return sector;
}
// No promises of the device, such as that what is overwritten is all that a power loss can damage.
static int fault_device(sqlite3_file *f) {
    (void)f;
    return 0;
}
static int fault_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **to) {
    return CALL(f, xShmMap, page, size, extend, to);
}
static int fault_shm_lock(sqlite3_file *f, int offset, int n, int flags) { return CALL(f, xShmLock, offset, n, flags); }
static void fault_shm_barrier(sqlite3_file *f) { CALL(f, xShmBarrier); }
static int fault_shm_unmap(sqlite3_file *f, int remove) { return CALL(f, xShmUnmap, remove); }

static const sqlite3_io_methods methods = {
    2, fault_close, fault_read, fault_write, fault_truncate, fault_sync, fault_size, fault_lock, fault_unlock,
    fault_reserved, fault_control, fault_sector, fault_device, fault_shm_map, fault_shm_lock, fault_shm_barrier,
    fault_shm_unmap, NULL, NULL,
};

// MARK: The file system

static int fault_open(sqlite3_vfs *self, const char *name, sqlite3_file *f, int flags, int *out) {
    (void)self;
    fault_file *file = (fault_file *)f;
    memset(file, 0, sizeof *file);
    file->real = (sqlite3_file *)((char *)f + sizeof(fault_file));
    int code = real_vfs->xOpen(real_vfs, name, file->real, flags, out);
    if (code != SQLITE_OK) return code;
    file->base.pMethods = &methods;
    if (!name || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL))) return SQLITE_OK;
    pthread_mutex_lock(&lock);
    size_t known = file_count;
    file->noted = note_of(name);
    if (file->noted && file_count > known) note_sync(file);
    pthread_mutex_unlock(&lock);
    return SQLITE_OK;
}

// The names of files are taken to be durable; a removed file is forgotten.
static int fault_delete(sqlite3_vfs *self, const char *name, int sync) {
    (void)self;
    pthread_mutex_lock(&lock);
    int code = is_dead() ? SQLITE_IOERR_DELETE : real_vfs->xDelete(real_vfs, name, sync);
    for (size_t i = 0; i < file_count && code == SQLITE_OK; i++)
        if (strcmp(files[i].path, name) == 0) files[i].count = 0, files[i].synced_size = 0;
    pthread_mutex_unlock(&lock);
    return code;
}

int fault_vfs_register(void) {
    if (real_vfs) return SQLITE_OK;
    real_vfs = sqlite3_vfs_find(NULL);
    if (!real_vfs) return SQLITE_ERROR;
    vfs = *real_vfs;
    vfs.zName = "fault";
    vfs.pNext = NULL;
    vfs.szOsFile = (int)sizeof(fault_file) + real_vfs->szOsFile;
    vfs.xOpen = fault_open;
    vfs.xDelete = fault_delete;
    return sqlite3_vfs_register(&vfs, 0);
}

void fault_vfs_reset(void) {
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < file_count; i++) free(files[i].sectors);
    file_count = 0;
    armed = FAULT_NONE;
    counted = due = 0;
    pthread_mutex_unlock(&lock);
}

void fault_vfs_arm(fault_kind kind, uint64_t after) {
    pthread_mutex_lock(&lock);
    armed = kind;
    due = counted + (after ? after : 1);
    pthread_mutex_unlock(&lock);
}

uint64_t fault_vfs_count(void) {
    pthread_mutex_lock(&lock);
    uint64_t result = counted;
    pthread_mutex_unlock(&lock);
    return result;
}

static uint64_t draw(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

// What was appended since the last sync goes from some sector on, or stays, with zeros for sectors that were not written.
static uint64_t lose_of(noted_file *note, uint64_t *state) {
    int descriptor = open(note->path, O_RDWR);
    if (descriptor < 0) return 0;
    uint64_t undone = 0;
    for (size_t i = 0; i < note->count; i++) {
        if (draw(state) & 1) continue;
        undone += pwrite(descriptor, note->sectors[i].content, sector, note->sectors[i].number * sector) == sector;
    }
    off_t size = lseek(descriptor, 0, SEEK_END);
    static const uint8_t zeros[sector];
    for (off_t place = (note->synced_size + sector - 1) / sector * sector; place + sector <= size; place += sector)
        if (draw(state) & 1) undone += pwrite(descriptor, zeros, sector, place) == sector;
    if (size > note->synced_size && draw(state) & 1) {
        off_t kept = note->synced_size + (off_t)(draw(state) % (uint64_t)(size - note->synced_size + 1));
        undone += ftruncate(descriptor, kept) == 0;
    } else if (size < note->synced_size && draw(state) & 1) {
        undone += ftruncate(descriptor, note->synced_size) == 0;
    }
    close(descriptor);
    return undone;
}

uint64_t fault_vfs_lose_unsynced(uint64_t seed) {
    pthread_mutex_lock(&lock);
    uint64_t undone = 0;
    for (size_t i = 0; i < file_count; i++) undone += lose_of(&files[i], &seed);
    pthread_mutex_unlock(&lock);
    fault_vfs_reset();
    return undone;
}
