#include "words.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* One table for drafting and for searching. An abbreviation that the field reads in two ways ("temp", "inv",
 * "rev") is left out: a wrong word is worse than a short one. Sorted by abbreviation, for bsearch. */
static const WordAbbreviation dictionary[] = {
    {"abbr", "abbreviation", WORD_ANYWHERE},
    {"acct", "account", WORD_ANYWHERE},
    {"accts", "accounts", WORD_ANYWHERE},
    {"ack", "acknowledgement", WORD_ANYWHERE},
    {"acl", "ACL", WORD_ANYWHERE},
    {"addr", "address", WORD_ANYWHERE},
    {"addrs", "addresses", WORD_ANYWHERE},
    {"adj", "adjustment", WORD_NOT_ALONE},
    {"agg", "aggregate", WORD_ANYWHERE},
    {"alloc", "allocation", WORD_ANYWHERE},
    {"amt", "amount", WORD_ANYWHERE},
    {"amts", "amounts", WORD_ANYWHERE},
    {"api", "API", WORD_ANYWHERE},
    {"app", "application", WORD_ANYWHERE},
    {"appl", "application", WORD_ANYWHERE},
    {"appt", "appointment", WORD_ANYWHERE},
    {"attr", "attribute", WORD_ANYWHERE},
    {"attrs", "attributes", WORD_ANYWHERE},
    {"avail", "available", WORD_ANYWHERE},
    {"avg", "average", WORD_ANYWHERE},
    {"bal", "balance", WORD_ANYWHERE},
    {"bday", "birthday", WORD_ANYWHERE},
    {"bic", "BIC", WORD_ANYWHERE},
    {"bldg", "building", WORD_ANYWHERE},
    {"calc", "calculated", WORD_ANYWHERE},
    {"cat", "category", WORD_NOT_ALONE},
    {"cert", "certificate", WORD_ANYWHERE},
    {"cfg", "configuration", WORD_ANYWHERE},
    {"chk", "check", WORD_ANYWHERE},
    {"cmd", "command", WORD_ANYWHERE},
    {"cnt", "count", WORD_ANYWHERE},
    {"cntry", "country", WORD_ANYWHERE},
    {"coeff", "coefficient", WORD_ANYWHERE},
    {"config", "configuration", WORD_ANYWHERE},
    {"conn", "connection", WORD_ANYWHERE},
    {"coord", "coordinate", WORD_ANYWHERE},
    {"corp", "corporation", WORD_ANYWHERE},
    {"cpu", "CPU", WORD_ANYWHERE},
    {"crm", "CRM", WORD_ANYWHERE},
    {"csv", "CSV", WORD_ANYWHERE},
    {"ctry", "country", WORD_ANYWHERE},
    {"cty", "city", WORD_ANYWHERE},
    {"cust", "customer", WORD_ANYWHERE},
    {"custs", "customers", WORD_ANYWHERE},
    {"db", "database", WORD_ANYWHERE},
    {"ddl", "DDL", WORD_ANYWHERE},
    {"del", "deleted", WORD_NOT_ALONE},
    {"delim", "delimiter", WORD_ANYWHERE},
    {"dept", "department", WORD_ANYWHERE},
    {"depts", "departments", WORD_ANYWHERE},
    {"desc", "description", WORD_ANYWHERE},
    {"descr", "description", WORD_ANYWHERE},
    {"dest", "destination", WORD_ANYWHERE},
    {"dir", "directory", WORD_ANYWHERE},
    {"div", "division", WORD_NOT_ALONE},
    {"dns", "DNS", WORD_ANYWHERE},
    {"dob", "date of birth", WORD_ANYWHERE},
    {"doc", "document", WORD_ANYWHERE},
    {"docs", "documents", WORD_ANYWHERE},
    {"dt", "date", WORD_LAST},
    {"dtm", "date and time", WORD_LAST},
    {"dttm", "date and time", WORD_LAST},
    {"dur", "duration", WORD_ANYWHERE},
    {"ean", "EAN", WORD_ANYWHERE},
    {"eff", "effective", WORD_NOT_ALONE},
    {"elem", "element", WORD_ANYWHERE},
    {"emp", "employee", WORD_ANYWHERE},
    {"emps", "employees", WORD_ANYWHERE},
    {"env", "environment", WORD_ANYWHERE},
    {"err", "error", WORD_ANYWHERE},
    {"eta", "estimated time of arrival", WORD_ANYWHERE},
    {"etd", "estimated time of departure", WORD_ANYWHERE},
    {"evt", "event", WORD_ANYWHERE},
    {"exec", "execution", WORD_ANYWHERE},
    {"fmt", "format", WORD_ANYWHERE},
    {"fname", "first name", WORD_ANYWHERE},
    {"freq", "frequency", WORD_ANYWHERE},
    {"func", "function", WORD_ANYWHERE},
    {"fwd", "forward", WORD_ANYWHERE},
    {"gmt", "GMT", WORD_ANYWHERE},
    {"gps", "GPS", WORD_ANYWHERE},
    {"grp", "group", WORD_ANYWHERE},
    {"grps", "groups", WORD_ANYWHERE},
    {"gtin", "GTIN", WORD_ANYWHERE},
    {"hdr", "header", WORD_ANYWHERE},
    {"hist", "history", WORD_ANYWHERE},
    {"hr", "hour", WORD_LAST},
    {"hrs", "hours", WORD_LAST},
    {"html", "HTML", WORD_ANYWHERE},
    {"http", "HTTP", WORD_ANYWHERE},
    {"https", "HTTPS", WORD_ANYWHERE},
    {"iban", "IBAN", WORD_ANYWHERE},
    {"id", "ID", WORD_ANYWHERE},
    {"idx", "index", WORD_ANYWHERE},
    {"img", "image", WORD_ANYWHERE},
    {"imgs", "images", WORD_ANYWHERE},
    {"info", "information", WORD_ANYWHERE},
    {"init", "initial", WORD_NOT_ALONE},
    {"invc", "invoice", WORD_ANYWHERE},
    {"ip", "IP address", WORD_ANYWHERE},
    {"ipmi", "IPMI", WORD_ANYWHERE},
    {"ipv4", "IPv4", WORD_ANYWHERE},
    {"ipv6", "IPv6", WORD_ANYWHERE},
    {"isbn", "ISBN", WORD_ANYWHERE},
    {"jmx", "JMX", WORD_ANYWHERE},
    {"json", "JSON", WORD_ANYWHERE},
    {"lang", "language", WORD_ANYWHERE},
    {"lat", "latitude", WORD_ANYWHERE},
    {"ldap", "LDAP", WORD_ANYWHERE},
    {"len", "length", WORD_ANYWHERE},
    {"lgth", "length", WORD_ANYWHERE},
    {"lmt", "limit", WORD_ANYWHERE},
    {"lname", "last name", WORD_ANYWHERE},
    {"lng", "longitude", WORD_ANYWHERE},
    {"loc", "location", WORD_ANYWHERE},
    {"lon", "longitude", WORD_ANYWHERE},
    {"lvl", "level", WORD_ANYWHERE},
    {"mac", "MAC", WORD_ANYWHERE},
    {"mfa", "MFA", WORD_ANYWHERE},
    {"mfg", "manufacturing", WORD_ANYWHERE},
    {"mfr", "manufacturer", WORD_ANYWHERE},
    {"mgr", "manager", WORD_ANYWHERE},
    {"mgrs", "managers", WORD_ANYWHERE},
    {"mime", "MIME", WORD_ANYWHERE},
    {"msg", "message", WORD_ANYWHERE},
    {"msgs", "messages", WORD_ANYWHERE},
    {"mth", "month", WORD_ANYWHERE},
    {"nbr", "number", WORD_ANYWHERE},
    {"nm", "name", WORD_LAST},
    {"no", "number", WORD_LAST},
    {"nr", "number", WORD_ANYWHERE},
    {"num", "number", WORD_ANYWHERE},
    {"obj", "object", WORD_ANYWHERE},
    {"objs", "objects", WORD_ANYWHERE},
    {"ord", "order", WORD_NOT_ALONE},
    {"ords", "orders", WORD_ANYWHERE},
    {"org", "organization", WORD_ANYWHERE},
    {"orgs", "organizations", WORD_ANYWHERE},
    {"os", "operating system", WORD_ANYWHERE},
    {"otp", "OTP", WORD_ANYWHERE},
    {"param", "parameter", WORD_ANYWHERE},
    {"params", "parameters", WORD_ANYWHERE},
    {"passwd", "password", WORD_ANYWHERE},
    {"pcs", "pieces", WORD_ANYWHERE},
    {"pct", "percent", WORD_ANYWHERE},
    {"pdf", "PDF", WORD_ANYWHERE},
    {"perc", "percent", WORD_ANYWHERE},
    {"phn", "phone", WORD_ANYWHERE},
    {"pkg", "package", WORD_ANYWHERE},
    {"pmt", "payment", WORD_ANYWHERE},
    {"pref", "preference", WORD_ANYWHERE},
    {"prefs", "preferences", WORD_ANYWHERE},
    {"prev", "previous", WORD_ANYWHERE},
    {"proj", "project", WORD_ANYWHERE},
    {"prop", "property", WORD_ANYWHERE},
    {"props", "properties", WORD_ANYWHERE},
    {"psk", "PSK", WORD_ANYWHERE},
    {"ptr", "pointer", WORD_ANYWHERE},
    {"purch", "purchase", WORD_ANYWHERE},
    {"pwd", "password", WORD_ANYWHERE},
    {"px", "pixels", WORD_LAST},
    {"qoh", "quantity on hand", WORD_ANYWHERE},
    {"qr", "QR", WORD_ANYWHERE},
    {"qry", "query", WORD_ANYWHERE},
    {"qtr", "quarter", WORD_ANYWHERE},
    {"qty", "quantity", WORD_ANYWHERE},
    {"rcpt", "receipt", WORD_ANYWHERE},
    {"recv", "received", WORD_ANYWHERE},
    {"ref", "reference", WORD_ANYWHERE},
    {"refs", "references", WORD_ANYWHERE},
    {"rfc", "RFC", WORD_ANYWHERE},
    {"sched", "schedule", WORD_ANYWHERE},
    {"seq", "sequence", WORD_LAST},
    {"sess", "session", WORD_ANYWHERE},
    {"sig", "signature", WORD_ANYWHERE},
    {"sku", "SKU", WORD_ANYWHERE},
    {"sms", "SMS", WORD_ANYWHERE},
    {"smtp", "SMTP", WORD_ANYWHERE},
    {"snmp", "SNMP", WORD_ANYWHERE},
    {"sql", "SQL", WORD_ANYWHERE},
    {"src", "source", WORD_ANYWHERE},
    {"srv", "server", WORD_ANYWHERE},
    {"ssh", "SSH", WORD_ANYWHERE},
    {"ssl", "SSL", WORD_ANYWHERE},
    {"ssn", "social security number", WORD_ANYWHERE},
    {"stats", "statistics", WORD_ANYWHERE},
    {"std", "standard", WORD_ANYWHERE},
    {"subj", "subject", WORD_ANYWHERE},
    {"svc", "service", WORD_ANYWHERE},
    {"sys", "system", WORD_ANYWHERE},
    {"tbl", "table", WORD_ANYWHERE},
    {"tel", "telephone", WORD_ANYWHERE},
    {"tls", "TLS", WORD_ANYWHERE},
    {"tmp", "temporary", WORD_ANYWHERE},
    {"tmpl", "template", WORD_ANYWHERE},
    {"tot", "total", WORD_ANYWHERE},
    {"trx", "transaction", WORD_ANYWHERE},
    {"ts", "timestamp", WORD_LAST},
    {"txn", "transaction", WORD_ANYWHERE},
    {"txns", "transactions", WORD_ANYWHERE},
    {"txt", "text", WORD_ANYWHERE},
    {"tz", "time zone", WORD_ANYWHERE},
    {"uom", "unit of measure", WORD_ANYWHERE},
    {"upc", "UPC", WORD_ANYWHERE},
    {"upd", "updated", WORD_NOT_ALONE},
    {"uri", "URI", WORD_ANYWHERE},
    {"url", "URL", WORD_ANYWHERE},
    {"urls", "URLs", WORD_ANYWHERE},
    {"usr", "user", WORD_ANYWHERE},
    {"usrs", "users", WORD_ANYWHERE},
    {"utc", "UTC", WORD_ANYWHERE},
    {"uuid", "UUID", WORD_ANYWHERE},
    {"val", "value", WORD_ANYWHERE},
    {"vals", "values", WORD_ANYWHERE},
    {"vat", "VAT", WORD_ANYWHERE},
    {"vend", "vendor", WORD_ANYWHERE},
    {"ver", "version", WORD_ANYWHERE},
    {"wgt", "weight", WORD_ANYWHERE},
    {"whse", "warehouse", WORD_ANYWHERE},
    {"xml", "XML", WORD_ANYWHERE},
    {"yr", "year", WORD_ANYWHERE},
    {"zip", "ZIP code", WORD_LAST},
};

/* What the team says holds for every thread, and readers hold on to entries; so a list that is replaced stays
 * behind the one that replaces it. */
typedef struct OwnWords {
    WordAbbreviation *entries; /* sorted by abbreviation */
    size_t count;
    const struct OwnWords *replaced;
} OwnWords;

static _Atomic(const OwnWords *) own_words;

static int compare_entries(const void *left, const void *right)
{
    return strcmp(((const WordAbbreviation *)left)->abbreviation,
                  ((const WordAbbreviation *)right)->abbreviation);
}

static OwnWords *copy_own(const WordAbbreviation *entries, size_t count)
{
    OwnWords *own = memory_zero(1, sizeof *own);
    own->entries = memory_zero(count, sizeof *own->entries);
    own->count = count;
    for (size_t i = 0; i < count; i++) {
        own->entries[i] = entries[i];
        own->entries[i].abbreviation = memory_string(entries[i].abbreviation);
        own->entries[i].expansion = memory_string(entries[i].expansion);
    }
    if (count > 1) {
        qsort(own->entries, count, sizeof *own->entries, compare_entries);
    }
    return own;
}

static void free_own(OwnWords *own)
{
    for (size_t i = 0; i < own->count; i++) {
        free((char *)own->entries[i].abbreviation);
        free((char *)own->entries[i].expansion);
    }
    free(own->entries);
    free(own);
}

static bool same_own(const OwnWords *a, const OwnWords *b)
{
    if (!a || a->count != b->count) {
        return b->count == 0 && !a;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->entries[i].abbreviation, b->entries[i].abbreviation) != 0 ||
            strcmp(a->entries[i].expansion, b->entries[i].expansion) != 0 ||
            a->entries[i].place != b->entries[i].place) {
            return false;
        }
    }
    return true;
}

void words_set_own(const WordAbbreviation *entries, size_t count)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    OwnWords *own = copy_own(entries, count);
    pthread_mutex_lock(&lock);
    const OwnWords *before = atomic_load(&own_words);
    if (same_own(before, own)) {
        free_own(own);
    } else {
        own->replaced = before;
        atomic_store(&own_words, own);
    }
    pthread_mutex_unlock(&lock);
}

const WordAbbreviation *words_own(size_t *count)
{
    const OwnWords *own = atomic_load(&own_words);
    *count = own ? own->count : 0;
    return own ? own->entries : NULL;
}

const WordAbbreviation *words_dictionary(size_t *count)
{
    *count = sizeof dictionary / sizeof *dictionary;
    return dictionary;
}

const WordAbbreviation *words_find(const char *abbreviation)
{
    const WordAbbreviation wanted = {.abbreviation = abbreviation};
    size_t count = 0;
    const WordAbbreviation *own = words_own(&count);
    const WordAbbreviation *found =
        count ? bsearch(&wanted, own, count, sizeof wanted, compare_entries) : NULL;
    return found ? found
                 : bsearch(&wanted, dictionary, sizeof dictionary / sizeof *dictionary, sizeof *dictionary,
                           compare_entries);
}
