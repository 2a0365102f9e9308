# All parts of the agent, and what every one of them knows of the device. Sourced with $here set to the folder of these files.
LC_ALL=C
export LC_ALL
umask 077

for part in bytes signatures director tuf update channel; do
  # shellcheck disable=SC1090
  . "$here/$part.sh"
done

die() { say "stopped: $1"; exit 1; }

# setup DIRECTORY: what this device is, from the files that the factory made. Words that need an escape anywhere are not for this agent.
setup() {
  dir=$(cd "$1" && pwd) || exit 1
  state="$dir/shell" tuf="$dir/shell/tuf"
  # What is worked on: private, in memory where /tmp is, and gone after each start.
  run="${TMPDIR:-/tmp}/shell-agent.$$" main="${TMPDIR:-/tmp}/shell-agent.$$"
  mkdir "$run" && mkdir -p "$state" || exit 1
  write_curl
  flat "$dir/device.json" "$run/device" || die "device.json"
  device_id=$(get "$run/device" id) && vendor=$(get "$run/device" vendor) && name=$(get "$run/device" name) &&
    hardware=$(get "$run/device" hardware) && gateway=$(get "$run/device" gateway) || die "device.json is not whole"
  is_plain "$vendor" && is_plain "$name" && is_plain "$hardware" || die "a name with other characters than A-Z a-z 0-9 . _ ~ -"
  case $device_id in *[!A-Za-z0-9:._-]*) die "the id" ;; esac
  [ -f "$state/time_floor" ] || get "$run/device" timeFloorMs | keep "$state/time_floor"
  [ -f "$state/boot" ] || echo 0 | keep "$state/boot"
  [ -f "$state/floor" ] || echo 0 | keep "$state/floor"
  [ -f "$state/seen" ] || : | keep "$state/seen"
  # The symlink is the truth about which slot runs: it names a file, because only then `mv` replaces it in one rename.
  [ -L "$dir/current" ] || ln -s slots/a/image "$dir/current"
}
