# Whether a command is one: signed by enough different people of one director, whom the authority map lets do this here, and not
# expired. Sourced by agent.sh. It believes trust.json as it was pinned at enrolment and follows no later versions.

# director_for VERB: the places of the directors in trust.json who may do this to this vendor and model.
director_for() {
  director_verb=$1 director_vendor=$vendor director_name=$name awk 'BEGIN { FS = "\t"; verb = ENVIRON["director_verb"]; split(verb, word, " ") }
    { depth = split($1, p, "|") }
    p[1] == "directors" && p[3] == "signed" && p[4] == "x-edict-director" && p[5] == "name" { place[$2] = p[2] }
    p[1] != "map" || p[3] != "x-edict-authority" || p[4] != "directors" { next }
    p[6] == "director" && p[8] == "x-edict-director" && p[9] == "name" { appointed[p[5]] = $2 }
    p[6] == "scopes" && p[8] == "vendor" && ($2 == "*" || $2 == ENVIRON["director_vendor"]) { vendor[p[5], p[7]] = 1 }
    p[6] == "scopes" && p[8] == "model" && ($2 == "*" || $2 == ENVIRON["director_name"]) { model[p[5], p[7]] = 1 }
    p[6] == "scopes" && p[8] == "verbs" && ($2 == verb || $2 == word[1]) { verbs[p[5], p[7]] = 1 }
    END { for (s in verbs) { split(s, at, SUBSEP); if ((s in vendor) && (s in model) && (appointed[at[1]] in place)) print place[appointed[at[1]]] } }' \
    "$run/trust" | sort -un
}

# verify_command FRAME: leaves the message in $run/message and its leaves in $run/command.
verify_command() {
  [ "$(wc -c < "$1")" -le 4096 ] || refuse ERR_TRUST_TOO_LARGE "a frame" || return 1
  flat "$1" "$run/jws" || refuse ERR_TRUST_FORMAT "not strict JSON" || return 1
  # Exactly these members: anything else is an attempt at something.
  awk 'BEGIN { FS = "\t" } $1 !~ /^(payload|signatures\|[0-7]\|(protected|signature))$/ { exit 1 }' "$run/jws" ||
    refuse ERR_TRUST_FORMAT "other members" || return 1
  payload=$(get "$run/jws" payload) && from_base64url "$payload" "$run/message" || refuse ERR_TRUST_FORMAT "no payload" || return 1
  read_header 0 || refuse ERR_TRUST_FORMAT "no signature" || return 1
  case $typ in
    oc2) role=command verb='update x-swup:software' ;;
    oc2-stop) role=stopping-command verb='cancel command' ;;
    *) refuse ERR_TRUST_STATEMENT "a signature of type $typ" || return 1 ;;
  esac
  statement=$typ
  flat "$dir/trust.json" "$run/trust" || refuse ERR_TRUST_DIRECTOR "trust.json" || return 1
  for place in $(director_for "$verb"); do
    signed_by_people "directors|$place|signed" && break
    place=
  done
  [ -n "${place:-}" ] || refuse ERR_TRUST_SIGNATURE "not signed by enough people who may do this" || return 1
  flat "$run/message" "$run/command" || refuse ERR_OPENC2_JSON "the message" || return 1
  check_dates "directors|$place|signed"
}

# read_header N: alg, kid and typ of the Nth signature.
read_header() {
  protected=$(get "$run/jws" "signatures|$1|protected") && from_base64url "$protected" "$run/header.json" || return 1
  flat "$run/header.json" "$run/header" && [ "$(wc -l < "$run/header")" -eq 3 ] || return 1
  alg=$(get "$run/header" alg) && kid=$(get "$run/header" kid) && typ=$(get "$run/header" typ)
}

# signed_by_people DIRECTOR: every signature is another person's of this director, valid, and they are enough. One bad one refuses all.
signed_by_people() {
  threshold=$(get "$run/trust" "$1|roles|$role|threshold") && is_count "$threshold" && [ "$threshold" -gt 0 ] || return 1
  : > "$run/kids"
  for keyid in $(list "$run/trust" "$1|roles|$role|keyids"); do
    algorithm=$(make_pem "$run/trust" "$1|keys|$keyid" "$run/pem.$keyid") || return 1
    person=$(get "$run/trust" "$1|keys|$keyid|x-edict-person") || return 1
    printf '%s\t%s\t%s\t%s\n' "$(kid_of "$run/pem.$keyid" "$algorithm")" "$keyid" "$algorithm" "$person" >> "$run/kids"
  done
  : > "$run/people"
  at=0
  while get "$run/jws" "signatures|$at|protected" > /dev/null || get "$run/jws" "signatures|$at|signature" > /dev/null; do
    read_header "$at" && [ "$typ" = "$statement" ] || return 1
    key=$(kid=$kid awk 'BEGIN { FS = "\t" } $1 == ENVIRON["kid"]' "$run/kids")
    [ -n "$key" ] && [ "$alg" = "$(printf %s "$key" | cut -f3)" ] || return 1
    person=$(printf %s "$key" | cut -f4)
    has "$person" < "$run/people" && return 1
    signature=$(get "$run/jws" "signatures|$at|signature") && from_base64url "$signature" "$run/sig.raw" || return 1
    if [ "$alg" = ES256 ]; then der_signature < "$run/sig.raw" > "$run/sig"; else mv -f "$run/sig.raw" "$run/sig"; fi
    printf '%s.%s' "$protected" "$payload" > "$run/signing-input"
    check_signature "$alg" "$run/pem.$(printf %s "$key" | cut -f2)" "$run/signing-input" "$run/sig" || return 1
    printf '%s\n' "$person" >> "$run/people"
    at=$((at + 1))
  done
  [ "$(grep -c . "$run/people")" -ge "$threshold" ]
}

# check_dates DIRECTOR: the command's own expiry, and that of those who gave it. What stops things needs no date of theirs.
check_dates() {
  created=$(get "$run/command" 'headers|created') && is_count "$created" || refuse ERR_TRUST_COMMAND "not dated" || return 1
  not_after=$(get "$run/command" 'body|openc2|request|args|x-swup|not_after') || not_after=$((created + 3600000))
  is_count "$not_after" && [ "$(now_ms)" -lt "$not_after" ] || refuse ERR_TRUST_EXPIRED "$not_after" || return 1
  [ "$role" = stopping-command ] && return 0
  # Their clock cannot be past the end of their own authority; this device takes its time from them.
  latest=$(now_ms)
  [ "$created" -le "$latest" ] || latest=$created
  for document in "$1" 'map|signed'; do
    is_past "$(get "$run/trust" "$document|expires")" "$latest" && { refuse ERR_TRUST_DIRECTOR_EXPIRED "$document" || return 1; }
  done
  # Two people dated it: this device's time never goes back behind that.
  printf '%s\n' "$latest" | keep "$state/time_floor"
}
