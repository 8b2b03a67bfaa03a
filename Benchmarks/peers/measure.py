"""Runs Footnote and its peers in turn and prints ratios of medians. Started by run.sh, which sets everything up."""
import argparse
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time

import passages

HERE = pathlib.Path(__file__).resolve().parent


class Worker:
    """A process that loads once, then runs its work for each line it is sent and answers with one JSON object."""

    def __init__(self, *command):
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"bench: a measured process ended early: {' '.join(self.process.args)}")
        return json.loads(line)

    def run(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.read()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def seconds_of(*command, **options):
    """Wall time of a whole process, and its standard output."""
    begin = time.perf_counter()
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **options)
    seconds = time.perf_counter() - begin
    if done.returncode != 0:
        sys.exit(f"bench: status {done.returncode} from: {' '.join(map(str, command))}")
    return seconds, done.stdout


def alternate(rounds, **sides):
    """Calls each side in turn, `rounds` times; the samples of each."""
    samples = {name: [] for name in sides}
    for number in range(rounds):
        for name, side in sides.items():
            samples[name].append(side())
            print(f"bench: round {number + 1}/{rounds}, {name}: {samples[name][-1]:.4g}", file=sys.stderr)
    return samples


class Bench:
    def __init__(self, options):
        self.options = options
        self.rows = []
        models = os.environ.get("FOOTNOTE_MODELS") or pathlib.Path(
            os.environ.get("XDG_DATA_HOME") or pathlib.Path.home() / ".local/share") / "footnote/models"
        self.embedding_model = pathlib.Path(models) / "all-MiniLM-L6-v2"
        self.language_model = next(pathlib.Path(models).rglob("SmolLM2-135M-Instruct.Q4_1.gguf"))

    def add(self, what, unit, ours, peer=None, peer_name=None, target=None, lower_is_better=False, **details):
        mine = statistics.median(ours)
        theirs = statistics.median(peer) if peer else None
        ratio = None
        if theirs:
            ratio = theirs / mine if lower_is_better else mine / theirs
        self.rows.append({
            "what": what, "unit": unit, "footnote": mine, "peer": theirs, "peer_name": peer_name, "ratio": ratio,
            "target": target, "samples": {"footnote": ours, "peer": peer}, **details})

    def embedding(self):
        o = self.options
        file = o.data / "passages.txt"
        if not file.exists():
            file.write_text("\n".join(passages.make(o.documents, self.embedding_model / "tokenizer.json", 512, 160)))
        onnx = [sys.executable, HERE / "onnx_embedding.py", self.embedding_model, file, o.data / "onnx", o.threads]
        workers = {
            "footnote": Worker(o.driver, "embed", file),
            "onnxruntime F32": Worker(*onnx, "f32"),
            "onnxruntime int8": Worker(*onnx, "int8"),
        }

        def throughput(worker):
            def run():
                result = worker.run()
                return result["passages"] / result["seconds"]
            return run

        samples = alternate(o.rounds, **{name: throughput(worker) for name, worker in workers.items()})
        for worker in workers.values():
            worker.close()
        for peer, target in [("onnxruntime F32", None), ("onnxruntime int8", "≥ 1.5×")]:
            self.add("embedding 512 passages of 160 tokens", "passages/s", samples["footnote"], samples[peer], peer,
                     target)

    def generation(self):
        o = self.options
        driver = Worker(o.driver, "generate", 512, 64)
        latest = {}

        def ours(kind):
            def run():
                if kind == "prefill":
                    latest.update(driver.run())
                return latest[f"{kind}_tokens"] / latest[f"{kind}_seconds"]
            return run

        def llama(kind):
            sizes = ["-p", 512, "-n", 0] if kind == "prefill" else ["-p", 0, "-n", 64]

            def run():
                _, output = seconds_of(o.llama_bench, "-m", self.language_model, "-t", o.threads, "-r", 1,
                                       "-o", "json", *sizes)
                return json.loads(output)[0]["avg_ts"]
            return run

        samples = alternate(o.rounds, **{"footnote prefill": ours("prefill"), "llama.cpp prefill": llama("prefill"),
                                         "footnote decode": ours("decode"), "llama.cpp decode": llama("decode")})
        driver.close()
        self.add("prefill 512 tokens, SmolLM2-135M Q4_1", "tokens/s", samples["footnote prefill"],
                 samples["llama.cpp prefill"], "llama.cpp", "≥ 5×")
        self.add("decode 64 tokens, SmolLM2-135M Q4_1", "tokens/s", samples["footnote decode"],
                 samples["llama.cpp decode"], "llama.cpp", "≥ 1.3×")

    def index(self):
        """The mixed folder, whole process from start to exit."""
        o = self.options
        folder = o.data / "index-run"
        details = {"chunks": 0, "peak_megabytes": 0, "embedding_share": 0}

        def ours():
            shutil.rmtree(folder, ignore_errors=True)
            begin = time.perf_counter()
            process = subprocess.Popen(
                list(map(str, [o.footnote, "index", o.mixed, "--db", folder / "base.sqlite", "--json"])),
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            report = json.load(process.stdout)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - begin
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode not in (0, 4):
                sys.exit(f"bench: status {process.returncode} from footnote index")
            details.update(chunks=report["chunks"], peak_megabytes=usage.ru_maxrss / 1024,
                           embedding_share=report["embedding_seconds"] / seconds)
            return seconds

        def peer(script):
            def run():
                shutil.rmtree(folder, ignore_errors=True)
                environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": str(o.threads)}
                seconds, output = seconds_of(sys.executable, HERE / script, o.mixed, self.embedding_model, folder,
                                             o.threads, o.chunk_tokens, env=environment)
                details[script.removesuffix("_index.py") + "_chunks"] = json.loads(output.splitlines()[-1])["chunks"]
                return seconds
            return run

        samples = alternate(o.index_rounds, footnote=ours, LlamaIndex=peer("llamaindex_index.py"),
                            txtai=peer("txtai_index.py"))
        shutil.rmtree(folder, ignore_errors=True)
        for name in ["LlamaIndex", "txtai"]:
            self.add("index a mixed folder, whole process", "s", samples["footnote"], samples[name], name, "≥ 3×",
                     lower_is_better=True, **details)

    def search(self):
        o = self.options
        base = o.data / "twenty-thousand.sqlite"
        if not base.exists():
            self.make_large_base(base)
        _, status = seconds_of(o.footnote, "status", "--db", base, "--json")
        queries = ["how does the write-ahead log work", "foreign key constraint failed", "virtual table module",
                   "date and time functions", "increase the page size"]
        count = iter(range(10 ** 9))

        def ours():
            query = queries[next(count) % len(queries)]
            return 1000 * seconds_of(o.footnote, "search", query, "--db", base, "--json")[0]

        ours()
        samples = alternate(max(o.rounds, 10), footnote=ours)
        self.add("open a knowledge base and answer `search`, whole process", "ms", samples["footnote"],
                 target="< 150 ms", lower_is_better=True, chunks=json.loads(status)["chunks"])

    def make_large_base(self, base):
        """Indexes documents until there are 20,000 chunks: the documentation, then copies of it whose
        paragraphs are dealt out anew, so that no passage stands beside its old neighbours."""
        import random

        from bs4 import BeautifulSoup
        o = self.options
        partial = base.with_name("partial.sqlite")
        for file in base.parent.glob(partial.name + "*"):
            file.unlink()
        seconds_of(o.footnote, "index", o.documents, "--db", partial)
        extra = o.data / "dealt"
        for number in range(20):
            _, status = seconds_of(o.footnote, "status", "--db", partial, "--json")
            if json.loads(status)["chunks"] >= 20_000:
                break
            texts = [BeautifulSoup(path.read_bytes(), "html.parser").get_text("\n\n")
                     for path in sorted(pathlib.Path(o.documents).rglob("*.html"))]
            sentences = [line.strip() for text in texts for line in text.split("\n\n") if len(line.strip()) > 60]
            random.Random(number).shuffle(sentences)
            folder = extra / str(number)
            folder.mkdir(parents=True, exist_ok=True)
            for start in range(0, min(len(sentences), 20_000), 100):
                (folder / f"{start:06}.txt").write_text("\n\n".join(sentences[start:start + 100]))
            seconds_of(o.footnote, "index", folder, "--db", partial)
        for file in base.parent.glob(partial.name + "*"):
            file.rename(file.with_name(file.name.replace(partial.name, base.name)))

    def report(self):
        print(f"{'what':62} {'footnote':>10} {'peer':>10} {'ratio':>7}  target")
        for row in self.rows:
            what = row["what"] + (f" (peer: {row['peer_name']})" if row["peer_name"] else "")
            peer = f"{row['peer']:10.1f}" if row["peer"] else " " * 10
            ratio = f"{row['ratio']:6.2f}×" if row["ratio"] else " " * 7
            print(f"{what[:62]:62} {row['footnote']:10.1f} {peer} {ratio}  {row['target'] or ''} [{row['unit']}]")


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if sys.platform == "linux" else []:
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--footnote", type=pathlib.Path, required=True)
    parser.add_argument("--driver", type=pathlib.Path, required=True)
    parser.add_argument("--llama-bench", type=pathlib.Path, required=True)
    parser.add_argument("--documents", type=pathlib.Path, required=True)
    parser.add_argument("--mixed", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--results", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--index-rounds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--chunk-tokens", type=int, default=200)
    parser.add_argument("measurements", nargs="*")
    options = parser.parse_args()
    known = ["embedding", "generation", "index", "search"]
    if unknown := set(options.measurements) - set(known):
        parser.error(f"unknown measurement {', '.join(unknown)}; there are {', '.join(known)}")
    # Every process started from here computes on this many cores.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:options.threads])
    bench = Bench(options)
    for name in options.measurements or known:
        getattr(bench, name)()
    bench.report()
    # A run of some measurements leaves the others' figures where they are.
    old = json.loads(options.results.read_text())["rows"] if options.results.exists() else []
    new = {(row["what"], row["peer_name"]) for row in bench.rows}
    rows = [row for row in old if (row["what"], row["peer_name"]) not in new] + bench.rows
    machine = {"processor": processor(), "cores": os.cpu_count(), "threads": options.threads}
    options.results.write_text(json.dumps({"machine": machine, "rows": rows}, indent=2, ensure_ascii=False) + "\n")


main()
