/* A database whose comments are written and restored while something cuts that off; and what must hold
 * afterwards. */
#ifndef AMX_TESTS_CUT_SHOP_H
#define AMX_TESTS_CUT_SHOP_H

#include "cli.h"
#include "relay.h"

/* Ann documents a database, on PostgreSQL through a relay, or in a file. */
typedef struct CutShop {
    Cli ann;
    Relay *relay;      /* or NULL */
    const char *where; /* conninfo past the relay, or path */
    const char *before;
    const char *after; /* what all comments say before and after the apply */
} CutShop;

/* Set-ups and the teardown of cmocka tests, whose state is the CutShop: on PostgreSQL, or in a file. Run 1 is
 * reviewed; what an apply of it writes is known. */
int cut_shop_set_up(void **state);
int cut_shop_set_up_file(void **state);
int cut_shop_tear_down(void **state);

/* All comments of the database, as one text. */
const char *cut_shop_comments(const CutShop *shop);
/* What the history tells: "apply applied, rollback interrupted". */
const char *cut_shop_events(const CutShop *shop);

/* The relay lets everything pass again. */
void cut_shop_mend(const CutShop *shop);
/* After a cut-off apply or rollback: the history tells `story`, everything is as it was before the apply, and
 * a further apply and rollback go as ever. */
void cut_shop_expect_restored(CutShop *shop, const char *story);

/* Conditions for support_wait, whose context is the CutShop. */
bool cut_shop_nobody_writes(void *context);
bool cut_shop_has_struck(void *context);       /* the relay */
bool cut_shop_has_looked(void *context);       /* amx, at what the database says */
bool cut_shop_waits_for_a_lock(void *context); /* whoever is connected */

#endif
