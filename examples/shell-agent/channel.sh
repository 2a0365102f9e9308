# The standing channel: one curl that reads events, and a curl for each message up. Sourced by agent.sh.

# write_curl: how every curl of this device goes about it: TLS 1.3 with the device's certificate, to whom its authority vouches for, and
# nowhere else (redirects, proxies, other schemes).
write_curl() {
  case $dir in *[\"\\]*) die "a quote in the directory's name" ;; esac
  printf '%s\n' 'noproxy = "*"' 'proto = "=https"' tlsv1.3 'connect-timeout = 10' fail silent show-error \
    "cacert = \"$dir/ca.pem\"" "cert = \"$dir/device.pem\"" > "$main/curl"
}

# post TYPE FILE: one message up; tried again while the gateway says later.
post() {
  curl -q -K "$main/curl" --max-time 20 --retry 5 -o /dev/null -H "Content-Type: $1" -H "Edict-Channel: $(cat "$main/channel")" \
    --data-binary "@$2" "$gateway/.well-known/openc2" 2>> "$run/log"
}

check_in() {
  {
    printf '{"check_in":{"software":%s,"boot":%s,"slot":"%s","seen":[' "$(software_json)" "$(cat "$state/boot")" "$active"
    head -n 16 "$state/seen" | awk '{ printf "%s\"%s\"", (NR > 1 ? "," : ""), $0 }'
    printf ']'
    [ ! -s "$state/last_update" ] || printf ',"last_update":%s' "$(cat "$state/last_update")"
    printf '}}'
  } > "$run/check-in"
  post application/vnd.edict+json "$run/check-in"
}

software_json() {
  printf '{"vendor":"%s","name":"%s","version":"%s","hashes":{"sha256":"%s"},"hardware":"%s"}' \
    "$vendor" "$name" "$installed_version" "$(echo "$installed_sha256" | tr 'a-f' 'A-F')" "$hardware"
}

# outcome STATE [ERROR]: how the update $id to $new_version ended, for the next check-in.
outcome() {
  error=${2:+",\"error\":\"$2\""}
  printf '{"command_id":"%s","new_version":"%s","state":"%s"%s}' "$id" "$new_version" "$1" "$error" | keep "$state/last_update"
}

# answer STATUS REQUEST: for whoever asked for one, and for nobody else. It waits on the disk until there is a channel.
answer() {
  [ -n "$2" ] || return 0
  printf '{"headers":{"request_id":"%s","created":%s,"from":"%s"},"body":{"openc2":{"response":{"status":%s,"results":{"x-swup":{"software":%s,"last_update":%s}}}}}}' \
    "$2" "$(now_ms)" "$device_id" "$1" "$(software_json)" "$(cat "$state/last_update")" | keep "$state/answer"
}

# status_of CODE: as the profile has it (x-swup section 4).
status_of() {
  case $1 in
    ERR_AGENT_NOT_MINE | ERR_AGENT_HARDWARE | ERR_AGENT_VERSION) echo 404 ;;
    ERR_AGENT_UNSUPPORTED) echo 501 ;;
    ERR_DEPOT_UNREACHABLE) echo 500 ;;
    *) echo 403 ;;
  esac
}

give_answer() {
  [ ! -f "$state/answer" ] || { post 'application/openc2+json;version=1.0' "$state/answer" && rm -f "$state/answer"; }
}

# asks_answer: prints the id to answer under when the verified command wants an answer at the end; `none` is nothing at all.
asks_answer() {
  [ "$(get "$run/command" "$args|response_requested" || echo complete)" = complete ] || return 0
  request=$(get "$run/command" 'headers|request_id') && is_id "$request" && printf %s "$request"
}

# hold_channel: one stream from its opening to its end. What it says is obeyed in turn. Sets $goodbye_ms when it said when to come back.
hold_channel() {
  goodbye_ms=
  last=$(cat "$state/last_event" 2> /dev/null) || last=0
  rm -f "$main/events" "$main/stream"
  : > "$run/log"
  mkfifo "$main/events"
  curl -q -K "$main/curl" -N --keepalive-time 60 -H 'Accept: text/event-stream' -H "Last-Event-ID: $last" \
    "$gateway/.well-known/openc2" > "$main/events" 2> "$main/complaint" &
  stream=$!
  echo "$stream" > "$main/stream"
  event='' data='' serial=''
  while IFS= read -r line; do
    case $line in
      '') [ -z "$event" ] || obey; event='' data='' serial='' ;;
      'event: '*) event=${line#event: } ;;
      'data: '*) data=${line#data: } ;;
      'id: '*) serial=${line#id: } ;;
    esac
  done < "$main/events"
  wait "$stream"
  say "disconnected $(cat "$main/complaint")"
}

# obey: one whole event.
obey() {
  printf %s "$data" > "$run/data"
  case $event in
    hello)
      flat "$run/data" "$run/hello" && get "$run/hello" channel > "$main/channel" || return 0
      say "connected"
      waited=1
      check_in && give_answer ;;
    ask)
      flat "$run/data" "$run/ask" && nonce=$(get "$run/ask" ask) || return 0
      printf '{"alive":"%s"}' "$nonce" > "$run/alive"
      post application/vnd.edict+json "$run/alive" & ;;
    goodbye)
      flat "$run/data" "$run/goodbye" && goodbye_ms=$(get "$run/goodbye" 'goodbye|delay_ms') && is_count "$goodbye_ms" || goodbye_ms= ;;
    command)
      command_came
      is_count "$serial" && echo "$serial" | keep "$state/last_event" ;;
  esac
}
