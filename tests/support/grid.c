#include "grid.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <unistr.h>
#include <vterm.h>

#include "clock.h"
#include "memory.h"
#include "support_internal.h"
#include "text.h"

#define GRID_MS 20000
#define STEP_MS 20

struct Grid {
    Grid *next; /* of those that are open */
    VTerm *vterm;
    VTermScreen *screen;
    int master; /* -1 after it vanished */
    pid_t pid;  /* 0 after it ended */
    int exit_code;
    Text tail; /* of what it wrote: a sequence may come in two pieces */
    bool mouse;
    bool alternate;
    bool cursor;
};

static Grid *open_grids;

static int take_property(VTermProp property, VTermValue *value, void *context)
{
    Grid *grid = context;
    if (property == VTERM_PROP_ALTSCREEN) {
        grid->alternate = value->boolean;
    } else if (property == VTERM_PROP_CURSORVISIBLE) {
        grid->cursor = value->boolean;
    }
    return 1;
}

static const char *inherited(const char *name)
{
    const char *value = getenv(name);
    return value ? support_keep(text_format("%s=%s", name, value)) : NULL;
}

/* The first of two strings for one name is the one that holds. */
static void run(const char *const *env, const char *const *arguments)
{
    const char *all[32] = {0};
    const char *words[32] = {AMX_BINARY};
    size_t count = 0;
    for (; env && *env; env++) {
        all[count++] = *env;
    }
    const char *others[] = {"TERM=screen-256color", "LANG=C.UTF-8", inherited("PATH"),
                            inherited("ASAN_OPTIONS"), inherited("UBSAN_OPTIONS")};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (others[i]) {
            all[count++] = others[i];
        }
    }
    for (size_t i = 0; arguments[i]; i++) {
        words[i + 1] = arguments[i];
    }
    execve(AMX_BINARY, (char *const *)words, (char *const *)all);
    _exit(127);
}

Grid *grid_start(const char *const *env, int columns, int lines, const char *const *arguments)
{
    static const VTermScreenCallbacks callbacks = {.settermprop = take_property};
    Grid *grid = memory_zero(1, sizeof *grid);
    struct winsize size = {.ws_row = (unsigned short)lines, .ws_col = (unsigned short)columns};
    grid->cursor = true;
    grid->vterm = vterm_new(lines, columns);
    vterm_set_utf8(grid->vterm, 1);
    grid->screen = vterm_obtain_screen(grid->vterm);
    vterm_screen_set_callbacks(grid->screen, &callbacks, grid);
    vterm_screen_enable_altscreen(grid->screen, 1);
    vterm_screen_reset(grid->screen, 1);
    grid->pid = forkpty(&grid->master, NULL, NULL, &size);
    if (grid->pid == 0) {
        run(env, arguments);
    }
    assert_true(grid->pid > 0);
    fcntl(grid->master, F_SETFL, O_NONBLOCK);
    fcntl(grid->master, F_SETFD, FD_CLOEXEC);
    grid->next = open_grids;
    open_grids = grid;
    return grid;
}

/* libvterm looks at the first only of several modes that are switched at once, as the mouse's are. */
static void watch_mouse(Grid *grid, const char *bytes, size_t length)
{
    text_add_n(&grid->tail, bytes, length);
    const char *start = text_string(&grid->tail);
    for (const char *at = start; (at = strstr(at, "1000")); at += 4) {
        grid->mouse = at[4] == 'h' || (at[4] != 'l' && grid->mouse);
    }
    size_t kept = grid->tail.length < 4 ? grid->tail.length : 4;
    char *last = memory_string(start + grid->tail.length - kept);
    text_clear(&grid->tail);
    text_add(&grid->tail, last);
    free(last);
}

/* Takes what the program wrote, waiting for it a moment. */
static void pump(Grid *grid)
{
    struct pollfd output = {.fd = grid->master, .events = POLLIN};
    char bytes[16 * 1024];
    if (poll(&output, 1, STEP_MS) <= 0) {
        return;
    }
    ssize_t got = read(grid->master, bytes, sizeof bytes);
    if (got > 0) {
        vterm_input_write(grid->vterm, bytes, (size_t)got);
        watch_mouse(grid, bytes, (size_t)got);
        vterm_screen_flush_damage(grid->screen);
    } else if (got < 0 && errno == EIO) {
        poll(NULL, 0, STEP_MS); /* nobody has it open any more */
    }
}

static bool has_ended(Grid *grid)
{
    int status;
    if (grid->pid && waitpid(grid->pid, &status, WNOHANG) == grid->pid) {
        grid->pid = 0;
        grid->exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
    return grid->pid == 0;
}

int grid_end(Grid *grid)
{
    Deadline end = deadline_in(GRID_MS);
    while (!has_ended(grid)) {
        if (deadline_left(end) <= 0) {
            fail_msg("the program did not end:\n%s", grid_screen(grid));
        }
        pump(grid);
    }
    if (grid->master >= 0) {
        pump(grid); /* its last words */
    }
    return grid->exit_code;
}

void grid_vanish(Grid *grid)
{
    close(grid->master);
    grid->master = -1;
}

void grid_stop(Grid *grid)
{
    Grid **link = &open_grids;
    while (*link != grid) {
        link = &(*link)->next;
    }
    *link = grid->next;
    if (!has_ended(grid)) {
        kill(grid->pid, SIGKILL);
        waitpid(grid->pid, NULL, 0);
    }
    if (grid->master >= 0) {
        close(grid->master);
    }
    vterm_free(grid->vterm);
    text_free(&grid->tail);
    free(grid);
}

int grid_teardown(void **state)
{
    (void)state;
    while (open_grids) {
        grid_stop(open_grids);
    }
    return 0;
}

void grid_send(Grid *grid, const char *bytes)
{
    size_t length = strlen(bytes);
    assert_int_equal(write(grid->master, bytes, length), length);
}

void grid_resize(Grid *grid, int columns, int lines)
{
    struct winsize size = {.ws_row = (unsigned short)lines, .ws_col = (unsigned short)columns};
    vterm_set_size(grid->vterm, lines, columns);
    assert_int_equal(ioctl(grid->master, TIOCSWINSZ, &size), 0);
}

pid_t grid_pid(const Grid *grid)
{
    return grid->pid;
}

static int color_of(const VTermColor *color)
{
    bool own = VTERM_COLOR_IS_DEFAULT_FG(color) || VTERM_COLOR_IS_DEFAULT_BG(color);
    return own || !VTERM_COLOR_IS_INDEXED(color) ? GRID_DEFAULT : color->indexed.idx;
}

GridCell grid_cell(Grid *grid, int row, int column)
{
    VTermScreenCell cell;
    GridCell out = {0};
    vterm_screen_get_cell(grid->screen, (VTermPos){.row = row, .col = column}, &cell);
    size_t length = 0;
    if (cell.chars[0] == 0) {
        out.text[length++] = ' ';
    }
    for (size_t i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i] && cell.chars[i] != UINT32_MAX; i++) {
        int used =
            u8_uctomb((uint8_t *)out.text + length, cell.chars[i], (ptrdiff_t)(sizeof out.text - length - 1));
        length += used > 0 ? (size_t)used : 0;
    }
    out.foreground = color_of(&cell.fg);
    out.background = color_of(&cell.bg);
    out.bold = cell.attrs.bold;
    out.underline = cell.attrs.underline != 0;
    out.reverse = cell.attrs.reverse;
    return out;
}

static void add_row(Text *out, Grid *grid, int row)
{
    int lines;
    int columns;
    size_t end = out->length;
    vterm_get_size(grid->vterm, &lines, &columns);
    for (int column = 0; column < columns; column++) {
        GridCell cell = grid_cell(grid, row, column);
        text_add(out, cell.text);
        end = text_equal(cell.text, " ") ? end : out->length;
    }
    while (out->length > end) {
        out->data[--out->length] = '\0';
    }
}

const char *grid_row(Grid *grid, int row)
{
    Text out = {0};
    add_row(&out, grid, row);
    return support_keep(text_take(&out));
}

const char *grid_screen(Grid *grid)
{
    Text out = {0};
    int lines;
    int columns;
    vterm_get_size(grid->vterm, &lines, &columns);
    for (int row = 0; row < lines; row++) {
        add_row(&out, grid, row);
        text_add_char(&out, '\n');
    }
    return support_keep(text_take(&out));
}

/* Does `text` begin in this cell? */
static bool begins(Grid *grid, int row, int column, int columns, const char *text)
{
    GridCell cell = grid_cell(grid, row, column);
    bool first = *cell.text;
    while (first && *text && column < columns) {
        cell = grid_cell(grid, row, column++);
        if (!text_starts(text, cell.text)) {
            return false;
        }
        text += strlen(cell.text);
    }
    return first && !*text;
}

bool grid_find(Grid *grid, const char *text, int *row, int *column)
{
    int lines;
    int columns;
    vterm_get_size(grid->vterm, &lines, &columns);
    for (*row = 0; *row < lines; (*row)++) {
        for (*column = 0; *column < columns; (*column)++) {
            if (begins(grid, *row, *column, columns, text)) {
                return true;
            }
        }
    }
    return false;
}

bool grid_has_mouse(const Grid *grid)
{
    return grid->mouse;
}

bool grid_is_restored(const Grid *grid)
{
    return !grid->mouse && !grid->alternate && grid->cursor;
}

static void expect(Grid *grid, const char *text, bool shown)
{
    Deadline end = deadline_in(GRID_MS);
    while ((strstr(grid_screen(grid), text) != NULL) != shown) {
        if (deadline_left(end) <= 0) {
            fail_msg("the screen %s \"%s\":\n%s", shown ? "does not show" : "still shows", text,
                     grid_screen(grid));
        }
        pump(grid);
    }
}

void grid_expect(Grid *grid, const char *text)
{
    expect(grid, text, true);
}

void grid_expect_gone(Grid *grid, const char *text)
{
    expect(grid, text, false);
}
