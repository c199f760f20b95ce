#!/bin/sh
# Makes the homes that the saved screens and the pictures are taken in: homes.sh KIND FOLDER. What ann works with is
# FOLDER/ann, what her teammates work with lies beside it. AMX is the program, STILL what makes its clock stand
# still: every command needs a time of its own.
set -eu
kind=$1
folder=$2

# as WHO DATE TIME COMMAND..: one amx command of somebody, on their machine, at that time.
as() {
  who=$1 time=$2T$3Z
  shift 3
  case $who in
    ann) host=web1 ;;
    bob) host=lap ;;
    *) host=desk-$who ;;
  esac
  env -i PATH="$PATH" LC_ALL=C.UTF-8 TZ=UTC HOME=/nonexistent AMX_HOME="$folder/$who" LOGNAME="$who" \
    LD_PRELOAD="$STILL" STILL_TIME="$time" STILL_HOST="$host" "$AMX" "$@" >/dev/null 2>"$folder/said" ||
    { cat "$folder/said" >&2; echo "amx $* of $who failed" >&2; exit 1; }
}

# person WHO: a home with two documented databases and a place for the shared store.
person() {
  mkdir -p "$folder/$1" "$folder/team"
  cat >"$folder/$1/amx.conf" <<CONF
active_db_profile = shop
db_profile shop {
    backend = sqlite
    path = "$folder/shop.db"
}
db_profile crm {
    backend = sqlite
    path = "$folder/crm.db"
}
db_profile team {
    backend = sqlite
    path = "$folder/team/amx.db"
}
history_store {
    profile = team
}
CONF
}

databases() {
  sqlite3 -bail "$folder/shop.db" <"${0%/*}/../../share/demo/shop.sql"
  sqlite3 -bail "$folder/crm.db" 'CREATE TABLE lead (id INTEGER PRIMARY KEY, name TEXT, phone TEXT)'
}

share() {
  as "$1" 2026-02-27 "$2" db history-store enable
}

# What a fortnight of work leaves behind.
work() {
  as ann 2026-02-27 09:10:00 run
  as ann 2026-02-27 09:20:00 review 1 --accept high
  as ann 2026-02-27 09:21:00 apply 1 --yes
  as ann 2026-02-28 16:00:00 session new --title "Where addresses live"
  as ann 2026-02-28 16:01:00 ask "which tables hold customer addresses?"
  as ann 2026-03-01 10:00:00 -p crm session new --title "Leads without a phone"
  as ann 2026-03-01 10:01:00 -p crm ask "which table has a phone?"
  as ann 2026-03-02 13:40:00 run --all customer
}

teammate() {
  as bob 2026-02-28 11:00:00 run --all product
  as bob 2026-03-01 15:00:00 session new --title "Prices"
  as bob 2026-03-01 15:01:00 ask "where are prices kept?"
}

lose_store() {
  mv "$folder/team" "$folder/away"
}

# unplug WHO: what answers where the shared store was is nobody.
unplug() {
  sed -i "/^db_profile team/,/^}/c\\
db_profile team {\\
    backend = postgresql\\
    conninfo = \"host=127.0.0.1 port=1 user=$1 dbname=team\"\\
}" "$folder/$1/amx.conf"
}

# park WHO: two rows that the shared store takes only one of.
park() {
  sqlite3 -bail "$folder/team/amx.db" 'CREATE UNIQUE INDEX one_of_a_title ON sessions (title)'
  as "$1" 2026-03-02 14:00:00 session new --title "Where addresses live"
  sqlite3 -bail "$folder/team/amx.db" 'DROP INDEX one_of_a_title'
}

# repoint WHO: the profile of the shared store names another one of the same kind.
repoint() {
  sqlite3 -bail "$folder/team/new.db" 'CREATE TABLE other (id INTEGER)'
  sed -i "s,team/amx.db,team/new.db," "$folder/$1/amx.conf"
}

# crash WHO: the last run is left as an amx leaves it that is killed.
crash() {
  sqlite3 -bail "$folder/$1/history.db" \
    "UPDATE runs SET status = 'running', ended = NULL WHERE local_id = 2;
     INSERT INTO settings VALUES ('running.2', 'web1 0 0')"
}

databases
person ann
case $kind in
  new) ;;
  damaged)
    echo 'this is no database' >"$folder/ann/history.db"
    ;;
  unplugged)
    unplug ann
    ;;
  joined)
    share ann 08:00:00
    ;;
  crashed)
    share ann 08:00:00
    work
    crash ann
    ;;
  late)
    work
    as ann 2026-03-02 14:00:00 db history-store enable
    ;;
  parked)
    share ann 08:00:00
    work
    park ann
    ;;
  repointed)
    share ann 08:00:00
    work
    repoint ann
    ;;
  worked)
    work
    ;;
  shared)
    share ann 08:00:00
    work
    ;;
  team)
    person bob
    share ann 08:00:00
    share bob 08:30:00
    work
    teammate
    ;;
  light)
    printf 'ui {\n    theme = light\n}\n' >>"$folder/ann/amx.conf"
    share ann 08:00:00
    work
    ;;
  unreached)
    share ann 08:00:00
    work
    unplug ann
    as ann 2026-03-02 14:00:00 run --all product
    ;;
  queued)
    share ann 08:00:00
    work
    lose_store
    as ann 2026-03-02 14:00:00 run --all product
    mv "$folder/away" "$folder/team"
    ;;
  *)
    echo "homes.sh: there is no kind \"$kind\"" >&2
    exit 2
    ;;
esac
rm -f "$folder/said"
