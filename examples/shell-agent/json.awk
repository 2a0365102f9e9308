# Strict JSON on one line, in what Edict emits: integers, no \u, no duplicate members, at most 16 deep. Ends with status 1 at anything else.
# Prints "path|to|member<TAB>value" for each leaf; strings as they stand between their quotes.
# With -v canon=NAME it prints instead the member NAME of the top object in TUF's canonical form, the bytes that are signed.
BEGIN { RS = "\001"; ORS = "" }
NR > 1 { bad("a control character") }
{ text = text $0 }
END {
  if (failed) exit 1
  sub(/\n+$/, "", text)
  if (length(text) > 500000) bad("too long")
  whole = value("", 0)
  if (text != "") bad("bytes behind the end")
  if (canon != "" && !(canon in top)) bad("no " canon)
  if (canon != "") print top[canon]
  else for (i = 1; i <= leaves; i++) print leaf[i] "\n"
}

function bad(why) { if (!failed) print "json: " why "\n" > "/dev/stderr"; failed = 1; exit 1 }

function space() { sub(/^[ \t\r\n]+/, "", text) }

function take(char) {
  space()
  if (substr(text, 1, 1) != char) return 0
  text = substr(text, 2)
  return 1
}

# The raw text between the quotes.
function string(    raw) {
  if (!match(text, /^"([^"\\]|\\["\\nrt])*"/)) bad("a string that Edict does not emit")
  raw = substr(text, 2, RLENGTH - 2)
  text = substr(text, RLENGTH + 1)
  if (raw ~ /[\000-\037]/) bad("a control character in a string")
  return raw
}

# TUF's canonical form escapes quotes and backslashes only.
function plain(raw,    out, at) {
  out = ""
  while ((at = index(raw, "\\")) > 0) {
    out = out substr(raw, 1, at - 1)
    if (substr(raw, at + 1, 1) == "n") out = out "\n"
    else if (substr(raw, at + 1, 1) == "r") out = out "\r"
    else if (substr(raw, at + 1, 1) == "t") out = out "\t"
    else out = out substr(raw, at, 2)
    raw = substr(raw, at + 2)
  }
  return out raw
}

function note(path, shown) {
  if (path in known) bad("the member " path " is there twice")
  known[path] = 1
  leaf[++leaves] = path "\t" shown
}

# Reads one value and gives its canonical form.
function value(path, depth,    raw) {
  if (failed || depth > 16) bad("too deep")
  space()
  if (take("{")) return members(path, depth)
  if (take("[")) return items(path, depth)
  if (substr(text, 1, 1) == "\"") {
    raw = string()
    note(path, raw)
    return "\"" plain(raw) "\""
  }
  if (!match(text, /^(-?(0|[1-9][0-9]*)|true|false|null)/) || RLENGTH > 16) bad("a value that Edict does not emit")
  raw = substr(text, 1, RLENGTH)
  text = substr(text, RLENGTH + 1)
  if (text ~ /^[.eE0-9]/) bad("a number that is no integer")
  note(path, raw)
  return raw
}

function items(path, depth,    out, count) {
  out = ""
  if (take("]")) { note(path, "[]"); return "[]" }
  for (count = 0; ; count++) {
    out = out (count ? "," : "") value(path (path == "" ? "" : "|") count, depth + 1)
    if (take("]")) return "[" out "]"
    if (!take(",")) bad("no comma in a list")
  }
}

function members(path, depth,    key, keys, count, form, i, j, out) {
  if (take("}")) { note(path, "{}"); return "{}" }
  for (count = 1; ; count++) {
    space()
    key = string()
    if (key ~ /[|\\]|[^ -~]/ || (path, key) in member) bad("a member's name, or twice the same")
    member[path, key] = 1
    if (!take(":")) bad("no colon")
    form[key] = value(path (path == "" ? "" : "|") key, depth + 1)
    if (depth == 0) top[key] = form[key]
    # Sorted as they come.
    for (i = count; i > 1 && (keys[i - 1] "") > (key ""); i--) keys[i] = keys[i - 1]
    keys[i] = key
    if (take("}")) break
    if (!take(",")) bad("no comma in an object")
  }
  out = ""
  for (j = 1; j <= count; j++) out = out (j > 1 ? "," : "") "\"" keys[j] "\":" form[keys[j]]
  return "{" out "}"
}
