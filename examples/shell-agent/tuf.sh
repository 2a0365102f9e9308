# What the manufacturer says may run: TUF metadata (TUF 1.0 section 5) from the depot, root, timestamp, snapshot, targets, each signed
# by the keys that the one before names. Sourced by agent.sh. Delegated roles are not followed: only what `targets` itself names is installed.

# fetch_metadata NAME OUT BYTES: status 1 when the depot does not have it, or has more than that.
fetch_metadata() {
  # The limit of a file's size holds also when no length is announced (endless data). In blocks of 512 bytes.
  (ulimit -f $(($3 / 512 + 1)) && curl -q -K "$main/curl" --max-time 60 -o "$2" "$depot/metadata/$1") 2>> "$run/log"
}

# believe ROLE FILE: signed by the role's keys, of this kind, not expired and not older than what was believed before.
believe() {
  signed_by "$2" "$1" "$tuf/root.json" || refuse ERR_DEPOT_METADATA_SIGNATURE "$1" || return 1
  [ "$(get "$run/document" 'signed|_type')" = "$1" ] || refuse ERR_DEPOT_METADATA "$1 is another document" || return 1
  version=$(get "$run/document" 'signed|version') && is_count "$version" || refuse ERR_DEPOT_METADATA "$1 without a version" || return 1
  before=$(cat "$tuf/$1.version" 2> /dev/null || echo 0)
  [ "$version" -ge "$before" ] || refuse ERR_DEPOT_METADATA_ROLLBACK "$1 $version after $before" || return 1
  is_past "$(get "$run/document" 'signed|expires')" "$(now_ms)" && { refuse ERR_DEPOT_METADATA_EXPIRED "$1" || return 1; }
  printf '%s\n' "$version" | keep "$tuf/$1.version"
  cp "$run/document" "$run/$1"
}

# is_named FILE FLAT NAME: whether a file has the length and digest that the document before names.
is_named() {
  [ "$(get "$2" "signed|meta|$3|length")" = "$(wc -c < "$1" | tr -d ' ')" ] &&
    [ "$(get "$2" "signed|meta|$3|hashes|sha256")" = "$(sha256_of "$1")" ]
}

# refresh: leaves the leaves of the newest verified targets in $run/targets.
refresh() {
  mkdir -p "$tuf"
  [ -f "$tuf/root.json" ] || keep "$tuf/root.json" < "$dir/root.json"
  update_root || return 1
  fetch_metadata timestamp.json "$run/timestamp.json" 16384 && believe timestamp "$run/timestamp.json" || return 1
  number=$(get "$run/timestamp" 'signed|meta|snapshot.json|version') && is_count "$number" || return 1
  fetch_metadata "$number.snapshot.json" "$run/snapshot.json" 512000 || return 1
  is_named "$run/snapshot.json" "$run/timestamp" snapshot.json || refuse ERR_DEPOT_METADATA "another snapshot" || return 1
  believe snapshot "$run/snapshot.json" && [ "$version" = "$number" ] || return 1
  number=$(get "$run/snapshot" 'signed|meta|targets.json|version') && is_count "$number" || return 1
  fetch_metadata "$number.targets.json" "$run/targets.json" 500000 || return 1
  is_named "$run/targets.json" "$run/snapshot" targets.json || refuse ERR_DEPOT_METADATA "other targets" || return 1
  believe targets "$run/targets.json" && [ "$version" = "$number" ]
}

# update_root: follows the root's versions one by one; each is signed by the one before and by itself.
update_root() {
  flat "$tuf/root.json" "$run/root" || return 1
  version=$(get "$run/root" 'signed|version') && is_count "$version" || return 1
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
    fetch_metadata $((version + 1)).root.json "$run/next.json" 512000 || break
    for judge in "$tuf/root.json" "$run/next.json"; do
      signed_by "$run/next.json" root "$judge" || refuse ERR_DEPOT_METADATA_SIGNATURE "root $((version + 1))" || return 1
    done
    [ "$(get "$run/document" 'signed|_type')" = root ] && [ "$(get "$run/document" 'signed|version')" = $((version + 1)) ] ||
      refuse ERR_DEPOT_METADATA "root $((version + 1)) is another document" || return 1
    keep "$tuf/root.json" < "$run/next.json"
    version=$((version + 1))
    # Under new keys what the old ones signed no longer counts, nor does its floor (TUF 1.0 section 5.3.11).
    rm -f "$tuf/timestamp.version" "$tuf/snapshot.version"
  done
  flat "$tuf/root.json" "$run/root" || return 1
  is_past "$(get "$run/root" 'signed|expires')" "$(now_ms)" && { refuse ERR_DEPOT_METADATA_EXPIRED root || return 1; }
  return 0
}
