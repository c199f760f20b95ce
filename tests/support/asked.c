#include "asked.h"

#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "memory.h"
#include "runs.h"
#include "search.h"
#include "support_store.h"
#include "text.h"

/* A SQLite file has one schema: "hr.staff" is staff of schema hr. */
static void split(char **schema, char **table)
{
    char *dot = strchr(*table, '.');
    if (dot) {
        char *name = memory_string(dot + 1);
        free(*schema);
        *schema = memory_string_n(*table, (size_t)(dot - *table));
        free(*table);
        *table = name;
    }
}

static void split_all(Catalog *catalog)
{
    for (size_t i = 0; i < catalog->table_count; i++) {
        split(&catalog->tables[i].schema, &catalog->tables[i].name);
    }
    for (size_t i = 0; i < catalog->foreign_key_count; i++) {
        split(&catalog->foreign_keys[i].to_schema, &catalog->foreign_keys[i].to_table);
    }
}

void asked_read(Asked *asked)
{
    Database *database = NULL;
    DatabaseScope all = {0};
    DatabaseTarget target = {.backend = BACKEND_SQLITE, .path = asked->path};
    Error err = {0};
    catalog_free(asked->catalog);
    asked->catalog = NULL;
    bool read = database_open(&target, DEADLINE_NONE, &database, &err) &&
                database_read_catalog(database, &all, DEADLINE_NONE, &asked->catalog, &err);
    if (read) {
        split_all(asked->catalog);
    }
    if (!read || !search_keep(asked->local, ASKED_PRINT, asked->catalog, &err)) {
        fail_msg("%s", err.message);
    }
    database_close(database);
}

void asked_estimate(Asked *asked, const char *table, double rows)
{
    Error err = {0};
    for (size_t i = 0; i < asked->catalog->table_count; i++) {
        if (text_equal(asked->catalog->tables[i].name, table)) {
            asked->catalog->tables[i].rows = rows;
        }
    }
    assert_true(search_keep(asked->local, ASKED_PRINT, asked->catalog, &err));
}

Asked asked_open(const char *sql)
{
    Asked asked = {.path = support_path("shop.db"),
                   .local = support_local(support_path("history.db"), &support_ada)};
    support_sqlite(asked.path, sql);
    asked_read(&asked);
    return asked;
}

void asked_forget(Asked *asked)
{
    ask_turns_free(asked->turns, asked->turn_count);
    asked->turns = NULL;
    asked->turn_count = asked->turn_capacity = 0;
}

void asked_close(Asked *asked)
{
    asked_forget(asked);
    catalog_free(asked->catalog);
    local_close(asked->local);
}

void asked_keep_turn(Asked *asked, const char *role, const char *content, const char *citations)
{
    memory_grow((void **)&asked->turns, asked->turn_count, &asked->turn_capacity, sizeof *asked->turns);
    asked->turns[asked->turn_count++] = (AskTurn){.role = memory_string(role),
                                                  .content = memory_string(content),
                                                  .citations = memory_string(citations)};
}

static void assert_cited(const Asked *asked, const Answer *answer)
{
    size_t index;
    json_t *citation;
    json_array_foreach(answer->citations, index, citation)
    {
        bool there = false;
        Error err = {0};
        char *mark = text_format("[%zu] ", index + 1);
        assert_true(ask_exists(asked->local, ASKED_PRINT,
                               json_string_value(json_object_get(citation, "schema")),
                               json_string_value(json_object_get(citation, "table")),
                               json_string_value(json_object_get(citation, "column")), &there, &err));
        assert_true(there);
        assert_non_null(strstr(answer->text, mark));
        free(mark);
    }
}

const char *asked_answer(Asked *asked, const char *question)
{
    Answer answer = {0};
    Error err = {0};
    const AskQuestion it = {.local = asked->local,
                            .fingerprint = ASKED_PRINT,
                            .profile = "shop",
                            .text = question,
                            .turns = asked->turns,
                            .turn_count = asked->turn_count,
                            .user = "ada"};
    if (!ask_answer(&it, &answer, &err)) {
        fail_msg("\"%s\": %s", question, err.message);
    }
    assert_false(text_is_empty(answer.text));
    assert_cited(asked, &answer);
    asked->known = answer.known;
    asked->cited = json_array_size(answer.citations);
    char *citations = json_dumps(answer.citations, 0);
    asked_keep_turn(asked, "user", question, NULL);
    asked_keep_turn(asked, "assistant", answer.text, citations);
    free(citations);
    answer_free(&answer);
    return asked->turns[asked->turn_count - 1].content;
}

void asked_says(Asked *asked, const char *question, const char *words)
{
    const char *text = asked_answer(asked, question);
    if (!strstr(text, words)) {
        fail_msg("\"%s\" was answered, without \"%s\":\n%s", question, words, text);
    }
}

void asked_says_not(Asked *asked, const char *question, const char *words)
{
    const char *text = asked_answer(asked, question);
    if (strstr(text, words)) {
        fail_msg("\"%s\" was answered, with \"%s\":\n%s", question, words, text);
    }
}

int64_t asked_decide(Asked *asked, const char *table, const char *column, const char *text)
{
    char *schema = memory_string("main"), *name = memory_string(table);
    split(&schema, &name);
    RunStart start = {
        .scope = "main", .db_profile = "shop", .fingerprint = ASKED_PRINT, .drafter = "builtin"};
    RunResult result = {.schema = schema,
                        .table = name,
                        .column = column,
                        .kind = column ? "column" : "table",
                        .alternatives = "[]",
                        .evidence = "[]",
                        .source = "builtin"};
    Error err = {0};
    assert_true(runs_start(asked->local, &start, &result.run_id, &err));
    assert_true(runs_add_results(asked->local, &result, 1, &err));
    int64_t id = support_local_number(asked->local, "SELECT max(local_id) FROM run_results");
    assert_true(runs_evaluate(asked->local, id, "accepted", text, &err));
    free(name);
    free(schema);
    return id;
}
