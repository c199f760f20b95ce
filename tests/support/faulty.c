#include "faulty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support_internal.h"
#include "text.h"

#define RUN_SECONDS 600 /* a million rows take their time */
#define MAX_WORDS 32

int faulty_stride(int usual)
{
    return getenv("AMX_TEST_LONG") && usual > 8 ? usual / 8 | 1 : usual;
}

void faulty_copy(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t copied = -1;
    do {
        copied = in < 0 || out < 0 ? -1 : copy_file_range(in, NULL, out, NULL, 1 << 30, 0);
    } while (copied > 0);
    if (copied < 0 || close(in) || close(out)) {
        fail_msg("can't copy %s to %s: %s", from, to, strerror(errno));
    }
}

/* Such runs come by the thousand: they share their files. */
static char *scratch(const char *name)
{
    static const char *folder;
    if (!folder) {
        folder = support_folder();
    }
    char *path = text_format("%s/%s", folder, name);
    unlink(path);
    return path;
}

/* The rest of the first line of a log that begins so; "" when none does. */
static const char *entry(const char *log, const char *mark)
{
    const char *line = strstr(log, mark);
    if (!line) {
        return "";
    }
    line += strlen(mark);
    return support_keep(text_format("%.*s", (int)strcspn(line, "\n"), line));
}

FaultyRun faulty_run(const Cli *cli, const char *binary, const char *fault, const char *words)
{
    char *argv[MAX_WORDS] = {(char *)(uintptr_t)(binary ? binary : AMX_PLAIN_BINARY)};
    char *env[16] = {"LANG=C.UTF-8", "PATH=/usr/bin:/bin", "LD_PRELOAD=" AMX_FAULTY};
    char *copy = text_format("%s", words);
    char *copy_of_fault = text_format("%s", fault);
    char *log = scratch("log");
    char *out = scratch("out");
    char *err = scratch("err");
    char *log_to = text_format("FAULTY_LOG=%s", log);
    size_t count = 3;
    char *rest = NULL;
    env[count++] = log_to;
    env[count++] = copy_of_fault;
    for (size_t i = 0; cli->env[i]; i++) {
        env[count++] = (char *)(uintptr_t)cli->env[i];
    }
    count = 1;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        assert_true(count < MAX_WORDS - 1);
        argv[count++] = word;
    }
    FaultyRun result = {.run.exit_code = support_execute(argv, env, "/dev/null", out, err, RUN_SECONDS)};
    result.run.out = support_read(out);
    result.run.err = support_read(err);
    result.log = access(log, F_OK) == 0 ? support_read(log) : "";
    result.struck = entry(result.log, "struck ");
    result.peak_kib = strtol(entry(result.log, "peak "), NULL, 10);
    free(log_to);
    free(err);
    free(out);
    free(log);
    free(copy_of_fault);
    free(copy);
    return result;
}
