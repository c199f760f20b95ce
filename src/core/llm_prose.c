#include "llm_prose.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "ask_llm_tokens.h"
#include "sql_words.h"

enum { LISTED = 12, SHORTEST = 2, LONGEST = 24, CAPITALS_SHORTEST = 5 };

/* What may stand between a word and the one beside it. */
static const char wrapping[] = "`'\"*(";

/* A word of the text; of length 0: there is none. */
typedef struct Word {
    const char *at;
    size_t length;
} Word;

/* Is the word one of the list, which ends with NULL, in any case? */
static bool is_one_of(Word word, const char *const *list)
{
    while (*list && (strlen(*list) != word.length || strncasecmp(*list, word.at, word.length) != 0)) {
        list++;
    }
    return word.length > 0 && *list;
}

/* The same of a list of words between blanks, in lower case. */
static bool is_among(Word word, const char *words)
{
    char wanted[LONGEST + 3] = " ";
    if (word.length == 0 || word.length > LONGEST) {
        return false;
    }
    for (size_t i = 0; i < word.length; i++) {
        wanted[i + 1] = (char)tolower((unsigned char)word.at[i]);
    }
    wanted[word.length + 1] = ' ';
    return strstr(words, wanted) != NULL;
}

static bool is_singular(Word word)
{
    static const char *const words[] = {"table", "column", "view", NULL};
    return is_one_of(word, words);
}

static bool is_plural(Word word)
{
    static const char *const words[] = {"tables", "columns", "views", NULL};
    return is_one_of(word, words);
}

static bool is_noun(Word word)
{
    return is_singular(word) || is_plural(word);
}

/* What follows a name: verbs, prepositions, conjunctions. */
static bool is_link(Word word)
{
    static const char words[] =
        " about across again agree alone also and answer answers apart appear appears applies "
        "apply are as at be because beforehand begin begins belongs below between but by called "
        "can carries carry change changes check come comes comment comments connects constraint "
        "constraints contain contains counts defines definition definitions denotes describes "
        "design differ differs do does each end ends exist exists find fit fits follow follows "
        "for from gives go goes grow grows had has have help helps here hold holds identifies if "
        "in include includes indicates instead into is itself join joins keep keeps lies like "
        "link links list lists look looks makes maps marks match matches matter matters may mean "
        "means might must named names needs nor not now of on once only or out over overlap owner "
        "owners per point points prefix prefixes query read records refer reference references "
        "refers reflects relates remain remains represents say says scan scans see shall should "
        "shows so specifies stand stands start starts state states statistics store stores "
        "structure such suffice suffices tell tells than that themselves then there through to "
        "together too tracks twice types under unless until use used uses using via was were when "
        "where whether which while who whose will with within without would yet ";
    return is_among(word, words);
}

/* What stands before one of the nouns, and is no name: articles, numbers, what tables and columns are like.
 */
static bool is_describing(Word word)
{
    static const char words[] =
        " a above actual additional aggregate all always amount an another answer any application "
        "appropriate archive associated association audit auto available backup base basic best "
        "big binary blob boolean both bridge cache calendar category central certain character "
        "child child's closest code common complete composite computed configuration connection "
        "content corresponding count counter cross currency current daily data database date "
        "decimal dedicated default description detail different dimension direct distinct domain "
        "either empty enough entire entity enum event events every example existing extra fact "
        "few fewer file final first five flag following foreign former four free generic geometry "
        "given good half head header heap her hierarchy his history how hub id identity important "
        "index indexed input integer intermediate intersection it its json junction just key kind "
        "label large larger largest last latter left less level linked linking log lookup main "
        "major many mapping master materialized metadata monthly more most multiple my name "
        "nearest necessary neither never new next no non non-null normal note nullable number "
        "numeric obvious old one optional order ordinary original other others our output own "
        "pair parent partition partitioned people person pivot plain possible potential previous "
        "price primary private proper public queue range real reference referenced referencing "
        "related relation relational relationship relevant remaining required respective result "
        "right row rows same satellite schema search second self separate sequence session "
        "setting settings several shared side similar simple single size slowly small smaller "
        "snapshot some sort source special specific staging standard state status string suitable "
        "summary surrogate system target temporary ten text that the their these they thing "
        "things third this those three time time-series timestamp title top total tracking "
        "transaction translation tree two type typed underlying unique user users uuid value "
        "values various version very virtual warning we well what whatever whichever whole wide "
        "wrong yes you your zero ";
    return is_among(word, words) || is_noun(word);
}

static bool is_ordinary(Word word)
{
    return word.length < SHORTEST || is_link(word) || is_describing(word) || sql_word(word.at, word.length);
}

static bool ends_with(Word word, const char *ending)
{
    size_t length = strlen(ending);
    return word.length > length && strncasecmp(word.at + word.length - length, ending, length) == 0;
}

/* tables referencing it, columns marked so, the historical table */
static bool looks_english(Word word)
{
    static const char *const endings[] = {"ing", "ed", "ly", "al", "ive", "ary", "able", "ic", "ous", NULL};
    for (size_t i = 0; endings[i]; i++) {
        if (ends_with(word, endings[i])) {
            return true;
        }
    }
    return false;
}

/* --- what stands beside a word --- */

static bool is_part_of_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

static Word word_at(const char *at)
{
    size_t length = 0;
    while (is_part_of_word(at[length])) {
        length++;
    }
    while (length > 0 && (at[length - 1] == '.' || at[length - 1] == '-')) {
        length--;
    }
    return (Word){at, length};
}

static Word word_ending(const char *text, const char *end)
{
    const char *at = end;
    while (at > text && is_part_of_word(at[-1])) {
        at--;
    }
    return (Word){at, (size_t)(end - at)};
}

static const char *skip_back(const char *text, const char *at, const char *set)
{
    while (at > text && strchr(set, at[-1])) {
        at--;
    }
    return at;
}

/* The word before, behind nothing but blanks and quotes. */
static Word before(const char *text, Word word)
{
    const char *at = skip_back(text, word.at, wrapping);
    at = skip_back(text, at, " \t\n");
    at = skip_back(text, at, wrapping);
    return at < word.at && at > text && at[-1] != '.' ? word_ending(text, at) : (Word){at, 0};
}

static Word behind(Word word)
{
    const char *at = word.at + word.length;
    at += strspn(at, "`'\"*)");
    at += strspn(at, " \t\n");
    at += strspn(at, wrapping);
    return word_at(at);
}

/* 'zip', "zip", **zip** */
static bool is_wrapped(const char *text, Word word)
{
    const char *end = word.at + word.length;
    return *word.at == '"' || (word.at > text && strchr("'*", word.at[-1]) && word.at[-1] == *end);
}

/* The word that a comma, "and" or "or" joins to this one, before it; of length 0: none does. */
static Word listed_before(const char *text, Word word)
{
    static const char *const joints[] = {"and", "or", "the", NULL};
    const char *at = word.at;
    bool joined = false;
    for (;;) {
        const char *gap = skip_back(text, at, " \t\n`'\"*,");
        joined = joined || memchr(gap, ',', (size_t)(at - gap));
        Word other = gap > text ? word_ending(text, gap) : (Word){gap, 0};
        if (!is_one_of(other, joints)) {
            return joined ? other : (Word){gap, 0};
        }
        joined = true;
        at = other.at;
    }
}

/* The same behind it. */
static Word listed_behind(Word word)
{
    static const char *const joints[] = {"and", "or", "the", NULL};
    const char *at = word.at + word.length;
    bool joined = false;
    for (;;) {
        size_t gap = strspn(at, " \t\n`'\"*,");
        joined = joined || memchr(at, ',', gap);
        Word other = word_at(at + gap);
        if (!is_one_of(other, joints)) {
            return joined ? other : (Word){at, 0};
        }
        joined = true;
        at = other.at + other.length;
    }
}

/* --- what makes it a name --- */

/* "in table clients", "the table clients has", but not "the table tracks orders". */
static bool follows_noun(const char *text, Word word, Word noun)
{
    static const char *const indefinite[] = {"a",  "an",  "another", "any", "each", "every",
                                             "no", "one", "some",    "per", NULL}; /* "a table scan" */
    Word lead = before(text, noun), next = behind(word);
    if (is_wrapped(text, word)) {
        return true;
    }
    if (looks_english(word) || is_one_of(lead, indefinite)) {
        return false;
    }
    if (lead.length == 0 || is_link(lead)) {
        return true;
    }
    return is_describing(lead) && (next.length == 0 || is_link(next));
}

/* "tables: customers and orders", but not "tables: customers who buy": the noun before the colon, where what
 * follows lists words. */
static Word before_colon(const char *text, Word word)
{
    const char *at = skip_back(text, skip_back(text, word.at, wrapping), " \t\n");
    const char *end = word.at + word.length;
    end += strspn(end, wrapping);
    bool listed = listed_behind(word).length > 0 || !*end || strchr(".;\n", *end);
    return listed && at > text && at[-1] == ':' ? word_ending(text, skip_back(text, at - 1, wrapping))
                                                : (Word){at, 0};
}

static bool is_announced(const char *text, Word word)
{
    for (int i = 0; i < LISTED && word.length > 0 && !is_ordinary(word); i++) {
        Word noun = before(text, word), introduced = before_colon(text, word);
        if (is_plural(introduced)) {
            return !looks_english(word);
        }
        if (i == 0 ? is_noun(noun) : is_plural(noun)) {
            return follows_noun(text, word, noun);
        }
        word = listed_before(text, word);
    }
    return false;
}

/* "the clients table", "the clients and the orders tables". */
static bool leads_to_noun(const char *text, Word word)
{
    if ((word.at > text && word.at[-1] == '-') || word.at[word.length] == '-') {
        return false;
    }
    if (is_noun(behind(word))) {
        return is_wrapped(text, word) || !looks_english(word);
    }
    for (int i = 0; i < LISTED && word.length > 0 && !is_ordinary(word); i++) {
        if (i > 0 && is_plural(behind(word))) {
            return true;
        }
        word = listed_behind(word);
    }
    return false;
}

/* of "clients" */
static bool is_quoted_name(const char *text, Word word)
{
    static const char *const leads[] = {"of", "in", "from", "join", NULL};
    return *word.at == '"' && is_one_of(before(text, word), leads);
}

static bool is_bold(const char *text, Word word)
{
    return word.at - text >= 2 && strncmp(word.at - 2, "**", 2) == 0 &&
           strncmp(word.at + word.length, "**", 2) == 0 && word.at[word.length + 2] != ':';
}

/* zipCode, but not iPhone or PostgreSQL */
static bool is_camel_case(Word word)
{
    size_t lower = 0;
    while (lower < word.length && islower((unsigned char)word.at[lower])) {
        lower++;
    }
    return lower >= SHORTEST && lower < word.length && isupper((unsigned char)word.at[lower]);
}

/* INVOICES, but not HTTPS */
static bool is_capitals(Word word)
{
    static const char usual[] =
        " ascii unicode posix https ldaps oauth oauth2 smtps imaps xhtml regex readme never every because "
        "always important caution attention please swift ";
    size_t letters = 0;
    for (size_t i = 0; i < word.length; i++) {
        if (!isupper((unsigned char)word.at[i]) && !isdigit((unsigned char)word.at[i]) && word.at[i] != '_') {
            return false;
        }
        letters += isupper((unsigned char)word.at[i]) != 0;
    }
    return letters >= CAPITALS_SHORTEST && !is_among(word, usual);
}

/* --- places --- */

static bool is_article(Word word)
{
    static const char *const words[] = {"the", "a", "an", "this", "that", "its", "our", "your", NULL};
    return is_one_of(word, words);
}

/* What has a value, and what a value is: "a status of open", "the open state". */
static bool is_of_values(Word word)
{
    static const char *const words[] = {"value", "values",   "status",  "statuses", "state", "states",
                                        "flag",  "constant", "literal", "mode",     "kind",  "phase",
                                        "stage", "one",      "any",     "either",   "none",  "all",
                                        "some",  "those",    NULL};
    return is_one_of(word, words);
}

/* The word before, also before a colon, and without articles. */
static Word lead_of(const char *text, Word word)
{
    const char *at = skip_back(text, skip_back(text, word.at, wrapping), " \t\n");
    Word lead = at > text && at[-1] == ':' ? word_ending(text, at - 1) : before(text, word);
    return is_article(lead) ? before(text, lead) : lead;
}

/* "in x", "use x", "refers to x", "a view called x" */
static bool is_led_to_place(const char *text, Word word)
{
    static const char places[] =
        " in into from inside within at under of on via through table tables column columns view views "
        "field fields schema database relation query join joins joining see use uses using read select "
        "consult check visit search ";
    static const char *const moves[] = {"refer", "refers",  "point", "points", "link", "links",   "linked",
                                        "join",  "related", "look",  "go",     "turn", "belongs", NULL};
    static const char *const calls[] = {"called", "named", NULL};
    static const char *const to[] = {"to", NULL};
    const Word lead = lead_of(text, word), further = before(text, lead);
    if (is_one_of(lead, to)) {
        return is_one_of(further, moves);
    }
    if (is_one_of(lead, calls)) {
        return is_noun(further);
    }
    return is_among(lead, places) && !is_of_values(further);
}

/* "x holds the rest", "x" */
static bool is_subject_of_place(const char *text, Word word)
{
    static const char *const verbs[] = {"holds", "hold", "has",    "contains", "contain", "stores", "store",
                                        "keeps", "keep", "exists", "includes", "records", NULL};
    const Word next = behind(word);
    const char *begin = text + strspn(text, wrapping), *end = word.at + word.length;
    bool alone = begin == word.at && !end[strspn(end, "`'\"*). \t\n")];
    return alone || (is_one_of(next, verbs) && !is_of_values(lead_of(text, word)));
}

bool llm_prose_is_place(const char *text, const char *at, size_t length)
{
    Word word = {at, length};
    if (is_of_values(behind(word))) {
        return false;
    }
    bool place = is_subject_of_place(text, word);
    for (int i = 0; i < LISTED && word.length > 0 && !place; i++) {
        place = is_led_to_place(text, word);
        word = listed_before(text, word);
    }
    return place;
}

bool llm_prose_is_used(const char *text, const char *at)
{
    static const char *const words[] = {"use", "uses", "using", "with", "via", "through", "of", NULL};
    return is_one_of(lead_of(text, (Word){at, 0}), words);
}

LlmProse llm_prose_of(const char *text, const char *at, size_t length)
{
    const Word word = {at, length};
    if (is_ordinary(word) || memchr(at, '\n', length)) {
        return LLM_PROSE_WORD;
    }
    if (is_announced(text, word)) {
        return LLM_PROSE_NAME;
    }
    return leads_to_noun(text, word) || is_quoted_name(text, word) || is_bold(text, word) ||
                   is_camel_case(word) || (is_capitals(word) && llm_prose_is_place(text, at, length))
               ? LLM_PROSE_LIKELY
               : LLM_PROSE_WORD;
}

bool llm_prose_is_ordinary(const char *at, size_t length)
{
    return is_ordinary((Word){at, length});
}

bool llm_prose_is_term(const char *at, size_t length)
{
    static const char *const terms[] = {"one_to_one", "one_to_many",      "many_to_one", "many_to_many",
                                        "snake_case", "upper_snake_case", "camel_case",  "read_only",
                                        "not_null",   "up_to_date",       NULL};
    return is_one_of((Word){at, length}, terms);
}

/* --- SQL without backticks --- */

/* A statement ends at a semicolon, an empty line, or the end of a sentence. */
static const char *statement_end(const char *at, const char *end)
{
    while (at < end && *at != ';' && strncmp(at, "\n\n", 2) != 0 &&
           !(*at == '.' && (at + 1 == end || isspace((unsigned char)at[1])))) {
        at++;
    }
    return at;
}

static bool is_word(Word word, const char *expected)
{
    return word.length == strlen(expected) && strncmp(word.at, expected, word.length) == 0;
}

static bool has_word(const char *at, const char *end, const char *expected)
{
    while (at < end) {
        Word word = word_at(at);
        if (is_word(word, expected)) {
            return true;
        }
        at += word.length > 0 ? word.length : 1;
    }
    return false;
}

/* In capitals; "select .. from", also where a line or a statement begins with it. */
static bool begins_statement(const char *text, Word word, const char *end)
{
    static const char *const words[] = {"FROM", "JOIN", "UPDATE", "INTO", NULL};
    for (size_t i = 0; words[i]; i++) {
        if (is_word(word, words[i])) {
            return true;
        }
    }
    const char *line = skip_back(text, word.at, " \t");
    bool first = line == text || strchr("\n:;", line[-1]);
    return (is_word(word, "SELECT") && has_word(word.at, end, "FROM")) ||
           (first && is_word(word, "select") && has_word(word.at, end, "from"));
}

bool llm_prose_next_statement(const char *text, const char **at, const char *end, const char **stop)
{
    for (const char *from = *at; from < end;) {
        Word word = word_at(from);
        const char *last = word.length > 0 ? statement_end(from, end) : from;
        if (word.length > 0 && begins_statement(text, word, last)) {
            *at = from;
            *stop = last;
            return true;
        }
        from += word.length > 0 ? word.length : 1;
    }
    return false;
}

/* --- columns in brackets --- */

bool llm_prose_next_list(const char *text, const char **at, LlmProseList *out)
{
    for (const char *open = strchr(*at, '('); open; open = strchr(open + 1, '(')) {
        Word table = word_ending(text, open);
        table = table.length > 0 ? table : before(text, (Word){open, 0});
        table = is_singular(table) ? before(text, table) : table;
        const char *dot = memrchr(table.at, '.', table.length);
        const char *name = dot ? dot + 1 : table.at;
        *out = (LlmProseList){.table = name, .table_length = (size_t)(table.at + table.length - name)};
        if (table.length > 0) {
            out->rest = *at = open + 1;
            return true;
        }
    }
    return false;
}

/* The single word in an item: "`loyalty`", "and discount". */
static Word word_of_item(const char *at, const char *end)
{
    static const char *const joints[] = {"and", "or", NULL};
    Word word = word_at(at + strspn(at, " \t\n`'\"*"));
    if (is_one_of(word, joints)) {
        at = word.at + word.length;
        word = word_at(at + strspn(at, " \t\n`'\"*"));
    }
    const char *behind_word = word.at + word.length;
    behind_word += strspn(behind_word, " \t\n`'\"*");
    return behind_word == end ? word : (Word){at, 0};
}

static const char *item_end(const char *at)
{
    const char *end = at + strcspn(at, ",();");
    for (const char *c = at; c < end; c++) {
        if (strncmp(c, " and ", strlen(" and ")) == 0 && c > at) {
            return c;
        }
    }
    return end;
}

bool llm_prose_next_item(LlmProseList *list, const char **at, size_t *length)
{
    while (list->rest) {
        const char *end = item_end(list->rest);
        const Word word = word_of_item(list->rest, end);
        list->rest = *end == ',' ? end + 1 : *end == ' ' ? end : NULL;
        if (word.length > 0 && !isdigit((unsigned char)*word.at)) {
            *at = word.at;
            *length = word.length;
            return true;
        }
    }
    return false;
}
