/* amx on a command line. */
#ifndef AMX_UI_SHELL_H
#define AMX_UI_SHELL_H

/* Runs one command line and returns the exit code of the process. Bare `amx` and commands flagged
 * COMMAND_SCREEN open the screen when standard input and output are a terminal. */
int shell_run(int argc, char **argv);

#endif
