/* The functions behind the rows of command_table.c, by the file that holds them. */
#ifndef AMX_CORE_COMMANDS_H
#define AMX_CORE_COMMANDS_H

#include "command.h"

#define COMMAND_FUNCTION(name) bool name(App *app, const Args *args, Report *report, Error *err)

/* cmd_db.c */
COMMAND_FUNCTION(cmd_db_list);
COMMAND_FUNCTION(cmd_db_show);
COMMAND_FUNCTION(cmd_db_use);
COMMAND_FUNCTION(cmd_db_test);
COMMAND_FUNCTION(cmd_db_tables);
/* cmd_store_status.c */
COMMAND_FUNCTION(cmd_store_status);
/* cmd_store_switch.c */
COMMAND_FUNCTION(cmd_store_enable);
COMMAND_FUNCTION(cmd_store_disable);
COMMAND_FUNCTION(cmd_store_dump_ddl);
/* cmd_store_queue.c */
COMMAND_FUNCTION(cmd_store_flush);
COMMAND_FUNCTION(cmd_store_list);
COMMAND_FUNCTION(cmd_store_drop);
COMMAND_FUNCTION(cmd_store_migrate);
/* cmd_session.c */
COMMAND_FUNCTION(cmd_session_new);
COMMAND_FUNCTION(cmd_session_rename);
COMMAND_FUNCTION(cmd_session_resume);
COMMAND_FUNCTION(cmd_session_end);
COMMAND_FUNCTION(cmd_session_delete);
/* cmd_session_list.c */
COMMAND_FUNCTION(cmd_session_list);
/* cmd_session_show.c */
COMMAND_FUNCTION(cmd_session_show);
/* cmd_session_fork.c */
COMMAND_FUNCTION(cmd_session_fork);
/* cmd_session_export.c */
COMMAND_FUNCTION(cmd_session_export);
/* cmd_ask.c */
COMMAND_FUNCTION(cmd_ask);
/* cmd_run.c */
COMMAND_FUNCTION(cmd_run);
/* cmd_review.c */
COMMAND_FUNCTION(cmd_review);
/* cmd_apply.c */
COMMAND_FUNCTION(cmd_apply);
COMMAND_FUNCTION(cmd_rollback);
/* cmd_history.c */
COMMAND_FUNCTION(cmd_history_list);
COMMAND_FUNCTION(cmd_history_show);
COMMAND_FUNCTION(cmd_history_results);
COMMAND_FUNCTION(cmd_history_events);
/* cmd_history_compare.c */
COMMAND_FUNCTION(cmd_history_compare);
/* cmd_history_redact.c */
COMMAND_FUNCTION(cmd_history_redact);
/* cmd_history_applies.c */
COMMAND_FUNCTION(cmd_history_applies);
/* cmd_history_table.c */
COMMAND_FUNCTION(cmd_history_table);
/* cmd_history_stats.c */
COMMAND_FUNCTION(cmd_history_stats);
/* cmd_history_drafts.c */
COMMAND_FUNCTION(cmd_history_drafts);
COMMAND_FUNCTION(cmd_history_choices);
/* cmd_export.c */
COMMAND_FUNCTION(cmd_export);
/* cmd_coverage.c */
COMMAND_FUNCTION(cmd_coverage);
/* cmd_diff.c */
COMMAND_FUNCTION(cmd_diff);
/* cmd_program.c */
COMMAND_FUNCTION(cmd_config_path);
COMMAND_FUNCTION(cmd_config_show);
COMMAND_FUNCTION(cmd_config_check);
COMMAND_FUNCTION(cmd_completion);
COMMAND_FUNCTION(cmd_help);
COMMAND_FUNCTION(cmd_version);

#endif
