-- Sends the requests of the file $REQUESTS, each after a line with its length, in turn; $ONCE: each one once, then stops.
local requests, turn, once = {}, 0, os.getenv("ONCE")

function init()
   local file = assert(io.open(os.getenv("REQUESTS"), "rb"))
   local length = file:read("*n")
   while length do
      file:read(1)
      requests[#requests + 1] = file:read(length)
      length = file:read("*n")
   end
   file:close()
end

function request()
   turn = turn + 1
   if turn > #requests then
      if once then wrk.thread:stop() end
      turn = 1
   end
   return requests[turn]
end

function done(summary, latency)
   io.write(string.format('{"answers": %d, "seconds": %f, "median_ms": %f, "mean_ms": %f, "p99_ms": %f, "failed": %d}\n',
      summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency.mean / 1e3, latency:percentile(99) / 1e3,
      summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
