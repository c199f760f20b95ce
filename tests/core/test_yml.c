/* YAML files of people: what is read of them, what a change leaves as it is, what is refused. */
#include <string.h>

#include "dice.h"
#include "memory.h"
#include "support.h"
#include "yml.h"

static YmlFile *parse(const char *text)
{
    YmlFile *file = NULL;
    Error err = {0};
    if (!yml_parse(text, strlen(text), "schema.yml", &file, &err)) {
        fail_msg("%s", err.message);
    }
    return file;
}

/* Expects the file, and frees it. */
static void expect(YmlFile *file, const char *expected)
{
    Text out = {0};
    Error err = {0};
    if (!yml_write(file, &out, &err)) {
        fail_msg("%s", err.message);
    }
    assert_string_equal(text_string(&out), expected);
    text_free(&out);
    yml_free(file);
}

/* Sets the text at the key of the top. */
static void expect_set(const char *before, const char *key, const char *text, const char *after)
{
    YmlFile *file = parse(before);
    YmlNode *node = yml_get(yml_root(file), key);
    assert_true(yml_may_change(node));
    yml_set(node, text);
    expect(file, after);
}

static void expect_refused(const char *text, const char *message)
{
    YmlFile *file = NULL;
    Error err = {0};
    assert_false(yml_parse(text, strlen(text), "schema.yml", &file, &err));
    assert_null(file);
    assert_string_equal(err.message, message);
}

static void what_is_not_changed_stays_byte_for_byte(void **state)
{
    (void)state;
    static const char *const files[] = {
        "",
        "\n\n",
        "# only a comment",
        "a: 1",
        "\xEF\xBB\xBF"
        "a:   1   # c\r\n\r\nb: [ x,y , ]\r\n",
        "%YAML 1.1\n---\na: !!str 5\n...\n# end\n",
        "a: &x {b: c}\nd: *x\n<<: *x\n",
        "? [complex, key]\n: value\n",
        "a: >+\n  folded\n\n   more\n\n\n# c\nb: |2-\n    in\n",
        "\"k\\u0065y\": 'it''s'\n\xC3\xA9t\xC3\xA9: \xF0\x9F\x98\x80 # \xC3\xA9\n",
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        expect(parse(files[i]), files[i]);
    }
}

static void a_text_is_replaced_in_the_style_it_had(void **state)
{
    (void)state;
    expect_set("a: old # c\n", "a", "new", "a: new # c\n");
    expect_set("a: 'old'\n", "a", "it's new", "a: 'it''s new'\n");
    expect_set("a: \"old\"\n", "a", "say \"new\"\n", "a: \"say \\\"new\\\"\\n\"\n");
    expect_set("a: |\n  old\n  text\n\nb: 1\n", "a", "one\ntwo", "a: |-\n  one\n  two\n\nb: 1\n");
    expect_set("a: >-\n  old\n  text\nb: 1", "a", "new", "a: |-\n  new\nb: 1");
    expect_set("a: |+\n  old\n\n\nb: 1\n", "a", "new", "a: |-\n  new\n\n\nb: 1\n");
    expect_set("a: old\n  and more\nb: 1\n", "a", "one\ntwo", "a: |-\n  one\n  two\nb: 1\n");
    expect_set("a: old # c\n", "a", "one\ntwo", "a: \"one\\ntwo\" # c\n");
    expect_set("a:\nb: 1\n", "a", "new", "a: new\nb: 1\n");
    expect_set("a: ~ # c\n", "a", "new", "a: new # c\n");
    expect_set("{a: old, b: [1]}", "a", "one, two\n", "{a: \"one, two\\n\", b: [1]}");
    expect_set("{a: , b: 1}", "a", "new", "{a: new, b: 1}");
}

static void what_yaml_would_take_for_something_else_is_quoted(void **state)
{
    (void)state;
    static const char *const plain[] = {"word", "two words", "(a) b", "a-b", "http://x", "it's 5", "Ünal"};
    static const char *const quoted[] = {"yes",          "No",           "null", "~",       "1.0", "12:30",
                                         "0x1F",         "a: b",         "#x",   "a #b",    "- x", "x:",
                                         " x",           "x ",           "",     "*x",      "&x",  "!x",
                                         "%x",           "@x",           "`x",   "|",       ">",   "{a}",
                                         "[a]",          "'a'",          "? x",  "=",       "<<",  "true",
                                         "OFF",          "2026-11-23",   ".inf", "+1",      "---", "a\tb",
                                         "\xE2\x80\xAE", "\xEF\xBB\xBF", "\x7F", "\xC2\x85"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        char *after = text_format("a: %s\n", plain[i]);
        expect_set("a: old\n", "a", plain[i], after);
        free(after);
    }
    for (size_t i = 0; i < sizeof quoted / sizeof *quoted; i++) {
        YmlFile *file = parse("a: old\n");
        Text out = {0};
        yml_set(yml_get(yml_root(file), "a"), quoted[i]);
        assert_true(yml_write(file, &out, NULL));
        assert_int_equal(out.data[3], '"');
        YmlFile *again = parse(text_string(&out));
        assert_string_equal(yml_get_text(yml_root(again), "a"), quoted[i]);
        yml_free(again);
        text_free(&out);
        yml_free(file);
    }
}

static void pairs_and_elements_are_added_where_they_belong(void **state)
{
    (void)state;
    YmlFile *file = parse("t:\n-   name: x # c\n    tests:\n    - a\n    # last\n\nz: 1\n");
    YmlNode *list = yml_get(yml_root(file), "t");
    yml_add_text(yml_item(list, 0), "name", "d", "new");
    yml_add_text(yml_item(list, 0), NULL, "e", "at the end");
    YmlNode *element = yml_add(list, NULL, NULL, YML_MAPPING);
    yml_add_text(element, NULL, "name", "w");
    yml_add_text(yml_add(yml_add(element, NULL, "c", YML_SEQUENCE), NULL, NULL, YML_MAPPING), NULL, "k", "q");
    expect(file, "t:\n-   name: x # c\n    d: new\n    tests:\n    - a\n    e: at the end\n- name: w\n  c:\n"
                 "    - k: q\n    # last\n\nz: 1\n");
}

static void an_empty_list_grows_in_every_way_it_can_be_written(void **state)
{
    (void)state;
    static const char *const files[][2] = {
        {"", "a:\n  - k: x\n"},
        {"# c", "# c\na:\n  - k: x\n"},
        {"b: 1", "b: 1\na:\n  - k: x\n"},
        {"a:\nb: 1\n", "a:\n  - k: x\nb: 1\n"},
        {"a: # c\n\nb: 1\n", "a: # c\n  - k: x\n\nb: 1\n"},
        {"a: [] # c\r\nb: 1\r\n", "a: # c\r\n  - k: x\r\nb: 1\r\n"},
        {"a: [{k: v}]\n", "a: [{k: v}, {k: x}]\n"},
        {"a: [\n  {k: v}, # c\n]\n", "a: [\n  {k: v}, {k: x}, # c\n]\n"},
        {"{b: 1, a: []}", "{b: 1, a: [{k: x}]}"},
        {"{b: 1, a: }", "{b: 1, a: [{k: x}]}"},
        {"{b: 1}", "{b: 1, a: [{k: x}]}"},
        {"{}", "a:\n  - k: x\n"},
        {"a:\n- k: v", "a:\n- k: v\n- k: x\n"},
        {"---\na:\n  - k: v\n...\n", "---\na:\n  - k: v\n  - k: x\n...\n"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        YmlFile *file = parse(files[i][0]);
        YmlNode *list = yml_get(yml_root(file), "a");
        list = list ? list : yml_add(yml_root(file), NULL, "a", YML_SEQUENCE);
        yml_add_text(yml_add(list, NULL, NULL, YML_MAPPING), NULL, "k", "x");
        expect(file, files[i][1]);
    }
}

static void what_an_alias_repeats_is_read_and_not_changed(void **state)
{
    (void)state;
    YmlFile *file = parse("base: &b\n  d: text\n  c: [{k: x}]\none: *b\ntwo:\n  <<: *b\n  own: 1\n"
                          "three: !!str 3\nfour: &alone 4\nloop: &l\n  <<: *l\n  l: *l\n");
    YmlNode *root = yml_root(file);
    assert_string_equal(yml_get_text(yml_get(root, "one"), "d"), "text");
    assert_string_equal(yml_get_text(yml_get(root, "two"), "d"), "text");
    assert_null(yml_get(yml_get(root, "loop"), "nothing"));
    assert_false(yml_may_change(yml_get(root, "base")));
    assert_false(yml_may_change(yml_get(yml_get(root, "base"), "d")));
    assert_false(yml_may_change(yml_item(yml_get(yml_get(root, "one"), "c"), 0)));
    assert_false(yml_may_change(yml_get(root, "one")));
    assert_true(yml_may_change(yml_get(root, "two")));
    assert_true(yml_may_change(yml_get(yml_get(root, "two"), "own")));
    assert_false(yml_may_change(yml_get(root, "three")));
    assert_false(yml_may_change(yml_get(root, "four")));
    yml_free(file);
}

static void what_is_no_text_reads_as_none(void **state)
{
    (void)state;
    YmlFile *file = parse("a:\nb: ~\nc: null\nd: 'null'\ne: [x]\nf: 1.0\n");
    YmlNode *root = yml_root(file);
    assert_null(yml_get_text(root, "a"));
    assert_null(yml_get_text(root, "b"));
    assert_null(yml_get_text(root, "c"));
    assert_string_equal(yml_get_text(root, "d"), "null");
    assert_null(yml_get_text(root, "e"));
    assert_string_equal(yml_get_text(root, "f"), "1.0");
    assert_null(yml_get_text(NULL, "f"));
    assert_null(yml_get_text(yml_get(root, "e"), "f"));
    yml_free(file);
}

static void what_is_not_one_valid_document_is_refused_with_its_line(void **state)
{
    (void)state;
    expect_refused("a: 1\nb: [1, 2\nc: 3\n", "schema.yml, line 3: did not find expected ',' or ']'");
    expect_refused("a:\n\tb: 1\n", "schema.yml, line 2: found character that cannot start any token");
    expect_refused("a: 1\n---\nb: 2\n", "schema.yml, line 2: a second document begins");
    expect_refused("a: 1\nb: 2\na: 3\n", "schema.yml, line 3: the key \"a\" stands twice in one mapping");
    expect_refused("a: 1\nb: \xFF\n", "schema.yml, line 2: is not UTF-8");
    expect_refused("a: 1\n\nb: \x01\n", "schema.yml, line 3: control characters are not allowed");
    expect_refused("a: *nowhere\n", "schema.yml, line 1: an alias repeats an anchor that is not there");
    char *deep = memory_zero(1, 402);
    memset(deep, '[', 200);
    memset(deep + 200, ']', 200);
    expect_refused(deep, "schema.yml, line 1: is nested too deeply");
    free(deep);
}

static void characters_that_somebody_else_would_replace_are_escaped(void **state)
{
    (void)state;
    YmlFile *file = parse("a: old\n");
    yml_escape_also(file, "$");
    yml_set(yml_get(yml_root(file), "a"), "costs $HOME\nand $1");
    expect(file, "a: \"costs \\x24HOME\\nand \\x241\"\n");
}

static const char nasty_file[] =
    "\xEF\xBB\xBF# \xC3\xA9\r\nversion: 2\r\nsources:\r\n  -   name: a # \xF0\x9F\x98\x80\r\n"
    "      description: |+\r\n        one\r\n\r\n      tables:\r\n      - name: t\r\n"
    "        description:\r\n        columns: [{name: c, description: \"x\", m: }, {name: \xC3\xA9, "
    "description: 'y' }]\r\n      - {name: u, description: plain}\r\n  - &k\r\n    name: b\r\n"
    "    description: >\r\n     folded\r\n       more\r\n  - *k\r\n  - name: e\r\n    description: two\r\n"
    "      lines # c\r\n";

/* Sets every description that may be changed, adds one to whatever else is a mapping. */
static void describe_all(YmlNode *node, uint64_t *dice)
{
    static const char *const texts[] = {"plain", "a: b",    "one\ntwo", "one\n\n two\n", "",
                                        "'",     "\"",      "- x",      "\xC3\xA9 #",    "\\",
                                        "| ",    "{{ x }}", "\t",       "one\n\ntwo",    "a, b]"};
    const char *text = texts[dice_roll(dice, (int)(sizeof texts / sizeof *texts))];
    for (size_t i = 0; i < yml_count(node); i++) {
        if (yml_line(yml_item(node, i)) > 0 && yml_may_change(yml_item(node, i))) {
            describe_all(yml_item(node, i), dice);
        }
    }
    if (yml_kind(node) != YML_MAPPING || !yml_may_change(node)) {
        return;
    }
    YmlNode *present = yml_get(node, "description");
    if (!present) {
        yml_add_text(node, dice_roll(dice, 2) ? "name" : NULL, "description", text);
    } else if (yml_may_change(present) && yml_kind(present) == YML_SCALAR) {
        yml_set(present, text);
    }
}

static void any_text_can_be_put_anywhere_into_a_nasty_file(void **state)
{
    (void)state;
    uint64_t dice = 7;
    for (int round = 0; round < 300; round++) {
        YmlFile *file = parse(nasty_file);
        Text out = {0};
        Error err = {0};
        describe_all(yml_root(file), &dice);
        if (!yml_write(file, &out, &err)) {
            fail_msg("round %d: %s", round, err.message);
        }
        text_free(&out);
        yml_free(file);
    }
}

/* Whatever stands in a file: it is refused, or left alone, or changed so that it says what was meant. */
static void a_broken_file_breaks_nothing(void **state)
{
    (void)state;
    static const char bits[] = " \n\r\t:-#[]{},&*!|>'\"%@?a\xC3\xFF\x01~";
    uint64_t dice = 11;
    for (int round = 0; round < 3000; round++) {
        char *text = memory_string(nasty_file);
        size_t length = strlen(text);
        for (int hits = 1 + dice_roll(&dice, 4); hits > 0; hits--) {
            text[dice_roll(&dice, (int)length)] = bits[dice_roll(&dice, (int)sizeof bits - 1)];
        }
        YmlFile *file = NULL;
        Error err = {0};
        Text out = {0};
        if (yml_parse(text, length, "schema.yml", &file, &err)) {
            assert_true(yml_write(file, &out, &err));
            assert_memory_equal(text_string(&out), text, length);
            assert_int_equal(out.length, length);
            text_clear(&out);
            describe_all(yml_root(file), &dice);
            if (!yml_write(file, &out, &err)) {
                assert_non_null(strstr(err.message, "can't be changed safely"));
            }
        } else {
            assert_true(text_starts(err.message, "schema.yml, line "));
        }
        text_free(&out);
        yml_free(file);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_changed_stays_byte_for_byte),
        cmocka_unit_test(a_text_is_replaced_in_the_style_it_had),
        cmocka_unit_test(what_yaml_would_take_for_something_else_is_quoted),
        cmocka_unit_test(pairs_and_elements_are_added_where_they_belong),
        cmocka_unit_test(an_empty_list_grows_in_every_way_it_can_be_written),
        cmocka_unit_test(what_an_alias_repeats_is_read_and_not_changed),
        cmocka_unit_test(what_is_no_text_reads_as_none),
        cmocka_unit_test(what_is_not_one_valid_document_is_refused_with_its_line),
        cmocka_unit_test(characters_that_somebody_else_would_replace_are_escaped),
        cmocka_unit_test(any_text_can_be_put_anywhere_into_a_nasty_file),
        cmocka_unit_test(a_broken_file_breaks_nothing),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
