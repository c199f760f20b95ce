#include "completion.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support.h"
#include "text.h"

static void other_shells_have_none(void **state)
{
    (void)state;
    assert_null(completion_script("csh"));
    assert_null(completion_script(""));
    assert_null(completion_script(NULL));
}

static void every_script_asks_the_binary(void **state)
{
    (void)state;
    static const char *const shells[] = {"bash", "zsh", "fish"};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        assert_non_null(strstr(completion_script(shells[i]), "__complete -- "));
    }
}

/* A program that stands for amx: it notes what it was asked and offers names, one of them hostile. */
static const char asked[] = "#!/bin/sh\nprintf '[%s]' \"$@\" >\"$0.asked\"\n"
                            "printf '%s\\n' status 'staged rows' '$(touch '\"$0\"'.run)' disable\n";

static void bash_offers_what_the_binary_says(void **state)
{
    (void)state;
    const char *folder = support_folder();
    const char *program = support_file(folder, "amx", asked);
    assert_int_equal(chmod(program, 0700), 0);
    support_file(folder, "amx.bash", completion_script("bash"));
    char *command = text_format("cd %s && bash -c '. ./amx.bash\n"
                                "COMP_WORDS=(./amx db history-store st); COMP_CWORD=3\n"
                                "_amx ./amx st history-store; printf \"<%%s>\" \"${COMPREPLY[@]}\"\n"
                                "COMP_WORDS=(./amx \"\"); COMP_CWORD=1\n"
                                "_amx ./amx \"\" ./amx; echo \"${#COMPREPLY[@]}\"' 2>&1; cat amx.asked; ls",
                                folder);
    SupportRun run = support_shell((const char *const[]){NULL}, command);
    assert_string_equal(run.out, "<status><staged\\ rows>4\n[__complete][--][]amx\namx.asked\namx.bash\n");
    free(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_shells_have_none),
        cmocka_unit_test(every_script_asks_the_binary),
        cmocka_unit_test(bash_offers_what_the_binary_says),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
