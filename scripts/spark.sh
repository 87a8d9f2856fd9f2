#!/usr/bin/env bash
# A standalone Spark of one's own on loopback, a master and two workers of one core each: `spark.sh start DIR`,
# `spark.sh stop DIR`. `start` prints the master's address. Needs Java, and pyspark in the active Python.
set -euo pipefail
directory=$(realpath -m "$2")
python=${PYTHON:-python3}

case "$1" in
start)
    mkdir -p "$directory"
    home=$("$python" -c 'import pyspark, os; print(os.path.dirname(pyspark.__file__))')
    port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    export SPARK_HOME=$home SPARK_LOCAL_IP=127.0.0.1 SPARK_LOG_DIR="$directory" SPARK_WORKER_DIR="$directory/work" PYSPARK_PYTHON="$python"
    export SPARK_DAEMON_JAVA_OPTS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" # they only pass work on, and start in half the time
    start() { # start NAME CLASS ARGUMENTS...
        setsid "$home/bin/spark-class" "org.apache.spark.deploy.$2" "${@:3}" >"$directory/$1.log" 2>&1 </dev/null &
        echo $! >"$directory/$1.pid"
    }
    start master master.Master --host 127.0.0.1 --port "$port" --webui-port 0
    for worker in 1 2; do
        start "worker-$worker" worker.Worker --host 127.0.0.1 --webui-port 0 --cores 1 --memory 2g "spark://127.0.0.1:$port"
    done
    for _ in $(seq 600); do
        [ "$(grep -c 'Registering worker' "$directory/master.log")" = 2 ] && { echo "spark://127.0.0.1:$port"; exit 0; }
        sleep 0.1
    done
    echo "the workers did not come up: see $directory/*.log" >&2
    exit 1
    ;;
stop)
    for pid in "$directory"/*.pid; do kill -- "-$(cat "$pid")" 2>/dev/null || kill "$(cat "$pid")" 2>/dev/null || true; done
    ;;
esac
