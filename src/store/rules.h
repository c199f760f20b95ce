/* The rules of the dual-write protocol (docs/protocol.md) by name, each where it is kept. The simulation
 * plays without one of them to show that it would notice (tests/sim/test_sim_rules.c, docs/faults.md). A rule
 * can be off only in a build with AMX_RULE_SWITCHES, which amx itself never is: there rule_holds() is the
 * constant true, and what would be done without the rule is not compiled in. */
#ifndef AMX_STORE_RULES_H
#define AMX_STORE_RULES_H

#include <stdbool.h>

typedef enum Rule {
    RULE_NONE,
    /* local write */
    RULE_LOCAL_ONLY,       /* what is private, or was written while sharing was off, is not owed */
    RULE_SEQ_MOVES,        /* a write moves the seq of a mark that is there already */
    RULE_UNDROP_ANCESTORS, /* writing a row brings its dropped ancestors back */
    RULE_UNDROP_DELETES,   /* queueing a delete brings the dropped deletes below it back */
    /* mint */
    RULE_ANCESTORS_FIRST,     /* ancestors that the store lacks go in front of a row */
    RULE_ANCESTORS_MARKED,    /* and get a mark if they have none */
    RULE_HOLD,                /* a row waits while such an ancestor is parked or dropped */
    RULE_DELETES_BELOW_FIRST, /* the deletes below a delete go in front of it */
    RULE_DELETE_AUTHOR,       /* who deleted is taken from the delete, not from the delivery */
    RULE_NOTE_SENT,           /* a mark that was in a batch says so */
    RULE_LOOK_AHEAD,          /* rows read ahead count only while the file is as it was read */
    /* send */
    RULE_COMPARE_TOKEN,    /* the origin's token is replaced only if it is one that is accepted */
    RULE_PENDING_ACCEPTED, /* pending tokens are */
    RULE_FIRST_ONCE,       /* a first row for the origin only if none was ever acknowledged */
    RULE_EMPTY_LOOKS,      /* the token is looked at when there is nothing to send, too */
    RULE_HIGHER_VERSION,   /* only a higher version overwrites (switched in SQLite files only) */
    /* acknowledge */
    RULE_NEWEST_COUNTS,  /* only the newest token minted counts */
    RULE_PENDING_COUNTS, /* and only while it is pending, and the file on that store and origin */
    RULE_OTHERS_OLD,     /* the other tokens are old then */
    RULE_SAME_SEQ,       /* a mark goes if its seq is the one that was sent */
    RULE_TAIL,           /* a row that changed in flight goes to the end of the queue */
    RULE_PARK_SAME_SEQ,  /* a refusal parks only a mark that is still queued with that seq */
    /* doubt */
    RULE_REREAD,        /* the tokens are read again in the transaction that judges */
    RULE_HEAL_WRITES,   /* what a store that went back lacks is marked again */
    RULE_HEAL_DELETES,  /* deletes too */
    RULE_STAYS_DROPPED, /* but nothing that was dropped */
    RULE_HEAL_CORRECTS, /* `delivered` says afterwards what the store has */
    RULE_COPY_WHOLE,    /* a copy takes its new name in all of its rows */
    RULE_COPY_MARKS,    /* and owes again what was delivered */
    /* switches */
    RULE_ENABLE_MARKS,    /* enable marks what the store has in another version */
    RULE_SETTLE_DROPPED,  /* a dropped write that was sent becomes a delete when its row is deleted */
    RULE_MIGRATE_DELETES, /* migrate brings dropped deletes back */
    RULE_COUNT
} Rule;

#ifdef AMX_RULE_SWITCHES
extern Rule rule_off; /* the test's */
#define rule_holds(rule) ((rule) != rule_off)
#else
#define rule_holds(rule) true
#endif

/* SQL of which one part, a literal like all of them, is `with` by the rule and `without` when it is off. */
#define RULE_SQL(rule, before, with, without, after)                                                         \
    (rule_holds(rule) ? before with after : before without after)

#endif
