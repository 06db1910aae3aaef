/* Stands between the server and the C library, for the proofs of power and disk.
 *
 * SHIM_LOG   every change to files under SHIM_ROOT is appended there: what was written where, when a sync began and
 *            ended, what was created, renamed and removed, and when an answer 201 or 202 is about to leave.
 * SHIM_FAULT while this file exists, changes fail: it holds an error number and "write", "change" or "sync".
 *
 * A change is logged once it has happened, the end of a sync once it has succeeded and an answer before it is sent:
 * wherever the order is in doubt, the log shows less as kept than really is.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))real(#name))

struct record { uint32_t magic; char kind[4]; uint64_t inode, a; uint32_t n1, n2; };

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static int log_handle = -1;
static uint64_t syncs = 0;

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static const char *root(void) { return getenv("SHIM_ROOT"); }

static int ours(const char *path) {
    const char *top = root();
    if (!top || !path) return 0;
    size_t length = strlen(top), all = strlen(path);
    if (strncmp(path, top, length) || (path[length] && path[length] != '/')) return 0;
    return !(all > 4 && !strcmp(path + all - 4, "-shm"));  /* shared memory: rebuilt after a crash */
}

static int path_of(int handle, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return ours(path);
}

static void tell(const char *kind, uint64_t inode, uint64_t a, const void *p1, size_t n1, const void *p2, size_t n2) {
    int kept = errno;
    pthread_mutex_lock(&gate);
    if (log_handle < 0 && getenv("SHIM_LOG"))
        log_handle = syscall(SYS_openat, AT_FDCWD, getenv("SHIM_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (log_handle >= 0) {
        struct record head = {0x4d4e4f4e, {0}, inode, a, n1, n2};
        memcpy(head.kind, kind, strlen(kind));
        struct iovec parts[3] = {{&head, sizeof head}, {(void *)p1, n1}, {(void *)p2, n2}};
        if (syscall(SYS_writev, log_handle, parts, 3) != (long)(sizeof head + n1 + n2)) abort();
    }
    pthread_mutex_unlock(&gate);
    errno = kept;
}

static void tell_path(const char *kind, const char *one, const char *two) {
    struct stat now;
    uint64_t inode = lstat(two ? two : one, &now) ? 0 : now.st_ino;
    tell(kind, inode, 0, one, strlen(one), two ? two : "", two ? strlen(two) : 0);
}

/* The error that a change of this kind meets now, or 0. */
static int fault(const char *kind) {
    const char *name = getenv("SHIM_FAULT");
    if (!name) return 0;
    int kept = errno, number = 0;
    int handle = syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC, 0);
    if (handle >= 0) {
        char text[32] = {0}, of[16] = {0};
        if (syscall(SYS_read, handle, text, sizeof text - 1) > 0 && sscanf(text, "%d %15s", &number, of) == 2) {
            int wider = !strcmp(of, "change") && !strcmp(kind, "write");
            if (strcmp(of, kind) && !wider) number = 0;
        }
        syscall(SYS_close, handle);
    }
    errno = kept;
    return number;
}

#define FAIL_IF(kind, mine) do { int e_; if ((mine) && (e_ = fault(kind))) { errno = e_; return -1; } } while (0)

static int opened(const char *path, int flags, int mode, int handle_at, int large) {
    int mine = ours(path), there = 1;
    struct stat before;
    if (mine && (flags & (O_CREAT | O_TRUNC))) there = !stat(path, &before);
    FAIL_IF("change", mine && (flags & (O_WRONLY | O_RDWR | O_CREAT)));
    if (mine && !there && (flags & O_CREAT)) FAIL_IF("write", 1);
    int handle = ((int (*)(int, const char *, int, ...))real(large ? "openat64" : "openat"))(handle_at, path, flags, mode);
    if (handle >= 0 && mine) {
        if (!there) tell_path("C", path, NULL);
        else if (flags & O_TRUNC) tell("T", before.st_ino, 0, "", 0, "", 0);
    }
    return handle;
}

#define MODE(flags, last) int mode = 0; if ((flags) & O_CREAT) { va_list more; va_start(more, last); \
    mode = va_arg(more, int); va_end(more); }

int open(const char *path, int flags, ...) { MODE(flags, flags) return opened(path, flags, mode, AT_FDCWD, 0); }
int open64(const char *path, int flags, ...) { MODE(flags, flags) return opened(path, flags, mode, AT_FDCWD, 1); }
int openat(int at, const char *path, int flags, ...) { MODE(flags, flags) return opened(path, flags, mode, at, 0); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags, flags) return opened(path, flags, mode, at, 1); }

/* An answer of success that is about to leave: tell the port of the client. */
static void leaving(int handle, const void *data, size_t size) {
    if (size < 12 || memcmp(data, "HTTP/1.1 20", 11)) return;
    char last = ((const char *)data)[11];
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    if ((last == '1' || last == '2') && !getpeername(handle, (struct sockaddr *)&peer, &length))
        tell("A", 0, ntohs(peer.sin_port), "", 0, "", 0);
}

static int ours_to_write(int handle, uint64_t *inode) {
    struct stat now;
    char path[PATH_MAX];
    if (fstat(handle, &now) || !S_ISREG(now.st_mode) || !path_of(handle, path)) return 0;
    *inode = now.st_ino;
    return 1;
}

ssize_t write(int handle, const void *data, size_t size) {
    uint64_t inode;
    int mine = ours_to_write(handle, &inode);
    if (!mine) leaving(handle, data, size);
    FAIL_IF("write", mine);
    ssize_t done = REAL(write)(handle, data, size);
    if (mine && done > 0) tell("W", inode, lseek(handle, 0, SEEK_CUR) - done, data, done, "", 0);
    return done;
}

ssize_t writev(int handle, const struct iovec *parts, int count) {
    uint64_t inode;
    if (ours_to_write(handle, &inode)) abort();  /* nobody does; if somebody begins, this must learn it */
    if (count) leaving(handle, parts[0].iov_base, parts[0].iov_len);
    return REAL(writev)(handle, parts, count);
}

static ssize_t written_at(const char *name, int handle, const void *data, size_t size, off_t at) {
    uint64_t inode;
    int mine = ours_to_write(handle, &inode);
    FAIL_IF("write", mine);
    ssize_t done = ((ssize_t (*)(int, const void *, size_t, off_t))real(name))(handle, data, size, at);
    if (mine && done > 0) tell("W", inode, at, data, done, "", 0);
    return done;
}

ssize_t pwrite(int handle, const void *data, size_t size, off_t at) { return written_at("pwrite", handle, data, size, at); }
ssize_t pwrite64(int handle, const void *data, size_t size, off64_t at) { return written_at("pwrite64", handle, data, size, at); }

ssize_t send(int handle, const void *data, size_t size, int flags) {
    leaving(handle, data, size);
    return REAL(send)(handle, data, size, flags);
}

ssize_t sendto(int handle, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t length) {
    leaving(handle, data, size);
    return REAL(sendto)(handle, data, size, flags, to, length);
}

ssize_t sendmsg(int handle, const struct msghdr *message, int flags) {
    if (message->msg_iovlen) leaving(handle, message->msg_iov[0].iov_base, message->msg_iov[0].iov_len);
    return REAL(sendmsg)(handle, message, flags);
}

static int synced(int handle, int (*call)(int)) {
    struct stat now;
    char path[PATH_MAX] = "";
    if (fstat(handle, &now) || !path_of(handle, path)) return call(handle);
    FAIL_IF("sync", 1);
    uint64_t number = ((uint64_t)getpid() << 32) | __sync_add_and_fetch(&syncs, 1);
    const char *folder = S_ISDIR(now.st_mode) ? path : "";
    tell("B", now.st_ino, number, folder, strlen(folder), "", 0);
    int failed = call(handle);
    if (!failed) tell("E", now.st_ino, number, "", 0, "", 0);
    return failed;
}

int fsync(int handle) { return synced(handle, REAL(fsync)); }
int fdatasync(int handle) { return synced(handle, REAL(fdatasync)); }

static int cut(const char *name, int handle, off_t length) {
    uint64_t inode;
    int mine = ours_to_write(handle, &inode);
    FAIL_IF("write", mine);
    int failed = ((int (*)(int, off_t))real(name))(handle, length);
    if (mine && !failed) tell("T", inode, length, "", 0, "", 0);
    return failed;
}

int ftruncate(int handle, off_t length) { return cut("ftruncate", handle, length); }
int ftruncate64(int handle, off64_t length) { return cut("ftruncate64", handle, length); }

int rename(const char *from, const char *to) {
    FAIL_IF("change", ours(to));
    int failed = REAL(rename)(from, to);
    if (!failed && ours(to)) tell_path("R", from, to);
    return failed;
}

int link(const char *from, const char *to) {
    FAIL_IF("change", ours(to));
    int failed = REAL(link)(from, to);
    if (!failed && ours(to)) tell_path("L", from, to);
    return failed;
}

int linkat(int a, const char *from, int b, const char *to, int flags) {
    FAIL_IF("change", ours(to));
    int failed = REAL(linkat)(a, from, b, to, flags);
    if (!failed && ours(to)) tell_path("L", from, to);
    return failed;
}

int unlink(const char *path) {
    FAIL_IF("change", ours(path));
    int failed = REAL(unlink)(path);
    if (!failed && ours(path)) tell_path("U", path, NULL);
    return failed;
}

int mkdir(const char *path, mode_t mode) {
    FAIL_IF("write", ours(path));
    int failed = REAL(mkdir)(path, mode);
    if (!failed && ours(path)) tell_path("M", path, NULL);
    return failed;
}
