/* Applies and rollbacks of which nobody knows whether they were written: amx ended, or lost the connection,
 * while the database committed. What the database says now settles them. */
#ifndef AMX_CORE_APPLY_DOUBT_H
#define AMX_CORE_APPLY_DOUBT_H

#include "app.h"
#include "report.h"

/* Settles what is in doubt with the active profile's database, which has this fingerprint, and tells the
 * person. Connects only when there is something. An event becomes "applied" where its text is found,
 * "interrupted" where the text before it is, "missing" without its table or column, else "unknown"; an apply
 * that is neither written nor interrupted has what was found as the result's error. Whether anything was
 * settled goes to *settled. False: the database could not be asked; or its transaction is still under way
 * there, so that nobody can say yet how it ends (ERROR_DATABASE); or ERROR_LOCAL. What was pending stays so.
 */
bool apply_doubt_settle(App *app, Local *local, const char *fingerprint, Report *report, bool *settled,
                        Error *err);

/* Warns where an apply or rollback of the run was cut off, and nobody has asked the database since; or is
 * under way. Asks only history.db. ERROR_LOCAL. */
bool apply_doubt_tell(Local *local, int64_t run_id, Report *report, Error *err);

#endif
