"""How long the report takes and how much memory, for a million messages: the first time, unchanged, with 1 % more.

    uv run python benchmarks/report.py [MESSAGES]

The floor is the same engine writing the same messages, ordered, as one CSV file. Bounds for 1,000,000 messages on two
cores: 60 s and 600 MB for the whole report, 300 kB for its first page with all that it loads but Vega's runtime, and 1 s until it answers.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

MEGABYTE = 1_000_000
_PEOPLE, _CHATS, _YEARS = 40, 12, 10


def make(database: Path, messages: int) -> None:
    """Write messages of some people in some chats, with words as frequent as words are."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SELECT setseed(0.42)")
        connection.execute("""
            CREATE TABLE words AS SELECT i, 'w' || md5(i::VARCHAR)[1:2 + (i % 7)::INTEGER] || (i % 97) AS word FROM range(20000) t(i)""")
        connection.execute(f"""
            CREATE TABLE invented AS
            WITH numbered AS (
                SELECT i, (pow(random(), 2.2) * {_CHATS})::INTEGER AS c, (pow(random(), 2) * {_PEOPLE})::INTEGER AS p,
                       TIMESTAMPTZ '2015-01-01' + to_seconds((i * {_YEARS * 365 * 86400 // 1000}::BIGINT * 1000 // {messages})::BIGINT) AS ts,
                       (3 + random() * 12)::INTEGER AS many
                FROM range({messages}) t(i)
            ),
            said AS (
                SELECT drawn.i, string_agg(word, ' ') AS text FROM (
                    SELECT numbered.i, (pow(random(), 5) * 20000)::INTEGER AS word_number
                    FROM numbered, range(15) r(k) WHERE k < many
                ) drawn JOIN words ON words.i = word_number GROUP BY drawn.i
            )
            SELECT md5(numbered.i::VARCHAR)::UUID AS event_id, 'default' AS tenant_id, 'whatsapp' AS source,
                   md5('c' || c)::UUID AS thread_id, numbered.i::VARCHAR AS msg_id, ts, 0::INTEGER AS seq, 'Person Number' || p AS author_raw,
                   md5('p' || p)::UUID AS author_uuid, text || CASE WHEN numbered.i % 9 = 0 THEN ' 😂' WHEN numbered.i % 40 = 0 THEN ' https://example.org/' || (numbered.i % 50) ELSE '' END AS text,
                   NULL::VARCHAR AS media_url, NULL::VARCHAR AS media_type,
                   ('{{"kind":"text","thread":"Chat Number' || c || '"' || CASE WHEN numbered.i % 10 = 0 AND numbered.i > 50 THEN ',"reply_to":"' || md5((numbered.i - 20)::VARCHAR)::UUID || '"' ELSE '' END || '}}')::JSON AS attrs,
                   NULL::JSON AS pii_flags, ts AS created_at, NULL::UUID AS created_by_run, 'UTC' AS timezone, timezone('UTC', ts) AS local_ts
            FROM numbered LEFT JOIN said USING (i) ORDER BY numbered.i""")


def publish(database: Path, directory: Path, messages: int) -> None:
    """Make the report of the first so many messages, in this process, and print what it took."""
    import ibis
    from egregora_core.plugin import Site
    from egregora_core.publication import publish_files
    from egregora_report.site import publish as files

    connection = duckdb.connect(str(database))
    connection.execute(
        "SET TimeZone = 'UTC'; SET memory_limit = '224MB'; SET threads = 2; SET preserve_insertion_order = true"
    )
    table = ibis.duckdb.from_connection(connection).sql(f"SELECT * FROM invented WHERE msg_id::BIGINT < {messages}")
    begun, worked = time.perf_counter(), time.process_time()
    result = publish_files(
        directory, files(iter([]), messages=table, site=Site()), publisher="report", made_by="benchmark"
    )
    took, worked = time.perf_counter() - begun, time.process_time() - worked
    # Not ru_maxrss: that of a process begins with what its parent had.
    (peak,) = (
        int(line.split()[1]) * 1024 / MEGABYTE
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmHWM")
    )
    print(
        f"{took:7.1f} s  {worked:6.1f} s of work  {peak:6.0f} MB peak  {result.files:6,} files, {len(result.written):6,} written"
    )


_TIMES = """async () => {
    const drawn = performance.now(), [seen] = performance.getEntriesByName("first-contentful-paint");
    document.querySelector(".chips button").click();
    while (document.documentElement.dataset.drawn !== "2") await new Promise(requestAnimationFrame);
    return [seen.startTime, drawn, performance.now() - drawn];
}"""


def opened(site: Path) -> str:
    """Say how long the first page takes in Chromium, from the disk: the best of three, each in milliseconds.

    Until something is seen, until all charts are drawn and all filters answer, and how long a filter then takes.
    """
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        return "not measured: there is no Chromium here"
    times = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for _ in range(3):
            page = browser.new_page()
            page.goto((site / "index.html").as_uri(), wait_until="commit")
            page.wait_for_function("() => document.documentElement.dataset.drawn === '1'")
            times.append(page.evaluate(_TIMES))
            page.close()
        browser.close()
    seen, drawn, filtered = map(min, zip(*times, strict=True))
    return f"seen after {seen:,.0f} ms, all charts drawn after {drawn:,.0f} ms, filtered in {filtered:,.0f} ms"


def main(messages: int) -> None:
    """Measure each case in a process of its own."""
    work = Path(tempfile.mkdtemp(prefix="egregora-bench-"))
    try:
        database, site = work / "m.duckdb", work / "report"
        make(database, messages + messages // 100)
        with duckdb.connect(str(database)) as connection:
            begun = time.perf_counter()
            connection.execute(f"COPY (SELECT * FROM invented ORDER BY thread_id, ts) TO '{work / 'floor.csv'}'")
            print(
                f"floor, the messages as CSV: {time.perf_counter() - begun:.1f} s, {(work / 'floor.csv').stat().st_size / MEGABYTE:.0f} MB"
            )
        for what, many in (("first time", messages), ("unchanged", messages), ("1 % more", messages + messages // 100)):
            print(f"{what:<12}", end="", flush=True)
            subprocess.run([sys.executable, __file__, "--publish", str(database), str(site), str(many)], check=True)
        first = [
            "index.html",
            "data.js",
            "assets/style.css",
            "assets/page.js",
            "assets/overview.js",
            "assets/charts.js",
        ]
        sizes = {name: (site / name).stat().st_size for name in first}
        print(
            f"first page: {sizes['index.html'] / 1000:.0f} kB, with all it loads {sum(sizes.values()) / 1000:.0f} kB, and Vega's runtime {(site / 'assets/vega.js').stat().st_size / 1000:.0f} kB"
        )
        print(
            f"on the disk: {sum(each.stat().st_size for each in site.rglob('*') if each.is_file()) / MEGABYTE:,.0f} MB"
        )
        print(f"first page in Chromium, from the disk: {opened(site)}")
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--publish"]:
        publish(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
