#include "ask_ordinary.h"

#include <stdlib.h>
#include <string.h>

/* Sorted, for bsearch. Shorter ones are never taken for a slip. */
static const char *const ordinary[] = {
    "able",      "above",     "like",       "across",   "actual",   "after",     "again",    "against",
    "almost",    "already",   "also",       "although", "always",   "amount",    "answer",   "anything",
    "apart",     "area",      "around",     "aside",    "away",     "back",      "base",     "based",
    "basic",     "become",    "been",       "before",   "began",    "begin",     "behind",   "being",
    "below",     "best",      "better",     "between",  "beyond",   "both",      "bring",    "brought",
    "build",     "built",     "business",   "came",     "care",     "carry",     "case",     "cause",
    "certain",   "chance",    "change",     "changed",  "check",    "clear",     "close",    "common",
    "compare",   "complete",  "consider",   "content",  "could",    "cover",     "created",  "current",
    "currently", "daily",     "data",       "date",     "deal",     "dear",      "decide",   "deep",
    "detail",    "differ",    "different",  "direct",   "done",     "door",      "down",     "draw",
    "drive",     "during",    "each",       "earlier",  "early",    "easy",      "edge",     "either",
    "else",      "empty",     "ending",     "enough",   "entire",   "equal",     "even",     "ever",
    "everybody", "everyone",  "everything", "exact",    "example",  "except",    "extra",    "face",
    "fact",      "fair",      "fall",       "false",    "fast",     "feel",      "feet",     "felt",
    "fill",      "filled",    "final",      "fine",     "fire",     "firm",      "first",    "five",
    "flat",      "follow",    "food",       "foot",     "force",    "form",      "former",   "forth",
    "found",     "four",      "free",       "fresh",    "front",    "full",      "further",  "future",
    "gave",      "general",   "gets",       "given",    "gives",    "going",     "gone",     "good",
    "great",     "group",     "grow",       "guess",    "half",     "hand",      "happen",   "happened",
    "hard",      "hardly",    "head",       "hear",     "heard",    "help",      "here",     "hide",
    "high",      "himself",   "home",       "hope",     "hour",     "huge",      "human",    "hundred",
    "idea",      "important", "indeed",     "inner",    "inside",   "instead",   "interest", "issue",
    "itself",    "keeping",   "kind",       "knew",     "know",     "known",     "knows",    "lack",
    "land",      "large",     "larger",     "largest",  "last",     "late",      "later",    "latest",
    "least",     "leave",     "left",       "less",     "likely",   "line",      "little",   "live",
    "local",     "long",      "longer",     "longest",  "look",     "lost",      "lots",     "love",
    "lower",     "made",      "main",       "major",    "make",     "makes",     "making",   "manage",
    "matter",    "maybe",     "mind",       "minor",    "minute",   "missing",   "moment",   "month",
    "monthly",   "more",      "most",       "mostly",   "move",     "moved",     "must",     "near",
    "nearly",    "necessary", "never",      "next",     "nice",     "nobody",    "none",     "nothing",
    "nowhere",   "null",      "number",     "occur",    "often",    "once",      "only",     "open",
    "order",     "others",    "otherwise",  "outer",    "outside",  "over",      "overall",  "owner",
    "pair",      "part",      "particular", "past",     "people",   "perhaps",   "person",   "personal",
    "piece",     "place",     "plain",      "plan",     "play",     "point",     "possible", "possibly",
    "present",   "pretty",    "previous",   "private",  "probably", "problem",   "proper",   "public",
    "pull",      "pure",      "push",       "quick",    "quickly",  "quite",     "raise",    "rather",
    "reach",     "read",      "ready",      "real",     "really",   "reason",    "recent",   "recently",
    "regular",   "related",   "remain",     "rest",     "result",   "rich",      "rise",     "role",
    "room",      "round",     "rule",       "safe",     "same",     "sample",    "save",     "secret",
    "seem",      "seen",      "sell",       "send",     "sense",    "sensitive", "sent",     "serve",
    "seven",     "several",   "shall",      "share",    "sharp",    "sheet",     "short",    "should",
    "side",      "sign",      "similar",    "simple",   "simply",   "since",     "single",   "size",
    "slow",      "small",     "smaller",    "smallest", "soft",     "sold",      "sole",     "some",
    "sometimes", "sort",      "sound",      "space",    "special",  "stand",     "start",    "state",
    "stay",      "step",      "still",      "stop",     "strong",   "such",      "sure",     "take",
    "taken",     "takes",     "talk",       "task",     "team",     "test",      "text",     "thank",
    "thanks",    "thing",     "things",     "think",    "third",    "though",    "thought",  "thousand",
    "three",     "through",   "time",       "today",    "together", "tomorrow",  "tonight",  "took",
    "total",     "touch",     "toward",     "track",    "true",     "truly",     "trust",    "turn",
    "twice",     "type",      "under",      "undo",     "unique",   "unit",      "unless",   "until",
    "upon",      "upper",     "usual",      "usually",  "valid",    "value",     "various",  "view",
    "visit",     "wait",      "walk",       "want",     "wanted",   "wants",     "warm",     "waste",
    "watch",     "week",      "weekly",     "well",     "west",     "whatever",  "while",    "white",
    "whole",     "wide",      "wild",       "wish",     "within",   "without",   "wonder",   "word",
    "work",      "worth",     "wrong",      "wrote",    "year",     "yearly",    "years",    "yesterday",
    "young",     "zero",
};

static int compare_words(const void *key, const void *entry)
{
    return strcmp(key, *(const char *const *)entry);
}

bool ask_is_ordinary(const char *word)
{
    return bsearch(word, ordinary, sizeof ordinary / sizeof *ordinary, sizeof *ordinary, compare_words) !=
           NULL;
}
