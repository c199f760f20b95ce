#include "question.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include "progress.h"
#include "text.h"

bool question_possible(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* One line from the terminal, read unbuffered so that nothing typed earlier hides in stdio. */
static bool read_answer(char *answer, size_t size)
{
    ssize_t length = read(STDIN_FILENO, answer, size - 1);
    if (length <= 0) {
        return false;
    }
    answer[length] = '\0';
    answer[strcspn(answer, "\r\n")] = '\0';
    return true;
}

bool question_ask(void *context, const char *question)
{
    progress_end(context);
    char *text = text_visible_lines(question);
    fprintf(stderr, "%s [y/N] ", text);
    fflush(stderr);
    free(text);
    tcflush(STDIN_FILENO, TCIFLUSH);
    char answer[64];
    if (!read_answer(answer, sizeof answer)) {
        fputc('\n', stderr);
        return false;
    }
    return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}
