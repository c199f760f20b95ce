/* amx: a verb runs its command; none opens the screen. */
#include "shell.h"

int main(int argc, char **argv)
{
    return shell_run(argc, argv);
}
