#!/bin/sh
# What an operator does with a worker, by hand: seed.sh URL INPUT OUTPUT TOPIC
set -eu
url=$1 input=$2 output=$3 topic=$4
say() { printf '\n== %s\n' "$*"; }
# Prints the body and fails unless the status is the expected one.
expect() {
  status=$1
  shift
  code=$(curl -sS -o "$output.answer" -w '%{http_code}' "$@")
  cat "$output.answer"
  [ "$code" = "$status" ] || { echo "expected $status, got $code: $*" >&2; exit 1; }
}
until_state() {
  tries=0
  until curl -sS "$url/connectors/$1/status" | grep -q "\"tasks\":\[{\"id\":0,\"state\":\"$2\""; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { echo "$1 is not $2 in time" >&2; exit 1; }
    sleep 0.1
  done
}
json='Content-Type: application/json'

say who
expect 200 "$url/"
expect 200 "$url/health"
expect 200 "$url/connector-plugins"
expect 200 "$url/connector-plugins?connectorsOnly=false"
expect 200 "$url/connector-plugins/FileStreamSource/config"
expect 200 -X PUT -H "$json" "$url/connector-plugins/FileStreamSource/config/validate" \
  -d '{"connector.class":"FileStreamSource"}'
say create
expect 201 -X POST -H "$json" "$url/connectors" -d '{"name":"'"$topic-src"'","config":{
  "connector.class":"FileStreamSource","tasks.max":"1","file":"'"$input"'","topic":"'"$topic"'"}}'
expect 201 -X PUT -H "$json" "$url/connectors/$topic-dst/config" -d '{
  "connector.class":"FileStreamSink","tasks.max":"1","file":"'"$output"'","topics":"'"$topic"'"}'
until_state "$topic-src" RUNNING
until_state "$topic-dst" RUNNING
say list
expect 200 "$url/connectors"
expect 200 "$url/connectors?expand=status&expand=info"
for below in "" /config /status /tasks /tasks/0/status /topics; do
  expect 200 "$url/connectors/$topic-src$below"
done
say change
expect 202 -X PUT "$url/connectors/$topic-src/pause"
until_state "$topic-src" PAUSED
expect 202 -X PUT "$url/connectors/$topic-src/resume"
until_state "$topic-src" RUNNING
expect 204 -X POST "$url/connectors/$topic-src/restart"
expect 202 -X POST "$url/connectors/$topic-src/restart?includeTasks=true&onlyFailed=false"
until_state "$topic-src" RUNNING
expect 204 -X POST "$url/connectors/$topic-src/tasks/0/restart"
until_state "$topic-src" RUNNING
expect 200 -X PUT -H "$json" "$url/connectors/$topic-src/config" -d '{
  "connector.class":"FileStreamSource","tasks.max":"1","file":"'"$input"'","topic":"'"$topic"'","batch.size":"10"}'
expect 200 -X PATCH -H "$json" "$url/connectors/$topic-src/config" -d '{"batch.size":null}'
until_state "$topic-src" RUNNING
say end
expect 204 -X PUT "$url/connectors/$topic-src/stop"
expect 200 "$url/connectors/$topic-src/offsets"
expect 200 -X PATCH -H "$json" "$url/connectors/$topic-src/offsets" \
  -d '{"offsets":[{"partition":{"filename":"'"$input"'"},"offset":{"position":0}}]}'
expect 200 -X DELETE "$url/connectors/$topic-src/offsets"
expect 202 -X PUT "$url/connectors/$topic-src/topics/reset"
for name in src dst; do
  expect 204 -X DELETE "$url/connectors/$topic-$name"
  expect 404 "$url/connectors/$topic-$name"
done
say watch
expect 200 "$url/admin/loggers"
expect 200 -X PUT -H "$json" "$url/admin/loggers/connect_worker.rest" -d '{"level":"debug"}'
expect 200 "$url/admin/loggers/connect_worker.rest"
