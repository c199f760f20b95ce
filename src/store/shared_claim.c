/* The fence token of a delivery: compared and set in the shared store (rule D2 of docs/protocol.md). */
#include "shared_claim.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "rules.h"

typedef struct Look {
    bool has_store;
    char store_id[ID_SIZE];
    int64_t version;
    bool has_token;
    char token[ID_SIZE];
} Look;

static void take_look(void *context, const Value *values, int count)
{
    Look *look = context;
    (void)count;
    look->has_store = true;
    text_copy(look->store_id, sizeof look->store_id, values[0].text);
    look->version = values[1].text ? strtoll(values[1].text, NULL, 10) : 0;
    look->has_token = values[2].type != VALUE_NULL;
    text_copy(look->token, sizeof look->token, values[2].text);
}

static bool look(Shared *shared, const OutboxBatch *batch, Deadline deadline, Look *out, Error *err)
{
    *out = (Look){0};
    const char *prefix = text_string(&shared->prefix);
    char *sql = text_format("SELECT s.store_id, s.schema_version, (SELECT o.token FROM %sorigins o "
                            "WHERE o.origin_id = $1) FROM %sstore s",
                            prefix, prefix);
    bool ok = shared->ops->query(shared->connection, sql, VALUES(value_text(batch->origin_id)), deadline,
                                 take_look, out, NULL, err);
    free(sql);
    return ok;
}

static bool is_accepted(const OutboxBatch *batch, const Look *seen)
{
    if (!seen->has_token) {
        return batch->first || !rule_holds(RULE_FIRST_ONCE);
    }
    for (size_t i = 0; i < batch->accepted_count; i++) {
        if (strcmp(batch->accepted[i], seen->token) == 0) {
            return true;
        }
    }
    return false;
}

static SharedVerdict judge(const OutboxBatch *batch, const Look *seen, SharedAnswer *answer)
{
    if (!seen->has_store || strcmp(seen->store_id, batch->store_id) != 0) {
        answer->verdict = SHARED_OTHER_STORE;
    } else if (seen->version != SYNCED_VERSION) {
        answer->verdict = seen->version > SYNCED_VERSION ? SHARED_TOO_NEW : SHARED_TOO_OLD;
        answer->version = seen->version;
    } else if (!is_accepted(batch, seen)) {
        answer->verdict = SHARED_STRANGE;
        text_copy(answer->token, sizeof answer->token, seen->token);
    } else {
        answer->verdict = SHARED_SENT;
    }
    return answer->verdict;
}

void shared_make_claim(SharedClaim *claim, const Shared *shared, const OutboxBatch *batch)
{
    const char *prefix = text_string(&shared->prefix);
    size_t accepted = rule_holds(RULE_COMPARE_TOKEN) ? batch->accepted_count : 0;
    size_t count = 8 + accepted;
    Value *values = memory_zero(count, sizeof *values);
    *claim = (SharedClaim){.values = values, .count = (int)count};
    clock_now(claim->now);
    text_addf(&claim->sql,
              "UPDATE %sorigins SET token = $1, created_by = $2, hostname = $3, client_version = $4, "
              "last_seen = $5 "
              "WHERE origin_id = $6 AND EXISTS (SELECT 1 FROM %sstore s WHERE s.store_id = $7 "
              "AND s.schema_version = $8) AND token %s (''",
              prefix, prefix, rule_holds(RULE_COMPARE_TOKEN) ? "IN" : "NOT IN");
    values[0] = value_text(batch->token);
    values[1] = value_text(batch->who.created_by);
    values[2] = value_text(batch->who.hostname);
    values[3] = value_text(batch->who.client_version);
    values[4] = value_text(claim->now);
    values[5] = value_text(batch->origin_id);
    values[6] = value_text(batch->store_id);
    values[7] = value_int(SYNCED_VERSION);
    for (size_t i = 0; i < accepted; i++) {
        values[8 + i] = value_text(batch->accepted[i]);
        text_addf(&claim->sql, ", $%zu", 9 + i);
    }
    text_add(&claim->sql, ")");
}

void shared_free_claim(SharedClaim *claim)
{
    text_free(&claim->sql);
    free(claim->values);
}

static bool set_token(Shared *shared, const OutboxBatch *batch, Deadline deadline, int64_t *affected,
                      Error *err)
{
    SharedClaim claim;
    shared_make_claim(&claim, shared, batch);
    bool ok =
        shared_query(shared, text_string(&claim.sql), claim.values, claim.count, deadline, affected, err);
    shared_free_claim(&claim);
    return ok;
}

static bool insert_origin(Shared *shared, const OutboxBatch *batch, Deadline deadline, int64_t *affected,
                          Error *err)
{
    char now[CLOCK_TEXT_SIZE];
    clock_now(now);
    char *sql =
        text_format("INSERT INTO %sorigins (origin_id, token, created_by, hostname, client_version, "
                    "first_seen, last_seen) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
                    text_string(&shared->prefix));
    bool ok = shared_query(shared, sql,
                           VALUES(value_text(batch->origin_id), value_text(batch->token),
                                  value_text(batch->who.created_by), value_text(batch->who.hostname),
                                  value_text(batch->who.client_version), value_text(now), value_text(now)),
                           deadline, affected, err);
    free(sql);
    return ok;
}

bool shared_question(Shared *shared, const OutboxBatch *batch, Deadline deadline, SharedAnswer *answer,
                     Error *err)
{
    Look seen;
    if (!look(shared, batch, deadline, &seen, err)) {
        return false;
    }
    if (rule_holds(RULE_EMPTY_LOOKS)) {
        judge(batch, &seen, answer);
    }
    return true;
}

/* Zero rows changed is no error to SQL: look why, before anything is committed. */
bool shared_claim(Shared *shared, const OutboxBatch *batch, Deadline deadline, SharedAnswer *answer,
                  Error *err)
{
    int64_t affected = 0;
    Look seen;
    if (!batch->first || batch->accepted_count > 0) {
        if (!set_token(shared, batch, deadline, &affected, err)) {
            return false;
        }
    }
    if (affected == 1) {
        answer->verdict = SHARED_SENT;
        return true;
    }
    if (!look(shared, batch, deadline, &seen, err)) {
        return false;
    }
    if (judge(batch, &seen, answer) != SHARED_SENT) {
        return true;
    }
    if (!seen.has_token) {
        if (!insert_origin(shared, batch, deadline, &affected, err)) {
            return false;
        }
        if (affected == 1) {
            return true;
        }
    }
    error_set(err, ERROR_DATABASE, "%s: another delivery of this history.db came in between",
              shared_target(shared));
    error_sqlstate(err, "40001");
    return false;
}
