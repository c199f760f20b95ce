/* Preloaded into amx, it makes the machine fail: memory, calls to files, the host's name, the file system's
 * kind. And it writes down who opens, closes and locks a file. What to do is in the environment:
 *
 * - FAULTY_MALLOC=12: the 12th allocation fails; 12+: all from the 12th on
 *
 * - FAULTY_IO=CALLS:3:5: the 3rd of these calls ("pwrite,fdatasync") fails with errno 5; 3+: all from there
 * on
 *
 * - FAULTY_HOSTNAME=NAME: what gethostname says; empty: it fails
 *
 * - FAULTY_STATFS=6969: the magic number (hexadecimal) that statfs says
 *
 * - FAULTY_WATCH=TEXT: opens, closes and locks of files whose path ends so are logged
 *
 * - FAULTY_LOG=PATH: "struck CALL LIBRARY" for the first failure; "died FUNCTION LIBRARY" for each frame of a
 * death by SIGSEGV or SIGABRT, the innermost first; "open|close|lock|loosen|unlock|fork FD LIBRARY" for what
 * is watched. LIBRARY is where the call came from. At the end "peak KIB", the most memory that was in use.
 *
 * Counting begins when the constructors of the libraries have run. Calls go to the kernel directly, so that
 * nothing here allocates. */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#define MAX_FILES 1024
#define CALLER __builtin_return_address(0)

/* What the allocator of the C library calls itself. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

typedef struct Fault {
    long nth; /* 0: never */
    bool and_later;
    atomic_long count;
} Fault;

static Fault memory, io;
static char io_calls[256];
static int io_errno;
static const char *hostname, *fs_magic, *watch;
static int log_file = -1;
static atomic_bool watched[MAX_FILES];

/* ---- what was asked for ---- */

static const char *parse_nth(const char *text, Fault *fault)
{
    char *end;
    fault->nth = strtol(text, &end, 10);
    fault->and_later = *end == '+';
    return end + fault->and_later;
}

static void parse_io(const char *text)
{
    size_t length = strcspn(text, ":");
    if (text[length] == ':' && length + 3 < sizeof io_calls) {
        snprintf(io_calls, sizeof io_calls, ",%.*s,", (int)length, text);
        const char *rest = parse_nth(text + length + 1, &io);
        io_errno = *rest == ':' ? atoi(rest + 1) : EIO;
    }
}

/* ---- log ---- */

static void append(char *line, size_t size, const char *text)
{
    size_t length = strlen(line);
    if (length < size) {
        strncpy(line + length, text, size - length - 1);
    }
}

static void note(const char *what, int fd, const void *caller)
{
    if (log_file < 0) {
        return;
    }
    int before = errno;
    char line[512] = "";
    char number[2] = {0};
    Dl_info from = {0};
    const char *library = dladdr(caller, &from) && from.dli_fname ? from.dli_fname : "?";
    append(line, sizeof line, what);
    append(line, sizeof line, " ");
    for (int unit = 1000; fd >= 0 && unit > 0; unit /= 10) {
        number[0] = (char)('0' + fd / unit % 10);
        append(line, sizeof line, number);
    }
    append(line, sizeof line, fd >= 0 ? " " : "");
    append(line, sizeof line, strrchr(library, '/') ? strrchr(library, '/') + 1 : library);
    append(line, sizeof line, "\n");
    syscall(SYS_write, log_file, line, strlen(line));
    errno = before;
}

/* ---- beginning ---- */

/* The calls that led to a death, innermost first. */
static void on_death(int signal_number)
{
    void *frames[32];
    int count = backtrace(frames, 32);
    for (int i = 0; i < count; i++) {
        Dl_info from = {0};
        char line[128] = "died ";
        bool known = dladdr(frames[i], &from) && from.dli_sname;
        append(line, sizeof line, known ? from.dli_sname : "?");
        note(line, -1, frames[i]);
    }
    raise(signal_number);
}

static void watch_over_deaths(void)
{
    void *frame;
    struct sigaction death = {.sa_handler = on_death, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};
    backtrace(&frame, 1); /* the first one needs memory */
    sigaction(SIGSEGV, &death, NULL);
    sigaction(SIGABRT, &death, NULL);
}

__attribute__((constructor)) static void begin(void)
{
    const char *log_path = getenv("FAULTY_LOG");
    const char *nth = getenv("FAULTY_MALLOC");
    const char *calls = getenv("FAULTY_IO");
    hostname = getenv("FAULTY_HOSTNAME");
    fs_magic = getenv("FAULTY_STATFS");
    watch = getenv("FAULTY_WATCH");
    if (log_path) {
        log_file =
            (int)syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    if (calls) {
        parse_io(calls);
    }
    if (nth) {
        watch_over_deaths();
        parse_nth(nth, &memory);
    }
}

static bool strikes(Fault *fault, const char *what, const void *caller)
{
    if (fault->nth == 0) {
        return false;
    }
    long count = atomic_fetch_add(&fault->count, 1) + 1;
    if (count != fault->nth && !(fault->and_later && count > fault->nth)) {
        return false;
    }
    if (count == fault->nth) {
        char line[64] = "struck ";
        append(line, sizeof line, what);
        note(line, -1, caller);
    }
    return true;
}

/* What getrusage says would begin with the memory of the process that forked this one. */
__attribute__((destructor)) static void note_peak(void)
{
    char status[4096];
    int file =
        log_file < 0 ? -1 : (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/status", O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : syscall(SYS_read, file, status, sizeof status - 1);
    if (length > 0) {
        status[length] = '\0';
        const char *peak = strstr(status, "VmHWM:");
        char line[64] = "peak ";
        if (peak) {
            append(line, sizeof line, peak + strcspn(peak, "0123456789"));
            line[strcspn(line, "\n")] = '\n';
            syscall(SYS_write, log_file, line, strcspn(line, "\n") + 1);
        }
    }
    if (file >= 0) {
        syscall(SYS_close, file);
    }
}

/* ---- memory ---- */

void *malloc(size_t size)
{
    if (strikes(&memory, "malloc", CALLER)) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    if (strikes(&memory, "calloc", CALLER)) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    if (strikes(&memory, "realloc", CALLER)) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_realloc(block, size);
}

/* ---- files ---- */

static bool io_strikes(const char *call, const void *caller)
{
    char quoted[32] = ",";
    if (io.nth == 0) {
        return false;
    }
    append(quoted, sizeof quoted, call);
    append(quoted, sizeof quoted, ",");
    if (!strstr(io_calls, quoted) || !strikes(&io, call, caller)) {
        return false;
    }
    errno = io_errno;
    return true;
}

static bool is_watched(int fd)
{
    return fd >= 0 && fd < MAX_FILES && watched[fd];
}

static void note_open(const char *path, int fd, const void *caller)
{
    size_t length = strlen(path);
    size_t wanted = watch ? strlen(watch) : 0;
    if (watch && fd >= 0 && fd < MAX_FILES && length >= wanted &&
        strcmp(path + length - wanted, watch) == 0) {
        watched[fd] = true;
        note("open", fd, caller);
    }
}

static int open_at(int folder, const char *path, int flags, mode_t mode, const void *caller)
{
    if (io_strikes("open", caller)) {
        return -1;
    }
    int fd = (int)syscall(SYS_openat, folder, path, flags, mode);
    note_open(path, fd, caller);
    return fd;
}

#define DEFINE_OPEN(name)                                                                                    \
    int name(const char *path, int flags, ...)                                                               \
    {                                                                                                        \
        va_list args;                                                                                        \
        va_start(args, flags);                                                                               \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;                              \
        va_end(args);                                                                                        \
        return open_at(AT_FDCWD, path, flags, mode, CALLER);                                                 \
    }
DEFINE_OPEN(open)
DEFINE_OPEN(open64)

#define DEFINE_OPENAT(name)                                                                                  \
    int name(int folder, const char *path, int flags, ...)                                                   \
    {                                                                                                        \
        va_list args;                                                                                        \
        va_start(args, flags);                                                                               \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;                              \
        va_end(args);                                                                                        \
        return open_at(folder, path, flags, mode, CALLER);                                                   \
    }
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)

/* A FILE opens and closes with calls inside the C library; opening one is what must not happen. */
#define DEFINE_FOPEN(name)                                                                                   \
    FILE *name(const char *path, const char *mode)                                                           \
    {                                                                                                        \
        FILE *(*next)(const char *, const char *) =                                                          \
            (FILE * (*)(const char *, const char *)) dlsym(RTLD_NEXT, #name);                                \
        FILE *file = next(path, mode);                                                                       \
        note_open(path, file ? fileno(file) : -1, CALLER);                                                   \
        return file;                                                                                         \
    }
DEFINE_FOPEN(fopen)
DEFINE_FOPEN(fopen64)

int close(int fd)
{
    if (is_watched(fd)) {
        watched[fd] = false;
        note("close", fd, CALLER);
    }
    return (int)syscall(SYS_close, fd);
}

/* Only locks are looked at; the third argument is a number or a pointer. */
#define DEFINE_FCNTL(name)                                                                                   \
    int name(int fd, int command, ...)                                                                       \
    {                                                                                                        \
        va_list args;                                                                                        \
        va_start(args, command);                                                                             \
        void *argument = va_arg(args, void *);                                                               \
        va_end(args);                                                                                        \
        int result = (int)syscall(SYS_fcntl, fd, command, argument);                                         \
        if (is_watched(fd) && result == 0 && (command == F_SETLK || command == F_SETLKW)) {                  \
            const struct flock *lock = argument;                                                             \
            bool everything = lock->l_start == 0 && lock->l_len == 0;                                        \
            note(lock->l_type != F_UNLCK ? "lock" : everything ? "unlock" : "loosen", fd, CALLER);           \
        }                                                                                                    \
        return result;                                                                                       \
    }
DEFINE_FCNTL(fcntl)
DEFINE_FCNTL(fcntl64)

pid_t fork(void)
{
    pid_t (*next)(void) = (pid_t(*)(void))dlsym(RTLD_NEXT, "fork");
    if (watch) {
        note("fork", 0, CALLER);
    }
    return next();
}

ssize_t read(int fd, void *bytes, size_t size)
{
    return io_strikes("read", CALLER) ? -1 : syscall(SYS_read, fd, bytes, size);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    return io_strikes("write", CALLER) ? -1 : syscall(SYS_write, fd, bytes, size);
}

ssize_t pread(int fd, void *bytes, size_t size, off_t at)
{
    return io_strikes("pread", CALLER) ? -1 : syscall(SYS_pread64, fd, bytes, size, at);
}

ssize_t pread64(int fd, void *bytes, size_t size, off64_t at)
{
    return io_strikes("pread", CALLER) ? -1 : syscall(SYS_pread64, fd, bytes, size, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    return io_strikes("pwrite", CALLER) ? -1 : syscall(SYS_pwrite64, fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at)
{
    return io_strikes("pwrite", CALLER) ? -1 : syscall(SYS_pwrite64, fd, bytes, size, at);
}

int fsync(int fd)
{
    return io_strikes("fsync", CALLER) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return io_strikes("fdatasync", CALLER) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int ftruncate(int fd, off_t size)
{
    return io_strikes("ftruncate", CALLER) ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    return io_strikes("ftruncate", CALLER) ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
    return io_strikes("send", CALLER) ? -1 : syscall(SYS_sendto, fd, bytes, size, flags, NULL, 0);
}

ssize_t recv(int fd, void *bytes, size_t size, int flags)
{
    return io_strikes("recv", CALLER) ? -1 : syscall(SYS_recvfrom, fd, bytes, size, flags, NULL, NULL);
}

/* ---- where amx is ---- */

static int pretend_fs(int result, struct statfs *fs)
{
    if (result == 0 && fs_magic) {
        fs->f_type = (__fsword_t)strtol(fs_magic, NULL, 16);
    }
    return result;
}

int statfs(const char *path, struct statfs *fs)
{
    return pretend_fs((int)syscall(SYS_statfs, path, fs), fs);
}

int fstatfs(int fd, struct statfs *fs)
{
    return pretend_fs((int)syscall(SYS_fstatfs, fd, fs), fs);
}

/* As the C library's: a name that does not fit is cut without a final NUL, and that is an error. */
int gethostname(char *name, size_t size)
{
    struct utsname system;
    if (hostname && !*hostname) {
        errno = EFAULT;
        return -1;
    }
    uname(&system);
    const char *says = hostname ? hostname : system.nodename;
    size_t length = strlen(says) + 1;
    memcpy(name, says, length < size ? length : size);
    if (length > size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return 0;
}
