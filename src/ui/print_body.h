/* The body of a report in each output format. What is printed holds no raw hostile character; errors of the
 * stream are left to ferror(). */
#ifndef AMX_UI_PRINT_BODY_H
#define AMX_UI_PRINT_BODY_H

#include "print.h"

void print_body_text(FILE *out, const Report *report, const PrintStyle *style);
/* List: {"schema","items","next"}; object: {"schema", ..its members}; document: {"schema","text"}. */
void print_body_json(FILE *out, const Report *report);
/* One compact value a line: each row of a list, the object, the document. */
void print_body_json_lines(FILE *out, const Report *report);
/* RFC 4180: a line of column keys, then the rows, every line ended by CR LF. A text that a spreadsheet would
 * run
 * (= + - @) gets a ' in front; numbers stay numbers. */
void print_body_csv(FILE *out, const Report *report);

#endif
