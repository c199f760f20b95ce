/* One question while it is answered: its words, what it is about, and the answer as it grows. */
#ifndef AMX_CORE_ASK_WORK_H
#define AMX_CORE_ASK_WORK_H

#include "ask.h"
#include "catalog_cache.h"
#include "text.h"
#include "words.h"

/* A table, or a column of it, that the question is about. */
typedef struct AskSubject {
    char *schema;
    char *table;
    char *column; /* NULL: the table */
} AskSubject;

typedef struct AskSubjects {
    AskSubject *items;
    size_t count;
    size_t capacity;
} AskSubjects;

typedef struct AskWork {
    const AskQuestion *question;
    Words raw;          /* the words of the question as they stand there, without punctuation around them */
    Words words;        /* the same in lower case */
    char *sentence;     /* the same with blanks between and around: " what is users.status " */
    AskSubjects named;  /* called by their names in the question */
    AskSubjects before; /* what the session was about last, for a question that points back to it */
    const char *schema; /* the one that it is about, or NULL; borrowed from the words */
    bool denies;        /* it leaves something out ("not", "except"), and nothing has understood that yet */
    bool points_back;   /* "its columns", "and the second one?" */
    bool whole;         /* lists are not cut: they are asked for once more, to be narrowed */
    Answer *out;
    Text text;
} AskWork;

/* Frees all but the answer. */
void ask_work_free(AskWork *work);

/* --- words (ask_words.c) --- */

/* Reads the words of the question. */
void ask_words_read(AskWork *work);
/* Does the question hold one of these phrases, words with blanks between? The list ends with NULL. */
bool ask_says(const AskWork *work, const char *const *phrases);
/* Do these words, with blanks between and around, leave something out: "not", "except", "without"? */
bool ask_denies(const char *sentence);
/* The index of the first word that is one of the list (which ends with NULL), or -1. */
long ask_word_at(const AskWork *work, const char *const *list);
/* Is it a word that belongs to a kind of question ("foreign", "description", "between") or to every one? */
bool ask_is_filler(const char *word);
/* Does the question hold a word that only English has ("which", "of"), or is it too short to tell? */
bool ask_is_english(const AskWork *work);
/* The words that are about something, with blanks between. Owned by the caller. */
char *ask_content(const AskWork *work);

/* --- subjects (ask_subject.c) --- */

/* Finds the names in the question, its schema, and when it points back what the session was about last: the
 * tables that the last turn names or cites which is about any. ERROR_LOCAL. */
bool ask_subjects_find(AskWork *work, Error *err);
void ask_subjects_free(AskSubjects *subjects);
/* Does it ask for one of those before by its place: "the second one"? */
bool ask_points_to_one(const AskWork *work);
/* The citations (Answer.citations) of the last answer that has any, owned by the caller; NULL when none has.
 * *turn is its index. */
json_t *ask_cited_before(const AskQuestion *question, size_t *turn);
/* What the question is about: what it names, else what it points back to. */
const AskSubjects *ask_subjects(const AskWork *work);
/* The table that these words fit best, added to `out`, with a line in the answer when it had to be guessed at
 * what was meant; nothing is added when none fits. ERROR_LOCAL. */
bool ask_subject_guess(AskWork *work, const char *words, AskSubjects *out, Error *err);
/* Is the word the name of this table, as somebody says it: in the singular or plural? */
bool ask_names_table(const char *word, const AskSubject *table);
/* Is the word at this place a name that the question was understood to have, or half of one: "order items"?
 */
bool ask_is_named_at(const AskWork *work, size_t at);
/* Does the question hold nothing but fillers, names that it was understood to have, its schema, and these
 * words? The list ends with NULL. */
bool ask_says_only(const AskWork *work, const char *const *known);
/* Does any of the words stand in this part of the index ("name", or all of it)? Then the question is about
 * that: "which table has the largest order". ERROR_LOCAL. */
bool ask_are_own_words(const AskWork *work, const Words *words, const char *where, bool *out, Error *err);
void ask_subject_add(AskSubjects *subjects, const char *schema, const char *table, const char *column);

/* Sets the schema that the question is about: what stands beside the word "schema", else, in a question that
 * names no table, behind "in" or "of" where there is such a schema. ERROR_LOCAL. */
bool ask_schema_find(AskWork *work, Error *err);
/* Says that there is no schema of that name, and which there are: *missing. ERROR_LOCAL. */
bool ask_schema_missing(AskWork *work, bool *missing, Error *err);
/* The schemas that the question names, when it holds nothing else but fillers and these words (the list ends
 * with NULL); none otherwise. Freed by words_free. ERROR_LOCAL. */
bool ask_schemas_named(AskWork *work, const char *const *known, Words *out, Error *err);
/* Is the word its name? */
bool ask_is_schema(const AskWork *work, const char *word);

/* --- the answer (ask_say.c) --- */

/* Adds a citation and its mark: "[2] ". */
void ask_cite(AskWork *work, const char *schema, const char *table, const char *column);
/* ": text", and the end of the line; `otherwise` (or NULL) is said when there is none. */
void ask_say_description(AskWork *work, const char *description, bool accepted, const char *otherwise);
/* A line that cites a table or column: "[1] sales.order (table): ..". */
void ask_say_object(AskWork *work, const char *lead, const CatalogObject *object);
/* "Not understood, and not taken into account: ..", nothing when no words are left. */
void ask_say_left(AskWork *work, const Words *left);
/* How many of a list are told: of lists that are to be narrowed all but all, else no more than there is room
 * for in an answer beside what it cites already. */
int ask_list_limit(const AskWork *work, int usual);
/* A question may name any number of tables: is there room for another one, after `told` of them? */
bool ask_has_room(const AskWork *work, size_t told);
/* ".. and 12 more columns" when there are more than were told. */
void ask_say_more(AskWork *work, int64_t total, int64_t told, const char *what);

#endif
