/* The file of `export -o`: the old one or the new one, whole, whatever happens. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "export_file.h"
#include "text.h"

typedef struct Desk {
    Cli ann;
    const char *folder; /* with nothing in it but what is exported */
    char *path;
} Desk;

static Desk new_desk(void)
{
    const char *shop = support_file(support_folder(), "shop.db", "");
    support_sqlite(shop, "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT);"
                         "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount INTEGER, placed TEXT);");
    Desk desk = {.folder = support_folder()};
    desk.ann = cli_new("ann", "db_profile shop { backend = sqlite\n path = \"%s\" }\n", shop);
    desk.path = text_format("%s/doc.md", desk.folder);
    return desk;
}

static int files_in(const char *folder)
{
    int count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        count += entry->d_name[0] != '.';
    }
    closedir(dir);
    return count;
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode & 07777;
}

static void a_new_file_has_the_mode_of_the_umask(void **state)
{
    (void)state;
    Desk desk = new_desk();
    char *line = text_format("umask 027; \"$AMX\" export --md -o '%s'", desk.path);
    SupportRun run = support_shell(desk.ann.env, line);
    assert_int_equal(run.exit_code, 0);
    assert_string_equal(run.out, "");
    cli_shows(run.err, "doc.md is written: 2 tables; 0 of 7 tables and columns are described");
    assert_int_equal(mode_of(desk.path), 0640);
    assert_int_equal(files_in(desk.folder), 1);
    cli_shows(support_read(desk.path), "## main.orders");
    free(line);
    free(desk.path);
}

static void an_old_file_keeps_its_mode_and_a_link_stays_one(void **state)
{
    (void)state;
    Desk desk = new_desk();
    const char *target = support_file(desk.folder, "target.md", "old");
    assert_int_equal(chmod(target, 0604), 0);
    assert_int_equal(symlink("target.md", desk.path), 0);
    cli_ok(&desk.ann, "export --md -o %s", desk.path);
    struct stat status;
    assert_int_equal(lstat(desk.path, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(mode_of(target), 0604);
    cli_shows(support_read(target), "## main.orders");
    assert_int_equal(files_in(desk.folder), 2);
    free(desk.path);
}

static void a_write_that_fails_leaves_the_old_file(void **state)
{
    (void)state;
    Desk desk = new_desk();
    support_file(desk.folder, "doc.md", "as it was");
    char *line = text_format("ulimit -f 1; \"$AMX\" export --json -o '%s'", desk.path);
    SupportRun run = support_shell(desk.ann.env, line);
    assert_int_equal(run.exit_code, 1);
    cli_shows(run.err, "doc.md can't be written: File too large");
    cli_shows(run.err, "it is as it was");
    assert_string_equal(support_read(desk.path), "as it was");
    assert_int_equal(files_in(desk.folder), 1);
    free(line);
    free(desk.path);
}

static void a_database_out_of_reach_leaves_the_old_file(void **state)
{
    (void)state;
    Desk desk = new_desk();
    support_file(desk.folder, "doc.md", "as it was");
    cli_configure(&desk.ann, "db_profile shop { backend = sqlite\n path = \"gone.db\" }\n");
    cli_expect(&desk.ann, 3, "export --md -o %s", desk.path);
    assert_string_equal(support_read(desk.path), "as it was");
    free(desk.path);
}

static void what_is_no_file_is_refused_with_the_way_out(void **state)
{
    (void)state;
    Desk desk = new_desk();
    cli_shows(cli_expect(&desk.ann, 1, "export --md -o %s", desk.folder).err, "it is a folder");
    cli_shows(cli_expect(&desk.ann, 1, "export --md -o %s/no/such.md", desk.folder).err, "make the folder");
    cli_shows(cli_expect(&desk.ann, 1, "export --md -o %s/new/", desk.folder).err, "no such folder");
    cli_shows(cli_expect(&desk.ann, 1, "export --md -o /dev/null").err, "redirect the output");
    cli_shows(cli_expect(&desk.ann, 2, "export --md -o ''").err, "needs the name of a file");
    assert_int_equal(symlink("/nowhere/at/all", desk.path), 0);
    cli_shows(cli_expect(&desk.ann, 1, "export --md -o %s", desk.path).err, "leads nowhere");
    cli_shows(cli_ok(&desk.ann, "export --md -o -").out, "## main.orders");
    cli_shows(cli_ok(&desk.ann, "export --md -o /dev/stdout").out, "## main.orders");
    cli_shows(cli_ok(&desk.ann, "help export").out, "and -: standard output");
    free(desk.path);
}

static void a_file_with_several_names_is_not_torn_from_the_others(void **state)
{
    (void)state;
    Desk desk = new_desk();
    const char *other = support_file(desk.folder, "other.md", "as it was");
    assert_int_equal(link(other, desk.path), 0);
    cli_shows(cli_expect(&desk.ann, 1, "export --md -o %s", desk.path).err,
              "it has several names (hard links)");
    assert_string_equal(support_read(desk.path), "as it was");
    free(desk.path);
}

static void an_edit_made_while_the_database_was_read_is_not_lost(void **state)
{
    (void)state;
    Desk desk = new_desk();
    ExportFile file;
    Error err = {0};
    assert_true(export_file_find(desk.path, &file, &err)); /* none yet */
    support_file(desk.folder, "doc.md", "edit 1");
    assert_false(export_file_write(&file, "export", 6, &err));
    cli_shows(err.message, "doc.md was changed meanwhile");
    cli_shows(err.hint, "run it again");
    assert_string_equal(support_read(desk.path), "edit 1");
    export_file_free(&file);

    assert_true(export_file_find(desk.path, &file, &err));
    support_file(desk.folder, "doc.md", "edit 1, and more");
    assert_false(export_file_write(&file, "export", 6, &err));
    assert_string_equal(support_read(desk.path), "edit 1, and more");
    export_file_free(&file);

    assert_true(export_file_find(desk.path, &file, &err));
    assert_true(export_file_write(&file, "export", 6, &err));
    assert_string_equal(support_read(desk.path), "export");
    assert_int_equal(files_in(desk.folder), 1);
    export_file_free(&file);
    free(desk.path);
}

static void a_file_of_somebody_else_stays_theirs_when_root_writes_it(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip(); /* only root may give a file away */
    }
    Desk desk = new_desk();
    ExportFile file;
    struct stat status;
    support_file(desk.folder, "doc.md", "as it was");
    assert_int_equal(chown(desk.path, 65534, 65534), 0);
    assert_int_equal(chmod(desk.path, 0640), 0);
    assert_true(export_file_find(desk.path, &file, NULL));
    assert_true(export_file_write(&file, "export", 6, NULL));
    assert_int_equal(stat(desk.path, &status), 0);
    assert_int_equal(status.st_uid, 65534);
    assert_int_equal(status.st_gid, 65534);
    assert_int_equal(mode_of(desk.path), 0640);
    export_file_free(&file);
    free(desk.path);
}

static void a_file_without_the_right_to_write_is_not_replaced(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        skip(); /* root may write everything */
    }
    Desk desk = new_desk();
    support_file(desk.folder, "doc.md", "as it was");
    assert_int_equal(chmod(desk.path, 0444), 0);
    cli_shows(cli_expect(&desk.ann, 1, "export --md -o %s", desk.path).err, "chmod u+w");
    assert_string_equal(support_read(desk.path), "as it was");
    free(desk.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_file_has_the_mode_of_the_umask),
        cmocka_unit_test(an_old_file_keeps_its_mode_and_a_link_stays_one),
        cmocka_unit_test(a_write_that_fails_leaves_the_old_file),
        cmocka_unit_test(a_database_out_of_reach_leaves_the_old_file),
        cmocka_unit_test(what_is_no_file_is_refused_with_the_way_out),
        cmocka_unit_test(a_file_with_several_names_is_not_torn_from_the_others),
        cmocka_unit_test(an_edit_made_while_the_database_was_read_is_not_lost),
        cmocka_unit_test(a_file_of_somebody_else_stays_theirs_when_root_writes_it),
        cmocka_unit_test(a_file_without_the_right_to_write_is_not_replaced),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
