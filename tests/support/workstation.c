#include "workstation.h"

#include <stdlib.h>

#include "text.h"

#define CONF                                                                                                 \
    "active_db_profile = shop\n"                                                                             \
    "db_profile shop {\n    backend = sqlite\n    path = shop.db\n}\n"                                       \
    "db_profile team {\n%s}\n"                                                                               \
    "timeouts {\n    deliver_ms = 30000\n    connect_ms = 30000\n}\n%s"

void workstation_configure(const Cli *ann, const char *team, const char *more)
{
    cli_configure(ann, CONF, team, more);
}

Cli workstation_new(const char *more)
{
    Cli ann = cli_new("ann", CONF, "    backend = sqlite\n    path = share/store.db\n", more);
    cli_set(&ann, "HOME=/nonexistent");
    char *shop = text_format("%s/shop.db", ann.home);
    support_sqlite(shop, "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)");
    free(shop);
    support_shell(ann.env, "mkdir \"$AMX_HOME/share\"");
    return ann;
}

void workstation_share(const Cli *ann)
{
    cli_ok(ann, "db history-store enable --profile team --schema amx");
}

void workstation_cut(const Cli *ann)
{
    support_shell(ann->env, "mv \"$AMX_HOME/share\" \"$AMX_HOME/away\"");
}

void workstation_mend(const Cli *ann)
{
    support_shell(ann->env, "mv \"$AMX_HOME/away\" \"$AMX_HOME/share\"");
}

const char *workstation_status(const Cli *ann)
{
    return cli_ok(ann, "db history-store status --json").out;
}

Terminal *workstation_open(const Cli *ann, const char *arguments)
{
    Terminal *terminal = terminal_start(ann->env, 80, 24, arguments);
    terminal_expect(terminal, "> Status");
    terminal_expect(terminal, "| pending ");
    return terminal;
}

void workstation_leave(Terminal *terminal)
{
    terminal_keys(terminal, "P", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}
