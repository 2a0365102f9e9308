# Bytes, texts and files: what the other parts are made of. Sourced by agent.sh.
# A file that matters is replaced whole: written beside, synced, renamed. So no power cut leaves half of one.

# keep FILE: replaces it with what comes in.
keep() {
  cat > "$1.new" && sync && mv -f "$1.new" "$1"
}

# flat FILE OUT: its leaves as lines of path and value. Status 1 for what is not strict JSON.
flat() { awk -f "$here/json.awk" < "$1" > "$2" 2>> "$run/log"; }

# canonical FILE OUT: the bytes that the signatures of a TUF document are over.
canonical() { awk -v canon=signed -f "$here/json.awk" < "$1" > "$2" 2>> "$run/log"; }

# get FLAT PATH: the value of one leaf; nothing, and status 1, when it is not there.
get() {
  get_path=$2 awk 'BEGIN { FS = "\t"; path = ENVIRON["get_path"] } $1 == path { print $2; found = 1 } END { exit !found }' "$1"
}

# list FLAT PATH: the leaves PATH|0, PATH|1 and so on.
list() {
  list_path="$2|" awk 'BEGIN { FS = "\t"; path = ENVIRON["list_path"] }
    index($1, path) == 1 && substr($1, length(path) + 1) ~ /^[0-9]+$/ { print $2 }' "$1"
}

# has WORD: whether one of the lines that come in is exactly this.
has() { grep -Fqx -e "$1"; }

# is_count TEXT: a whole number of at most 15 digits, so that the shell cannot be made to overflow, nor to read an octal one.
is_count() {
  case $1 in 0) return 0 ;; '' | *[!0-9]* | 0* | ????????????????*) return 1 ;; esac
}

# is_plain TEXT: the words that need no escape in JSON, in a URL or in a file's name.
is_plain() {
  case $1 in '' | . | .. | *[!A-Za-z0-9._~-]*) return 1 ;; esac
}

from_hex() {
  # shellcheck disable=SC2059
  printf "$(awk 'BEGIN { digits = "0123456789abcdef" }
    { for (i = 1; i < length($0); i += 2) printf "\\%03o", 16 * (index(digits, substr($0, i, 1)) - 1) + index(digits, substr($0, i + 1, 1)) - 1 }')"
}

to_hex() { od -An -v -tx1 | tr -d ' \n'; }

to_base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# from_base64url TEXT OUT: status 1 unless it is the one spelling of these bytes.
from_base64url() {
  pad=
  case $((${#1} % 4)) in 2) pad='==' ;; 3) pad='=' ;; esac
  printf '%s%s' "$1" "$pad" | tr -- '-_' '+/' | openssl base64 -d -A > "$2" 2>> "$run/log" || return 1
  [ "$(to_base64url < "$2")" = "$1" ]
}

sha256_of() { openssl dgst -sha256 -r < "$1" | cut -d' ' -f1; }

# now_ms: this device's time. It never goes back behind what two people, or the factory, have dated.
now_ms() {
  clock=$(($(date -u +%s) * 1000))
  floor=$(cat "$state/time_floor")
  [ "$clock" -gt "$floor" ] && echo "$clock" || echo "$floor"
}

# is_past ISO MS: whether a time of TUF's form (2026-11-25T00:00:00Z) is over by then. What has another form is.
is_past() {
  moment=$(printf '%s\n' "$1" | awk '
    !/^20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z$/ { print 0; exit }
    { split($0, t, /[-T:Z]/); y = t[1]; m = t[2]
      if (m < 3) { y--; m += 12 }
      days = 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + t[3] - 719469
      printf "%d000\n", days * 86400 + t[4] * 3600 + t[5] * 60 + t[6] }')
  [ "$2" -ge "$moment" ]
}

# refuse CODE WHY: for the log. The caller returns 1.
refuse() {
  code=$1
  say "refused $1: $2"
  return 1
}

say() { printf '%s %s\n' "$(date -u +%H:%M:%S)" "$1"; }
