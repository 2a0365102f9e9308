# An accepted update, from its command to the spare slot on trial. It runs beside the channel, in a process of its own with a folder of its
# own for what it works on, and survives a power cut: job.json is the command as it was signed, job.start the time at which it starts.

software='body|openc2|request|target|x-swup:software'
args='body|openc2|request|args'

# read_update: the verified update in $run/command is for this device, and all that it asks for can be kept. Sets what it names.
read_update() {
  allowed="^(headers\\|(created|from|request_id|to\\|[0-9]+)|body\\|openc2\\|request\\|(action|command_id|target\\|x-swup:software\\|(vendor|name|old_version|new_version|source|size|hashes\\|sha(256|384|512)|media_type|hardware\\|[0-9]+)|args\\|(response_requested|start_time|x-swup\\|(not_after|spread|reboot|allow_downgrade))))\$"
  allowed=$allowed awk 'BEGIN { FS = "\t"; allowed = ENVIRON["allowed"] } $1 !~ allowed { exit 1 }' "$run/command" ||
    refuse ERR_AGENT_UNSUPPORTED "a member that this device does not keep" || return 1
  [ "$(get "$run/command" 'body|openc2|request|action')" = update ] || refuse ERR_AGENT_UNSUPPORTED "no update" || return 1
  id=$(get "$run/command" 'body|openc2|request|command_id') && is_id "$id" || refuse ERR_TRUST_COMMAND "no command_id" || return 1
  new_version=$(get "$run/command" "$software|new_version") && is_plain "$new_version" &&
    size=$(get "$run/command" "$software|size") && is_count "$size" && [ "$size" -gt 0 ] &&
    digest=$(get "$run/command" "$software|hashes|sha256" | tr 'A-F' 'a-f') && is_digest "$digest" ||
    refuse ERR_AGENT_UNSUPPORTED "it does not say what to install" || return 1
  [ "$(get "$run/command" "$software|vendor" || echo "$vendor")" = "$vendor" ] && [ "$(get "$run/command" "$software|name")" = "$name" ] ||
    refuse ERR_AGENT_NOT_MINE "for another model" || return 1
  fits "$run/command" "$software|hardware" || refuse ERR_AGENT_HARDWARE "for other hardware" || return 1
  # What this device cannot keep to it refuses: its updates need a start, and it never goes back.
  [ "$(get "$run/command" "$args|x-swup|reboot")" != no ] && [ "$(get "$run/command" "$args|x-swup|allow_downgrade")" != true ] ||
    refuse ERR_AGENT_UNSUPPORTED "without a reboot, or to an older release" || return 1
  host=$(get "$run/command" "$software|source" | sed -n 's|^https://\([A-Za-z0-9.-]*\)\(:[0-9]*\)\{0,1\}/.*|\1|p' | tr 'A-Z' 'a-z')
  list "$run/device" sources | tr 'A-Z' 'a-z' | has "$host" || refuse ERR_DEPOT_SOURCE "the source is not trusted" || return 1
  old_version=$(get "$run/command" "$software|old_version") || old_version=$installed_version
  [ "$installed_version" = "$old_version" ] || is_current || refuse ERR_AGENT_VERSION "it updates from $old_version"
}

is_id() { [ ${#1} -le 36 ] && case $1 in '' | *[!!-~]* | *'"'* | *\\*) return 1 ;; esac; }

is_digest() { [ ${#1} -eq 64 ] && case $1 in *[!0-9a-f]*) return 1 ;; esac; }

is_current() { [ "$installed_version" = "$new_version" ] && [ "$installed_sha256" = "$digest" ]; }

# fits FLAT PATH: the list there names this hardware, or there is none.
fits() {
  list "$1" "$2" > "$run/hardware"
  [ ! -s "$run/hardware" ] || has "$hardware" < "$run/hardware"
}

# start_ms: t0 + rank mod spread (x-swup section 3.3); rank is the first 64 bits of SHA-256 over device, line feed, command.
start_ms() {
  t0=$(now_ms)
  start_time=$(get "$run/command" "$args|start_time") || start_time=0
  spread=$(get "$run/command" "$args|x-swup|spread") || spread=0
  is_count "$start_time" && is_count "$spread" && [ "$spread" -lt 10000000000000 ] || return 1
  [ "$start_time" -le "$t0" ] || t0=$start_time
  rank=0
  if [ "$spread" -gt 0 ]; then
    # Byte by byte, because the shell has 63 bits.
    for byte in $(printf '%s\n%s' "$device_id" "$id" | openssl dgst -sha256 -binary | od -An -v -tu1 -N8); do
      rank=$(((rank * 256 + byte) % spread))
    done
  fi
  echo $((t0 + rank))
}

# run_job: waits, verifies again, fetches, checks, fills the spare slot, and puts it on trial. Status 1 and $code when it failed.
run_job() {
  # In short sleeps: the clock may be set meanwhile, and nothing stays behind when the update is called off.
  while left_ms=$(($(cat "$state/job.start") - $(now_ms))) && [ "$left_ms" -gt 0 ]; do
    if [ "$left_ms" -gt 5000 ]; then sleep 5; else sleep $(((left_ms + 999) / 1000)); fi
  done
  verify_command "$state/job.json" && read_update || return 1
  try_depot || return 1
  fill_slot || return 1
  # Fetching takes its time; meanwhile the command may have expired, or been called off.
  verify_command "$state/job.json" || return 1
  [ ! -f "$state/cancelled" ] || refuse ERR_AGENT_CANCELLED "$id" || return 1
  echo "$spare 3" | keep "$state/trial"
}

# try_depot: one depot after the other, with pauses, until one has release and bytes. A depot may lie or be down, another may not;
# what director and manufacturer themselves say is final.
try_depot() {
  for pause in 1 2 4 8 16 32 60 60; do
    for depot in $(list "$run/device" depots); do
      code=ERR_DEPOT_UNREACHABLE
      refresh && agree && fetch && return 0
      case $code in ERR_DEPOT_* | ERR_AGENT_DIGEST) ;; *) return 1 ;; esac
    done
    [ "$(now_ms)" -lt "$not_after" ] || refuse ERR_AGENT_EXPIRED "$not_after" || return 1
    sleep "$pause"
  done
  return 1
}

# agree: director and manufacturer name the same bytes, for this hardware, above the floor.
agree() {
  target="signed|targets|$vendor/$name/$new_version"
  [ "$(get "$run/targets" "$target|hashes|sha256")" = "$digest" ] && [ "$(get "$run/targets" "$target|length")" = "$size" ] ||
    refuse ERR_AGENT_DISAGREE "the manufacturer names other bytes, or none" || return 1
  fits "$run/targets" "$target|custom|hardware" || refuse ERR_AGENT_HARDWARE "released for other hardware" || return 1
  list "$run/targets" "$target|custom|precursors" > "$run/precursors"
  [ ! -s "$run/precursors" ] || has "$installed_sha256" < "$run/precursors" || refuse ERR_AGENT_PRECURSOR "not made for $installed_version" || return 1
  counter=$(get "$run/targets" "$target|custom|counter") && is_count "$counter" || refuse ERR_AGENT_COUNTER "no counter" || return 1
  [ "$counter" -gt "$(cat "$state/floor")" ] && [ "$counter" -gt "$installed_counter" ] || refuse ERR_AGENT_COUNTER "$counter is not above the floor"
}

# fetch: goes on behind what is there, never past the size.
fetch() {
  part="$dir/slots/$spare/$digest.part"
  mkdir -p "$dir/slots/$spare"
  # The slot stops being bootable before its content changes.
  rm -f "$dir/slots/$spare/manifest.json"
  touch "$part"
  if [ "$(wc -c < "$part")" -lt "$size" ]; then
    say "fetching $digest"
    (ulimit -f $((size / 512 + 1)) && curl -q -K "$main/curl" -C - --speed-limit 1024 --speed-time 15 -o "$part" "$depot/blobs/sha256/$digest") 2>> "$run/log" || return 1
  fi
  [ "$(wc -c < "$part" | tr -d ' ')" = "$size" ] && [ "$(sha256_of "$part")" = "$digest" ] && return 0
  rm -f "$part"
  refuse ERR_AGENT_DIGEST "not the bytes that were ordered"
}

fill_slot() {
  slot="$dir/slots/$spare"
  sync
  mv -f "$slot/$digest.part" "$slot/image"
  printf '{"vendor":"%s","name":"%s","version":"%s","counter":%s,"hardware":"%s","sha256":"%s","size":%s}' \
    "$vendor" "$name" "$new_version" "$counter" "$hardware" "$digest" "$size" | keep "$slot/manifest.json"
}
