/* How a list looks. */
#include "view_list_internal.h"

#include "memory.h"
#include "text.h"

static const ListKind kinds[] = {
    {"amx.sessions/", "Sessions", "session show --id"},
    {"amx.runs/", "Runs", "history show"},
    {"amx.events/", "Events", NULL},
};

const ListKind *view_list_kind(const Report *report)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (report->schema && text_starts(report->schema, kinds[i].schema)) {
            return &kinds[i];
        }
    }
    return NULL;
}

static bool lists(const List *list, const char *what)
{
    const char *schema = list_rows_report(&list->listing.rows)->schema;
    return schema && text_starts(schema, what);
}

bool view_list_is_runs(const List *list)
{
    return lists(list, "amx.runs/");
}

bool view_list_is_sessions(const List *list)
{
    return lists(list, "amx.sessions/");
}

bool view_list_is_events(const List *list)
{
    return lists(list, "amx.events/");
}

char *view_list_name(const List *list)
{
    const Report *report = list_rows_report(&list->listing.rows);
    const ListKind *kind = view_list_kind(report);
    return memory_string(report->title ? report->title : kind ? kind->title : list->listing.shown.line);
}

/* Which of them, as far as that is not said by a scope; and the one that waits to be compared. */
static void add_choice(Text *text, const List *list)
{
    char *choice = list_query_choice(list->listing.shown.line);
    text_addf(text, "%s%s", *choice ? "  " : "", choice);
    free(choice);
}

static void add_mark(Text *text, const List *list)
{
    if (list->mark.run) {
        char *name = view_compare_name(&list->mark);
        text_addf(text, "  A: %s", name);
        free(name);
    }
}

char *view_list_title(const View *view)
{
    const List *list = view->state;
    const Listing *listing = &list->listing;
    char *name = view_list_name(list);
    const char *scope = list_query_scope(listing->shown.line);
    Text text = {0};
    text_add(&text, name);
    free(name);
    if (scope) {
        text_addf(&text, "  scope: %s", scope);
    } else {
        add_choice(&text, list);
    }
    listing_add_count(&text, listing);
    add_mark(&text, list);
    if (list->days && !*listing->shown.filter) {
        text_addf(&text, "  %s", list->days);
    }
    if (listing_is_awaited(listing)) {
        text_add(&text, "  reading..");
    }
    return text_take(&text);
}

void view_list_draw(View *view, const Screen *screen, const Area *body)
{
    (void)screen;
    listing_draw(&((List *)view->state)->listing, body);
}
