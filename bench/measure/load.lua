-- For wrk: asks for the paths of a file in turn, signed in, and tells the latencies as JSON.
local paths, at = {}, 0

function init(arguments)
   for path in io.lines(os.getenv("BENCH_PATHS")) do paths[#paths + 1] = path end
   wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN")
end

function request()
   at = at % #paths + 1
   return wrk.format("GET", paths[at])
end

function done(summary, latency)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   io.write(string.format(
      'JSON {"requests": %d, "failed": %d, "seconds": %.3f, "bytes": %d, "p50_ms": %.3f, "p99_ms": %.3f, "max_ms": %.3f}\n',
      summary.requests, failed, summary.duration / 1e6, summary.bytes,
      latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
