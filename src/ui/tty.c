#include "tty.h"

#include <curses.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <term.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "draw.h"

#define PASTE_ON "\x1b[?2004h"
#define PASTE_OFF "\x1b[?2004l"
/* Mouse off (in every way of asking for it), bracketed paste, keypad and alternate screen off, cursor on,
 * attributes off: for the moment when curses can't be asked. */
#define RESTORE "\x1b[?1000l\x1b[?1002l\x1b[?1006l" PASTE_OFF "\x1b[?1l\x1b>\x1b[?1049l\x1b[?25h\x1b[0m\r\n"

/* Behind the numbers that curses gives to keys which only the terminal type knows by name. */
#define KEY_PASTE_BEGIN (KEY_MAX + 1001)
#define KEY_PASTE_END (KEY_MAX + 1002)
#define KEY_SGR_MOUSE (KEY_MAX + 1003)

#define HANDLER_STACK (64 * 1024)
#define QUIET_MS 60
#define FLUSH_MS 1000
#define LOST_MS 1000 /* without its next piece, the rest of a sequence or of a paste no longer comes */

#define EVENTS 8 /* as many as curses keeps */

/* Mouse reports in numbers (xterm's SGR mode). The older ones name a column in one byte, up to 223, and some
 * terminal types know only of them (tmux, screen) where the terminal has long known better: it is asked for
 * the new ones by itself. One that does not know them goes on with the old ones, which curses reads. */
#define SGR_MOUSE "\x1b[<"
#define SGR_MOUSE_ON "\x1b[?1006h"
#define SGR_MOUSE_OFF "\x1b[?1006l"
#define SGR_MODIFIERS (4 | 8 | 16)
#define SGR_MOST 100000 /* more than any column */
#define SGR_LEFT 0
#define SGR_WHEEL_UP 64
#define SGR_WHEEL_DOWN 65

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};
#define CRASH_COUNT (sizeof crashes / sizeof *crashes)

typedef enum SequenceKind {
    SEQUENCE_NONE,
    SEQUENCE_SGR_MOUSE,
    SEQUENCE_CONTROL, /* CSI: up to its final character */
    SEQUENCE_SINGLE,  /* SS3: one character */
    SEQUENCE_STRING   /* OSC: up to BEL or ESC \ */
} SequenceKind;

/* A sequence whose beginning was read; the rest may still be on its way. */
typedef struct Sequence {
    SequenceKind kind;
    int64_t read_ms; /* when its last piece came */
    int numbers[3];  /* of a report of the mouse .. */
    size_t at;       /* .. and how many are read */
    bool escaped;    /* the last character of a string was an ESC */
} Sequence;

/* What the exit and crash handlers need; they take no arguments. */
static struct {
    SCREEN *screen;
    int signals;
    sigset_t old_mask;
    struct termios before;
    struct sigaction old_crash[CRASH_COUNT];
    MouseClicks clicks;
    MEVENT events[EVENTS]; /* of the mouse, latest first */
    size_t event_count;
    Sequence sequence;
    bool pasting;
    unsigned pastes;
    int64_t pasted_ms; /* when the last pasted character came */
    bool put_back;     /* a key that was read too early .. */
    bool put_back_function;
    wint_t put_back_code; /* .. and is the next one */
    bool alt_return;      /* Alt-Enter was read */
    bool mouse;
} tty = {.signals = -1};

static void say(const char *sequence)
{
    fputs(sequence, stdout);
    fflush(stdout);
}

/* Async-signal-safe: restores the terminal, hands the signal to whoever had it before, and returns into the
 * crash. */
static void on_crash(int signal_number, siginfo_t *info, void *context)
{
    (void)context;
    ssize_t ignored = write(STDOUT_FILENO, RESTORE, sizeof RESTORE - 1);
    (void)ignored;
    tcsetattr(STDIN_FILENO, TCSANOW, &tty.before);
    for (size_t i = 0; i < CRASH_COUNT; i++) {
        if (crashes[i] == signal_number) {
            sigaction(signal_number, &tty.old_crash[i], NULL);
        }
    }
    if (info->si_code <= 0) {
        raise(signal_number); /* somebody sent it: there is no crash to return into */
    }
}

/* A stack that ran full has no room for a handler. What sanitizers have set up stays. */
static void give_handlers_a_stack(void)
{
    static char stack[HANDLER_STACK];
    stack_t before;
    if (sigaltstack(NULL, &before) == 0 && (before.ss_flags & SS_DISABLE)) {
        sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    }
}

static void catch_crashes(void)
{
    give_handlers_a_stack();
    struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    for (size_t i = 0; i < CRASH_COUNT; i++) {
        sigaction(crashes[i], &action, &tty.old_crash[i]);
    }
}

static void release_crashes(void)
{
    for (size_t i = 0; i < CRASH_COUNT; i++) {
        sigaction(crashes[i], &tty.old_crash[i], NULL);
    }
}

static void block_signals(void)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGWINCH);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGHUP);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGQUIT);
    sigaddset(&mask, SIGTSTP);
    sigaddset(&mask, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &mask, &tty.old_mask);
    tty.signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void set_modes(void)
{
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(25);
    curs_set(0);
    define_key("\x1b[200~", KEY_PASTE_BEGIN);
    define_key("\x1b[201~", KEY_PASTE_END);
    define_key(SGR_MOUSE, KEY_SGR_MOUSE);
    say(PASTE_ON);
}

/* newterm takes terminals that can only scroll ("dumb") as well: a screen on one of them is unreadable. */
static bool can_place_cursor(void)
{
    int status;
    if (setupterm(NULL, STDOUT_FILENO, &status) == ERR) {
        return false;
    }
    bool can = tigetstr("cup") != NULL;
    del_curterm(cur_term);
    return can;
}

bool tty_open(const Config *config, bool color, Error *err)
{
    tcgetattr(STDIN_FILENO, &tty.before);
    tty.screen = can_place_cursor() ? newterm(NULL, stdout, stdin) : NULL;
    if (!tty.screen) {
        const char *type = getenv("TERM");
        error_set(err, ERROR_SYSTEM, "the terminal type \"%s\" can't show a screen", type ? type : "");
        return error_hint(err,
                          "set TERM to what your terminal is, for example TERM=xterm-256color, or use the "
                          "commands: amx --help");
    }
    signal(SIGTSTP, SIG_DFL); /* curses put its own handler there, which knows nothing of bracketed paste */
    block_signals();
    set_modes();
    draw_open(config, color);
    mouseinterval(0); /* a click is its press: waiting for more would make every key wait */
    tty_take_mouse(config->ui_mouse);
    catch_crashes();
    static bool registered;
    if (!registered) {
        registered = atexit(tty_close) == 0;
    }
    return true;
}

void tty_close(void)
{
    if (!tty.screen) {
        return;
    }
    say(PASTE_OFF);
    tty_take_mouse(false);
    endwin();
    release_crashes();
    /* No delscreen: the process ends, and libpanel keeps something in the SCREEN that would be lost with it.
     */
    tty.screen = NULL;
    close(tty.signals);
    tty.signals = -1;
    pthread_sigmask(SIG_SETMASK, &tty.old_mask, NULL);
}

int tty_signal_fd(void)
{
    return tty.signals;
}

int tty_signal(void)
{
    struct signalfd_siginfo info;
    return read(tty.signals, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

static bool read_key(wint_t *code, bool *function)
{
    if (tty.put_back) {
        *code = tty.put_back_code;
        *function = tty.put_back_function;
        tty.put_back = false;
        return true;
    }
    int got = wget_wch(stdscr, code);
    *function = got == KEY_CODE_YES;
    return got != ERR;
}

/* What stands for itself even when it comes right behind an Escape, or in the middle of a sequence. */
static bool stands_alone(wint_t code, bool function)
{
    return function ? code == KEY_MOUSE || (code >= KEY_PASTE_BEGIN && code <= KEY_SGR_MOUSE)
                    : code == KEY_ESCAPE;
}

static void put_back(wint_t code, bool function)
{
    tty.put_back = true;
    tty.put_back_code = code;
    tty.put_back_function = function;
}

static void begin_sequence(SequenceKind kind)
{
    tty.sequence = (Sequence){.kind = kind, .read_ms = clock_monotonic_ms()};
}

/* What comes together with an ESC was not typed after it: it is an answer of the terminal, a key that curses
 * has no name for (ECMA-48, 5.4 and 5.6; SS3 of ECMA-35 with one character), or a key that was pressed with
 * Alt, of which only Alt-Enter means something. Taken for an Escape it would close a view, and its rest would
 * be taken for keys. True when there was something of that kind, and it was thrown away, or begins to be. */
static bool skip_sequence(void)
{
    wint_t code;
    bool function;
    if (!read_key(&code, &function)) {
        return false;
    }
    if (stands_alone(code, function)) {
        put_back(code, function);
        return false;
    }
    if (!function) {
        tty.alt_return = (code == KEY_RETURN || code == '\n') && !tty.pasting;
        begin_sequence(code == '['   ? SEQUENCE_CONTROL
                       : code == 'O' ? SEQUENCE_SINGLE
                       : code == ']' ? SEQUENCE_STRING
                                     : SEQUENCE_NONE);
    }
    return true;
}

/* One key may stand for several events: curses gathers those that came together, and gives the latest first.
 */
static void collect_mouse(void)
{
    tty.event_count = 0;
    while (tty.event_count < EVENTS && getmouse(&tty.events[tty.event_count]) == OK) {
        tty.event_count++;
    }
}

static mmask_t sgr_state(int button)
{
    switch (button & ~SGR_MODIFIERS) {
    case SGR_LEFT:
        return BUTTON1_PRESSED;
    case SGR_WHEEL_UP:
        return BUTTON4_PRESSED;
    case SGR_WHEEL_DOWN:
        return BUTTON5_PRESSED;
    default:
        return 0;
    }
}

/* The report is whole: only what can be meant becomes an event. */
static bool end_sgr_mouse(wint_t last)
{
    const Sequence *report = &tty.sequence;
    mmask_t state = sgr_state(report->numbers[0]);
    tty.event_count = 0;
    if (last == 'M' && report->at == 2 && state && report->numbers[1] > 0 && report->numbers[2] > 0) {
        tty.events[tty.event_count++] =
            (MEVENT){.x = report->numbers[1] - 1, .y = report->numbers[2] - 1, .bstate = state};
    }
    return tty.event_count > 0;
}

/* A report is "button;column;row", counted from 1, then M for a press and m for a release. True: there it is.
 */
static bool take_sgr_mouse(wint_t code)
{
    Sequence *report = &tty.sequence;
    if (code == ';') {
        report->at++;
        return false;
    }
    if (code >= '0' && code <= '9') {
        if (report->at < 3 && report->numbers[report->at] < SGR_MOST) {
            report->numbers[report->at] = report->numbers[report->at] * 10 + (int)(code - '0');
        }
        return false;
    }
    report->kind = SEQUENCE_NONE;
    return end_sgr_mouse(code);
}

/* Is this the last character of the sequence, none of which is a key? A string ends with BEL or ESC \. */
static bool ends_sequence(wint_t code)
{
    bool escaped = tty.sequence.escaped;
    switch (tty.sequence.kind) {
    case SEQUENCE_CONTROL:
        return code >= 0x40;
    case SEQUENCE_STRING:
        tty.sequence.escaped = code == KEY_ESCAPE;
        return code == '\a' || (escaped && code == '\\');
    default:
        return true;
    }
}

/* Goes on with a sequence, which may come in pieces: the rest of one that is on its way must not be taken for
 * keys. True: it is a report of the mouse, and whole. */
static bool go_on(wint_t code, bool function)
{
    bool string = tty.sequence.kind == SEQUENCE_STRING;
    if (function || (code == KEY_ESCAPE && !string)) { /* it was cut off: something else begins */
        tty.sequence.kind = SEQUENCE_NONE;
        put_back(code, function);
        return false;
    }
    if (tty.sequence.kind == SEQUENCE_SGR_MOUSE) {
        return take_sgr_mouse(code);
    }
    if (ends_sequence(code)) {
        tty.sequence.kind = SEQUENCE_NONE;
    }
    return false;
}

/* A terminal that never ends what it began must not take the keyboard away for good. */
static void give_up_what_is_lost(int64_t now)
{
    if (now - tty.sequence.read_ms > LOST_MS) {
        tty.sequence.kind = SEQUENCE_NONE;
    }
    if (tty.pasting && now - tty.pasted_ms > LOST_MS) {
        tty.pasting = false;
    }
    tty.sequence.read_ms = now;
}

static Key key_of(wint_t code, bool function)
{
    if (function && code == KEY_MOUSE) {
        collect_mouse();
        return KEY_MOUSE_EVENT;
    }
    return function ? KEY_FUNCTION((int)code) : (Key)code;
}

/* Takes what is no key by itself: paste marks, and sequences. */
static bool take_apart(wint_t code, bool function, int64_t now)
{
    if (function && (code == KEY_PASTE_BEGIN || code == KEY_PASTE_END)) {
        tty.pasting = code == KEY_PASTE_BEGIN;
        tty.pastes += tty.pasting;
        tty.pasted_ms = now;
        return true;
    }
    if (function && code == KEY_SGR_MOUSE) {
        begin_sequence(SEQUENCE_SGR_MOUSE);
        return true;
    }
    return !function && code == KEY_ESCAPE && skip_sequence();
}

bool tty_key(Key *key, bool *pasted)
{
    wint_t code;
    bool function;
    while (read_key(&code, &function)) {
        int64_t now = clock_monotonic_ms();
        give_up_what_is_lost(now);
        if (tty.sequence.kind != SEQUENCE_NONE) {
            if (go_on(code, function)) {
                *pasted = false;
                *key = KEY_MOUSE_EVENT;
                return true;
            }
            continue;
        }
        if (take_apart(code, function, now)) {
            if (tty.alt_return) {
                tty.alt_return = false;
                *pasted = false;
                *key = KEY_ALT_RETURN;
                return true;
            }
            continue;
        }
        tty.pasted_ms = now;
        *pasted = tty.pasting;
        *key = key_of(code, function);
        return true;
    }
    return false;
}

unsigned tty_pastes(void)
{
    return tty.pastes;
}

bool tty_mouse(Mouse *out)
{
    if (tty.event_count == 0) {
        return false;
    }
    const MEVENT *event = &tty.events[--tty.event_count];
    *out = (Mouse){.row = event->y, .column = event->x};
    if (event->bstate & BUTTON1_PRESSED) {
        out->kind = mouse_click(&tty.clicks, event->y, event->x, clock_monotonic_ms());
    } else {
        out->kind = event->bstate & BUTTON4_PRESSED ? MOUSE_WHEEL_UP : MOUSE_WHEEL_DOWN;
    }
    return true;
}

void tty_take_mouse(bool take)
{
    tty.mouse = take;
    mousemask(take ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
    say(take ? SGR_MOUSE_ON : SGR_MOUSE_OFF);
}

bool tty_has_mouse(void)
{
    return tty.mouse;
}

void tty_flush(void)
{
    tty.event_count = 0;
    tty.clicks = (MouseClicks){0};
    tty.put_back = false;
    tty.sequence = (Sequence){0};
    Deadline end = deadline_in(FLUSH_MS);
    struct pollfd keyboard = {.fd = STDIN_FILENO, .events = POLLIN};
    do {
        flushinp();
        tcflush(STDIN_FILENO, TCIFLUSH);
    } while (poll(&keyboard, 1, QUIET_MS) > 0 && deadline_left(end) > 0);
    flushinp();
}

void tty_resize(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
        resizeterm(size.ws_row, size.ws_col);
        clearok(curscr, TRUE);
    }
}

void tty_send(const char *sequence)
{
    say(sequence);
}

void tty_release(void)
{
    say(PASTE_OFF SGR_MOUSE_OFF);
    def_prog_mode();
    endwin();
}

bool tty_is_ours(void)
{
    return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

void tty_give(pid_t group)
{
    tcsetpgrp(STDIN_FILENO, group);
}

void tty_take(void)
{
    sigset_t ask;
    sigset_t before;
    sigemptyset(&ask);
    sigaddset(&ask, SIGTTOU); /* which stops who takes it from the background */
    pthread_sigmask(SIG_BLOCK, &ask, &before);
    tcsetpgrp(STDIN_FILENO, getpgrp());
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ^C and ^Z in a program that had the terminal were meant for that one. */
static void drop_foreign_signals(void)
{
    sigset_t foreign;
    sigemptyset(&foreign);
    sigaddset(&foreign, SIGINT);
    sigaddset(&foreign, SIGTSTP);
    while (sigtimedwait(&foreign, NULL, &(struct timespec){0}) > 0) {
    }
}

void tty_reclaim(void)
{
    drop_foreign_signals();
    reset_prog_mode();
    say(tty.mouse ? PASTE_ON SGR_MOUSE_ON : PASTE_ON);
    tty_resize();
    clearok(curscr, TRUE);
    refresh();
}

void tty_stop(void)
{
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    kill(0, SIGTSTP); /* the whole job, as the terminal's own ^Z does */
    pthread_sigmask(SIG_UNBLOCK, &stop, NULL);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
}

void tty_suspend(void)
{
    tty_release();
    tty_stop();
    tty_reclaim();
}
