#!/bin/sh
# A device in POSIX sh: it holds a channel to its gateway with curl, believes commands by their signatures with openssl, and updates itself.
# Usage: agent.sh DIRECTORY (as `edict enroll` makes it). README.md says what it does, and what it leaves out.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC1091
. "$here/parts.sh"

stop() {
  trap - EXIT
  [ ! -f "$main/stream" ] || kill "$(cat "$main/stream")" 2> /dev/null
  [ ! -f "$main/job.pid" ] || kill "$(cat "$main/job.pid")" 2> /dev/null
  rm -rf "$main"
}
trap stop EXIT
trap 'exit 0' INT TERM

# read_slot: which slot runs, and what is in it.
read_slot() {
  case $(readlink "$dir/current") in
    slots/a/image) active=a spare=b ;;
    slots/b/image) active=b spare=a ;;
    *) die "current leads nowhere" ;;
  esac
  flat "$dir/slots/$active/manifest.json" "$run/manifest" || die "slot $active holds nothing"
  installed_version=$(get "$run/manifest" version) && installed_counter=$(get "$run/manifest" counter) &&
    installed_sha256=$(get "$run/manifest" sha256) || die "the manifest of slot $active"
}

# boot: counts, and decides a trial: the first healthy boot marks the slot good, otherwise the one before stays.
boot() {
  echo $(($(cat "$state/boot") + 1)) | keep "$state/boot"
  read_slot
  [ -f "$state/trial" ] || return 0
  read -r slot left < "$state/trial"
  left=$((left - 1))
  echo "$slot $left" | keep "$state/trial"
  read_job || die "a trial without its update"
  if [ "$slot" = "$active" ]; then
    finish_trial "done" 200
  elif [ "$left" -gt 0 ] && is_healthy "$slot"; then
    ln -sf "slots/$slot/image" "$dir/current.new" && mv -f "$dir/current.new" "$dir/current" && sync
    read_slot
    finish_trial "done" 200
  else
    echo $(($(cat "$state/boot") + 1)) | keep "$state/boot"
    finish_trial rolled_back 500 ERR_AGENT_HEALTH
  fi
}

finish_trial() {
  # Only what is known to be healthy raises the floor.
  [ "$1" != "done" ] || echo "$installed_counter" | keep "$state/floor"
  outcome "$1" "${3:-}"
  answer "$2" "$(cat "$state/job.answer")"
  say "update $id $1"
  forget_job
}

forget_job() { rm -f "$state/trial" "$state/job.json" "$state/job.start" "$state/job.answer" "$state/job.facts" "$state/cancelled"; }

# is_healthy SLOT: its bytes are what its manifest says, and the device's own command says so too.
is_healthy() {
  flat "$dir/slots/$1/manifest.json" "$run/trial" || return 1
  [ "$(sha256_of "$dir/slots/$1/image")" = "$(get "$run/trial" sha256)" ] || return 1
  list "$run/device" healthCommand > "$run/health"
  [ -s "$run/health" ] || return 0
  set --
  while IFS= read -r word; do set -- "$@" "$word"; done < "$run/health"
  (cd "$dir" && EDICT_SLOT=$slot exec "$@") > /dev/null 2>&1 < /dev/null
}

read_job() { read -r id new_version < "$state/job.facts"; }

# remember ID: before anything is begun for it. Newest first; what is older than 64 ids has expired.
remember() { { echo "$1"; grep -Fvx -e "$1" "$state/seen" | head -n 63; } | keep "$state/seen"; }

# command_came: $run/data is a frame. Nothing of it is read before its signatures are.
command_came() {
  code=
  verify_command "$run/data" || return 0
  if [ "$role" = stopping-command ]; then cancel_came; return 0; fi
  seen_id=$(get "$run/command" 'body|openc2|request|command_id') && has "$seen_id" < "$state/seen" && return 0
  if ! read_update; then
    # A refused update that was verified is a failed one, unless another is under way.
    is_id "$seen_id" || return 0
    remember "$seen_id"
    id=$seen_id
    new_version=$(get "$run/command" "$software|new_version") && is_plain "$new_version" && [ ! -f "$state/job.json" ] || return 0
    outcome failed "$code"
    answer "$(status_of "$code")" "$(asks_answer)"
    give_answer
    return 0
  fi
  [ ! -f "$state/job.json" ] || { refuse ERR_AGENT_BUSY "$id" || return 0; }
  remember "$id"
  if is_current; then outcome "done"; answer 200 "$(asks_answer)"; give_answer; return 0; fi
  start=$(start_ms) || return 0
  # The command itself last: with it the update is known, also after a power cut.
  echo "$start" | keep "$state/job.start"
  asks_answer | keep "$state/job.answer"
  echo "$id $new_version" | keep "$state/job.facts"
  keep "$state/job.json" < "$run/data"
  say "update $id queued"
  start_job
}

# cancel_came: one person calls an update off, before or after it came.
cancel_came() {
  [ "$(get "$run/command" 'body|openc2|request|action')" = cancel ] || { refuse ERR_TRUST_COMMAND "one person may only cancel" || return 0; }
  cancelled=$(get "$run/command" 'body|openc2|request|target|command') && is_id "$cancelled" || return 0
  remember "$cancelled"
  [ -f "$state/job.json" ] && [ ! -f "$state/trial" ] && read_job && [ "$id" = "$cancelled" ] || return 0
  echo "$id" | keep "$state/cancelled"
  kill "$(cat "$main/job.pid")" 2> /dev/null
  outcome cancelled
  forget_job
  say "update $id cancelled"
}

# start_job: beside the channel. When the spare slot is on trial it ends the stream, and the main loop starts anew.
start_job() {
  (
    run="$main/job"
    mkdir -p "$run"
    trap - EXIT
    cp "$main/device" "$run/device"
    if run_job; then say "update $id rebooting"; end_stream; exit 0; fi
    read_job
    outcome failed "$code"
    answer "$(status_of "$code")" "$(cat "$state/job.answer")"
    forget_job
    give_answer
  ) &
  echo $! > "$main/job.pid"
}

# end_stream: whenever there is one again.
end_stream() {
  while [ -d "$main" ] && ! kill "$(cat "$main/stream")" 2> /dev/null; do sleep 1; done
}

# pause: a goodbye's delay, half to one and a half of it; otherwise random between one second and three times the last, a minute at most.
pause() {
  random=$(od -An -v -tu2 -N2 < /dev/urandom)
  if [ -n "$goodbye_ms" ] && [ "$goodbye_ms" -le 3600000 ]; then
    seconds=$(((goodbye_ms / 2 + goodbye_ms * random / 65536) / 1000))
  else
    waited=$((1 + (waited * 3) * random / 65536))
    [ "$waited" -le 60 ] || waited=60
    seconds=$waited
  fi
  sleep "$seconds"
}

setup "${1:?the directory of the device}"
boot
say "booted $installed_version from slot $active"
waited=1
[ ! -f "$state/job.json" ] || start_job
while :; do
  hold_channel
  # A real device restarts here; this one starts from its disk again.
  if [ -f "$state/trial" ]; then stop; exec sh "$here/agent.sh" "$dir"; fi
  pause
done
